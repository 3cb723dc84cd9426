//! Required fields that the variant does not have.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(requires(asignee, deadline))]
    Created { assignee: Option<String>, note: Option<String> },
    #[event(requires(assignee))]
    Unit,
    #[event(requires(assignee))]
    NoFields {},
    #[event(requires(note, note))]
    Twice { note: Option<String> },
    #[event(requires())]
    Empty { note: Option<String> },
    #[event(requires("note", self::note, note.text, 7))]
    NotNames { note: Option<String> },
}

fn main() {}
