//! Not an enum.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub struct Created {
    note: String,
}

fn main() {}
