//! An event that changes nothing and carries nothing.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created, accumulate = alias(Created))]
    Seen,
    #[event(follows = Created, terminal)]
    Ended,
}

fn main() {}
