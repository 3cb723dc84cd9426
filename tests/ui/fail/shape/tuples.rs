//! Payloads without names.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created(String, u8),
    #[event(follows = Created)]
    Assigned(),
}

fn main() {}
