//! Names that cannot be stored, or are stored already.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(rename = "")]
    Empty,
    #[event(rename = "has space")]
    Space,
    #[event(rename = "line\nbreak")]
    Break,
    #[event(rename = NAME)]
    Bare,
    Gelöscht,
    Done,
    #[event(rename = "DONE")]
    Finished,
    DONE,
}

fn main() {}
