//! Nine mistakes in the rules give nine messages in one run.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "task", never(Assigned & Closed))]
pub enum TaskEvent {
    Created {
        description: Option<String>,
    },
    // An initial event that nothing remembers.
    #[event(accumulate = keep())]
    Noted,
    #[event(follows = Created & !Assigned, accumulate = union())]
    Assigned {
        assignee: String,
    },
    // Contradicts itself.
    #[event(follows = Assigned & !Assigned)]
    Unassigned,
    // Nothing leads to `Unassigned`.
    #[event(follows = Unassigned)]
    Forgotten,
    // Leads to a state of its own, from which nothing leads on.
    #[event(follows = Created, restarting)]
    Revised,
    // Something may follow.
    #[event(follows = Assigned, accumulate = union(), terminal)]
    Closed,
    // Competes with `Closed`, and needs what `Assigned` does not supply.
    #[event(follows = Assigned & !Closed, auto_transition)]
    Started {
        started_by: String,
    },
    #[event(follows = Started, terminal)]
    Ended,
}

/// The rules work all the same, so no errors follow from these.
pub fn uses(event: &TaskEvent) -> bool {
    let event_type = eventsource_core::Event::event_type(event);
    event_type == TaskEventType::Created && "ENDED".parse() == Ok(TaskEventType::Ended)
}

fn main() {}
