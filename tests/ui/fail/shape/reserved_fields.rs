//! Names that every event has already, and that a payload would hide or be hidden by.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "document")]
pub enum DocumentEvent {
    Written { id: String, version: u32 },
    #[event(follows = Written)]
    Linked { document_id: String, r#clock: u8 },
    #[event(follows = Written)]
    Sent { id_: String, line_1: String, line1: String },
}

fn main() {}
