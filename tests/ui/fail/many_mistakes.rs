//! Eleven mistakes, eleven messages, one run.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "Task", roles)]
pub enum TaskEvent {
    Created {
        description: Option<String>,
    },
    #[event(follows = all_of(Created, but_not(Asigned)), acumulate = union(), requires(asignee))]
    Assigned {
        assignee: String,
    },
    #[event(follows = Created && !Scheduled, accumulate = unoin(), requires(deadline))]
    Scheduled {
        deadline: String,
    },
    #[event(follows = "Assigned", restarting = true)]
    Started,
    #[event(follows = any_of(), accumulate = alias(Crated), terminal)]
    Ended,
}

/// The enum can be used all the same: no errors follow from the others.
pub fn uses(event: &TaskEvent) -> bool {
    let event_type = eventsource_core::Event::event_type(event);
    event_type == TaskEventType::Created && "ENDED".parse() == Ok(TaskEventType::Ended)
}

fn main() {}
