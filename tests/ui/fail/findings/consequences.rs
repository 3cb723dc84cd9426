//! Consequences of an event that can never happen, and events that wait for each other.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(dead_end))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created)]
    Assigned,
    #[event(follows = Created)]
    Scheduled,
    #[event(follows = Assigned & Scheduled)]
    Started,
    #[event(follows = Started)]
    Completed,
    #[event(follows = Completed)]
    Ended,
    #[event(follows = Resumed)]
    Paused,
    #[event(follows = Paused)]
    Resumed,
    #[event(follows = Repeated)]
    Repeated,
}

fn main() {}
