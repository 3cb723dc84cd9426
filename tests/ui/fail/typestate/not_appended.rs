//! What a handle has collected must not be forgotten.
#![deny(unused_must_use)]
use eventsource_core::{EntityId, Event};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "task", typestate)]
pub enum TaskEvent {
    Created,
}

fn main() {
    TaskHandle::new(EntityId::new()).created();
}
