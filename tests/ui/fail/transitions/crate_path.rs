//! A path where the toolkit is not.
use eventsource_core::{Event, transitions};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(dead_end))]
pub enum TaskEvent {
    Created,
}

transitions!(crate = no_core, TaskEvent: Created);
transitions!(crate = crate::toolkit, TaskEvent: Created);

fn main() {}
