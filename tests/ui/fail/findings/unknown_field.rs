//! `requires(..)` names a field that the payload does not have.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created, requires(asignee), terminal)]
    Assigned { assignee: Option<String> },
}

fn main() {}
