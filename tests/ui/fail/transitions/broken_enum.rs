//! An enum with errors accepts every path: only its own errors are reported.
use eventsource_core::{Event, transitions};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Craeted)]
    Assigned,
}

transitions!(TaskEvent: Created -> Assigned -> Assigned => {Created} -/-> Created);
transitions!(TaskEvent: from {Assigned} -> Created => {});

fn main() {}
