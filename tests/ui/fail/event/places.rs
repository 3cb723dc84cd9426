//! Attributes in the wrong place.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
#[event(follows = Created)]
pub enum TaskEvent {
    #[machine(entity = "task")]
    Created {
        #[event(requires(note))]
        note: Option<String>,
    },
}

fn main() {}
