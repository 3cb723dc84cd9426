//! An auto transition is legal in the empty state, where nothing triggers it.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(auto_transition)]
    Created,
    #[event(follows = Created, terminal)]
    Ended,
}

fn main() {}
