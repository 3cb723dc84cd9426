//! An auto transition competes with another legal event.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created)]
    Completed,
    #[event(follows = Completed, auto_transition, terminal)]
    Ended,
    #[event(follows = Completed, terminal)]
    Rejected,
}

fn main() {}
