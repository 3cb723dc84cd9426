//! serde attributes that leave the stored form unchanged are allowed.
#![deny(warnings)]

use eventsource_core::{Event, EventType};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
#[serde(deny_unknown_fields)]
#[repr(u8)]
pub enum TaskEvent {
    Created {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        #[serde(default)]
        priority: u8,
    },
    #[deprecated]
    #[event(follows = Created, terminal)]
    /// Documented by its author.
    Ended = 40,
}

fn main() {
    // A field with a default need not be given.
    assert!(TaskEventType::Created.requires().next().is_none());
}
