//! An auto transition requires a field that the event before it does not supply.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created { title: String },
    #[event(follows = Created, auto_transition, terminal)]
    Assigned { assignee: String },
}

fn main() {}
