//! Values that `roles` does not take.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles)]
pub enum Alone {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = "Party")]
pub enum Text {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles(Clerk, Manager))]
pub enum List {
    Created,
}

fn main() {}
