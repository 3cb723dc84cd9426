//! An enum of roles must be `Copy`.
use eventsource_core::Role;

#[derive(Debug, Role)]
pub enum Party {
    Clerk,
}

fn main() {}
