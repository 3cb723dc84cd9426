//! Items that are not enums of roles.
use eventsource_core::Role;

#[derive(Clone, Copy, Debug, Role)]
pub struct Struct;

#[derive(Clone, Copy, Debug, Role)]
pub enum Nobody {}

#[derive(Clone, Copy, Debug, Role)]
pub enum Fields {
    Clerk { desk: u8 },
    Manager(u8),
    Customer,
}

#[derive(Clone, Copy, Debug, Role)]
pub enum Generic<T> {
    Clerk,
    Manager(T),
}

#[derive(Clone, Copy, Debug, Role)]
pub enum Alike {
    Clerk,
    CLERK,
    #[role(rename = "CLERK")]
    Other,
}

/// Uses the roles without a further error.
pub fn uses(role: Alike) -> String {
    format!("{role} {}", role.name())
}

fn main() {}
