//! Types that are not enums of roles.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug)]
pub enum Party {
    Clerk,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party)]
pub enum NoRoles {
    #[event(by(Clerk))]
    Created,
    #[event(follows = Created, by(Clerk), terminal)]
    Ended,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party)]
pub enum NoRolesEither {
    #[event(terminal)]
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = nowhere::Party)]
pub enum Elsewhere {
    #[event(terminal)]
    Created,
}

fn main() {}
