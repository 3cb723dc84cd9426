//! Readers that the enum of roles does not have: rustc finds them, on the word.
use eventsource_core::{Event, Role};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Role)]
pub enum Party {
    Clerk,
    Manager,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party, read_by(Clerc))]
pub enum TaskEvent {
    #[event(read_by(Manger), terminal)]
    Created,
}

fn main() {}
