//! Machines with what the task list does not have.

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

/// Lists the events that bring a new task to `STARTED`.
pub fn until_started() -> [TaskEvent; 4] {
    [created(), assigned("ann"), scheduled(), TaskEvent::Started]
}

/// Order with fields that are optional in Rust and required by a rule, an auto transition with a required
/// field, a name that SQL has reserved, and a payload in a struct.
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
    // `Paid` may lack the receipt; that such an append is refused is tested.
    #[event(follows = Paid, auto_transition, requires(receipt), terminal, allow(auto_requires))]
    Closed { receipt: Option<String> },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    pub total: Option<i64>,
    pub note: Option<String>,
}

/// Light, as it was deployed first, and its later versions.
pub mod light {
    /// Light as it was first deployed.
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

    /// Light reordered, with a new event type between the old ones.
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

    /// Light with the first event types and another state after one of them.
    pub mod other_rules {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
        #[machine(entity = "light")]
        pub enum LightEvent {
            Wired,
            #[event(follows = Wired)]
            Lit,
            #[event(follows = Lit, accumulate = alias(Wired))]
            PutOut,
        }
    }

    /// Light with a new event type after the old ones, whose bits are where they were.
    pub mod longer {
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
            #[event(follows = Lit, accumulate = union())]
            Dimmed,
        }
    }
}

/// Entity with the longest name there can be, before and after a field stopped being required.
pub mod long {
    pub mod before {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Debug, Serialize, Deserialize, Event)]
        #[machine(entity = "an_entity_of_thirty_two_letters_")]
        pub enum LongEvent {
            #[event(requires(a_field_with_a_rather_long_name, another), terminal)]
            Made {
                a_field_with_a_rather_long_name: Option<u8>,
                another: Option<u8>,
            },
        }
    }

    pub mod after {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Debug, Serialize, Deserialize, Event)]
        #[machine(entity = "an_entity_of_thirty_two_letters_")]
        pub enum LongEvent {
            #[event(requires(another), terminal)]
            Made {
                a_field_with_a_rather_long_name: Option<u8>,
                another: Option<u8>,
            },
        }
    }
}
