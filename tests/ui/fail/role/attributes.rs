//! Attributes of roles that cannot be read.
use eventsource_core::Role;

#[derive(Clone, Copy, Debug, Role)]
#[role(rename_all = "Snake", names)]
pub enum Party {
    #[role]
    Clerk,
    #[role(rename)]
    Manager,
    #[role(rename = "a b")]
    Customer,
    #[role(name = "OWNER")]
    Owner,
}

fn main() {}
