//! Machines for what the task list does not show.

use chrono::{DateTime, TimeZone, Utc};
use eventsource_core::Event;
use serde::{Deserialize, Serialize};
use tasks::TaskEvent;

pub fn deadline() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 4, 21, 9, 30, 0).unwrap()
}

pub fn created() -> TaskEvent {
    TaskEvent::Created {
        description: Some("write it down".to_owned()),
    }
}

pub fn assigned(assignee: &str) -> TaskEvent {
    TaskEvent::Assigned {
        assignee: assignee.to_owned(),
    }
}

pub fn reassigned(assignee: &str) -> TaskEvent {
    TaskEvent::Reassigned {
        assignee: assignee.to_owned(),
    }
}

pub fn scheduled() -> TaskEvent {
    TaskEvent::Scheduled {
        deadline: deadline(),
    }
}

/// What brings a new task to `STARTED`.
pub fn until_started() -> [TaskEvent; 4] {
    [created(), assigned("ann"), scheduled(), TaskEvent::Started]
}

/// Fields that are optional in Rust and required by a rule; an auto transition with a required
/// field; an entity whose name SQL has reserved; a payload in a struct of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "order")]
pub enum OrderEvent {
    #[event(requires(total))]
    Placed(Placed),
    #[event(follows = Placed)]
    Paid {
        receipt: Option<String>,
        method: Option<String>,
    },
    #[event(follows = Paid, auto_transition, requires(receipt), terminal)]
    Closed { receipt: Option<String> },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    pub total: Option<i64>,
    pub note: Option<String>,
}

/// The life of one entity, told three ways.
pub mod light {
    /// As it was first deployed.
    pub mod first {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
        #[machine(entity = "light")]
        pub enum LightEvent {
            Wired,
            #[event(follows = Wired & !Lit, accumulate = union())]
            Lit,
            #[event(follows = Lit, accumulate = difference(Lit))]
            PutOut,
        }
    }

    /// Reordered, with a new event type between the old ones.
    pub mod second {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
        #[machine(entity = "light")]
        pub enum LightEvent {
            #[event(follows = Lit | Dimmed, accumulate = difference(Lit, Dimmed))]
            PutOut,
            #[event(follows = Lit, accumulate = union())]
            Dimmed,
            Wired,
            #[event(follows = Wired & !Lit, accumulate = union())]
            Lit,
        }
    }

    /// Without an event type that is stored.
    pub mod third {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
        #[machine(entity = "light")]
        pub enum LightEvent {
            Wired,
            #[event(follows = Wired)]
            Removed,
        }
    }
}
