//! The task of the design: words and operators make the same machine.
#![deny(warnings, clippy::pedantic)]

use chrono::{DateTime, Utc};
use eventsource_core::{Event, EventType};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created {
        description: Option<String>,
    },
    #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union(), requires(assignee))]
    Assigned {
        assignee: String,
    },
    #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union(), requires(deadline))]
    Scheduled {
        deadline: DateTime<Utc>,
    },
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    #[event(follows = Started, accumulate = keep(), requires(assignee))]
    Reassigned {
        assignee: String,
    },
    #[event(follows = Started, accumulate = keep(), requires(deadline))]
    Rescheduled {
        deadline: DateTime<Utc>,
    },
    #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
    Revised,
    #[event(follows = Started, terminal)]
    Canceled,
    #[event(follows = Started)]
    Completed,
    #[event(follows = Completed, auto_transition, terminal)]
    Ended,
}

mod operators {
    use chrono::{DateTime, Utc};
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "task", id = uuid)]
    #[machine(rename_all = "SCREAMING_SNAKE_CASE", max_states = 100)]
    pub enum TaskEvent {
        Created {
            description: Option<String>,
        },
        #[event(follows = Created & !Assigned, accumulate = union)]
        Assigned {
            assignee: String,
        },
        #[event(follows = Created & !(Scheduled), accumulate = compose(keep, union))]
        Scheduled {
            deadline: DateTime<Utc>,
        },
        #[event(follows = event(Assigned) & Scheduled)]
        Started,
        #[event(follows = Started, accumulate = keep)]
        #[event(requires(assignee,))]
        Reassigned {
            assignee: Option<String>,
        },
        #[event(follows = Started, accumulate = compose(keep))]
        Rescheduled {
            deadline: DateTime<Utc>,
        },
        #[event(follows = Created | Started, accumulate = alias(Created), restarting)]
        Revised,
        #[event(follows = Started, terminal)]
        Canceled,
        #[event(follows = Started, accumulate = current)]
        Completed,
        #[event(follows = Completed, auto_transition, terminal,)]
        Ended,
    }
}

fn main() {
    let (words, signs) = (TaskEvent::MACHINE, operators::TaskEvent::MACHINE);
    assert_eq!(words.fingerprint(), signs.fingerprint(), "{words:?}\n{signs:?}");
    assert_eq!(TaskEventType::Created.to_string(), "CREATED");
    assert_eq!(format!("{:>8}|{:<8}|", TaskEventType::Ended, TaskEventType::Ended), "   ENDED|ENDED   |");
    assert_eq!("ENDED".parse(), Ok(TaskEventType::Ended));
    assert!("Ended".parse::<TaskEventType>().is_err());
    assert!(TaskEventType::Canceled < TaskEventType::Created);
    assert_eq!(TaskEvent::Started.event_type(), TaskEventType::Started);
    let required: Vec<_> = TaskEventType::Assigned.requires().collect();
    assert_eq!(required, ["assignee"]);
    // The table made at compile time is the one that its own rules compile to at run time.
    let again = eventsource_core::model::Machine::compile(&words.to_spec()).unwrap();
    assert_eq!(&again, words);
}
