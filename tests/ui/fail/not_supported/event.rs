//! Keys that are not supported yet.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(status = "new", next = "assign", sets(open), gate(paid))]
    Created,
    #[event(follows = Created, corrects, other, renamed_from("DONE"))]
    Ended,
}

fn main() {}
