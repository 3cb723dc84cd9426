//! An enum with errors agrees with every path: only its own errors are told.
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
