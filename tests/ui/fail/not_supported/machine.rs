//! Keys that are to come.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = ulid("tsk_"), roles = Role)]
pub enum TaskEvent {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter("TSK-", width = 10))]
pub enum Counted {
    Created,
}

fn main() {}
