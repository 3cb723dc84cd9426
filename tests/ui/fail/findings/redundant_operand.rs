//! An operand that could be left out.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", warn(redundant_operand))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created, accumulate = union())]
    Assigned { assignee: String },
    #[event(follows = Created & Assigned, terminal)]
    Ended,
}

fn main() {}
