//! Required fields that the payload struct does not have: rustc says so.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    pub assignee: Option<String>,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(requires(assignee, asignee), terminal)]
    Assigned(Assignment),
}

fn main() {}
