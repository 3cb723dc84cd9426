//! An event that a formula asks for is never, or always, in the state there.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created)]
    Assigned { assignee: String },
    #[event(follows = Assigned | Started, terminal)]
    Ended,
    #[event(follows = Assigned, accumulate = alias(Assigned))]
    Started { started_by: String },
}

fn main() {}
