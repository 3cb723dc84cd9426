//! A restarting event is legal in the empty state only.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(restarting)]
    Created,
    #[event(follows = Created, terminal)]
    Ended,
}

fn main() {}
