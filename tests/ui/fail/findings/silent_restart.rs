//! An event returns to an initial state and is not marked `restarting`.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", warn(silent_restart))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created)]
    Started,
    #[event(follows = Started, accumulate = alias(Created))]
    Reset,
    #[event(follows = Started, terminal)]
    Ended,
}

fn main() {}
