//! A restarting event does not lead to an initial state.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created, restarting)]
    Revised,
    #[event(follows = Created | Revised, terminal)]
    Ended,
}

fn main() {}
