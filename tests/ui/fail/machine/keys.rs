//! Keys that the enum does not take.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entitty = "task", rename = "x")]
pub enum Misspelled {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", entity = "job", max_states = 1)]
#[machine(max_states = 2)]
pub enum Twice {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", follows = Created, terminal)]
pub enum OfEvents {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(, entity = "task" crate, 7, "x", id)]
pub enum Odd {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine()]
pub enum Empty {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine]
pub enum Bare {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine = "task"]
pub enum Assigned {
    Created,
}

fn main() {}
