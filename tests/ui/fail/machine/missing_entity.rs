//! The entity has no name.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
pub enum TaskEvent {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(rename_all = "snake_case")]
pub enum PurchaseOrderEvents {
    Placed,
}

fn main() {}
