//! A role that the enum of roles does not have: rustc finds it, on the word.
use eventsource_core::{Event, Role};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Role)]
pub enum Party {
    Clerk,
    Manager,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party)]
pub enum TaskEvent {
    #[event(by(Manger))]
    Created,
    #[event(follows = Created, by(Clerk, Customer), terminal)]
    Ended,
}

fn main() {}
