//! Roles are passed around.
use eventsource_core::Role;

#[derive(Debug, Role)]
pub enum Party {
    Clerk,
}

fn main() {}
