//! The formula of an event holds in no reachable state.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created)]
    Assigned,
    #[event(follows = Assigned, terminal)]
    Ended,
    #[event(follows = Created & Assigned, terminal)]
    Started,
}

fn main() {}
