//! Two events that differ in nothing but the name.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", warn(equivalent_events))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created, accumulate = keep())]
    Noted { text: String },
    #[event(follows = Created, accumulate = keep())]
    Commented { text: String },
}

fn main() {}
