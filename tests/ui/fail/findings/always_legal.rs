//! The formula of an event holds in every reachable state, or in the empty one by oversight.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = !Ended, accumulate = union())]
    Noted { text: String },
    #[event(follows = non_terminal, terminal)]
    Ended,
}

fn main() {}
