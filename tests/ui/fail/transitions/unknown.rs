//! Names that are not there are found by the compiler, on the token.
use eventsource_core::{Event, transitions};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(dead_end))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created)]
    Assigned,
}

pub enum NotAnEvent {
    Created,
}

transitions!(TaskEvent: Created -> Asigned);
transitions!(TaskEvent: from {Craeted} -/-> Assigned => {Created, Asigned});
transitions!(NoEvent: Created -> Assigned);
transitions!(NotAnEvent: Created);

fn main() {}
