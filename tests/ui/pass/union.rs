//! Unions give the same machine as enums that are written in full.
#![deny(warnings, clippy::pedantic)]

use eventsource_core::{Event, EventType, event_fragment, event_union, transitions};
use serde::{Deserialize, Serialize};

event_fragment! {
    /// Events that every task has.
    pub(crate) basic_task {
        /// Somebody has work to do.
        Created { description: Option<String> },
        #[event(follows = Created & !Assigned, accumulate = union())]
        Assigned { assignee: String },
        #[event(follows = all_of(Assigned))]
        Started,
    }
}

mod parts {
    eventsource_core::event_fragment! {
        pub(crate) revision {
            #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
            Revised { why: Why },
            #[event(follows = Reviewed)]
            Closed,
        }
    }

    // A fragment of fragments. What it names is looked for where the union is.
    eventsource_core::event_fragment! {
        pub(super) everything {
            ..crate::basic_task,
            #[event(follows = Started)]
            Reviewed { by: String },
            ..parts::revision,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Why {
    text: String,
}

event_union! {
    /// The extended task.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "task", allow(dead_end))]
    pub enum TaskEvent {
        ..basic_task,
        // Its rule names a fragment's event, and a fragment's rule names it.
        #[event(follows = Started)]
        Reviewed { by: String },
        ..crate::parts::revision
    }
}

mod by_hand {
    #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
    #[machine(entity = "task", allow(dead_end))]
    pub enum TaskEvent {
        Created { description: Option<String> },
        #[event(follows = Created & !Assigned, accumulate = union())]
        Assigned { assignee: String },
        #[event(follows = all_of(Assigned))]
        Started,
        #[event(follows = Started)]
        Reviewed { by: String },
        #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
        Revised { why: super::Why },
        #[event(follows = Reviewed)]
        Closed,
    }
}

mod nested {
    use super::{Why, parts};

    eventsource_core::event_union! {
        #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
        #[machine(entity = "task", allow(dead_end))]
        pub enum TaskEvent { ..parts::everything }
    }
}

mod alone {
    eventsource_core::event_union! {
        #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
        #[machine(entity = "task", allow(dead_end))]
        pub enum BasicTaskEvent { ..super::basic_task }
    }
}

mod of_another_crate {
    use eventsource_ui_tests::holding as hold;

    eventsource_core::event_union! {
        #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
        #[machine(entity = "order", allow(dead_end))]
        pub enum OrderEvent {
            Placed,
            ..hold,
            ..eventsource_ui_tests::deep::holding,
        }
    }
}

mod renamed {
    extern crate eventsource_core as my_core;

    my_core::event_fragment! { one { Lit } }
    my_core::event_union! {
        #[derive(serde::Serialize, serde::Deserialize, my_core::Event)]
        #[machine(entity = "light", crate = "my_core", allow(dead_end))]
        pub enum Light { ..one }
    }
}

mod shadow {
    #![no_implicit_prelude]
    #![allow(dead_code)]

    mod core {}
    mod eventsource_core {}

    ::eventsource_core::event_fragment! { one { r#type, #[event(follows = type)] PutOut } }
    ::eventsource_core::event_union! {
        #[derive(::serde::Serialize, ::serde::Deserialize, ::eventsource_core::Event)]
        #[machine(entity = "light", allow(dead_end))]
        #[allow(non_camel_case_types)]
        pub enum Light { ..one }
    }
}

transitions!(TaskEvent: Created -> Assigned -> Started -> Reviewed -> Closed);
transitions!(alone::BasicTaskEvent: Created -> Assigned -> Started);
transitions!(of_another_crate::OrderEvent: Placed -> Held -> Released => {Placed} -> Kept);
transitions!(shadow::Light: type -> PutOut);

fn main() {
    assert_eq!(TaskEvent::MACHINE, by_hand::TaskEvent::MACHINE);
    assert_eq!(TaskEvent::MACHINE, nested::TaskEvent::MACHINE);
    assert_eq!(alone::BasicTaskEvent::MACHINE.len(), 3);
    assert_eq!(renamed::Light::MACHINE.len(), 1);
    let order: Vec<_> = TaskEventType::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(order, ["CREATED", "ASSIGNED", "STARTED", "REVIEWED", "REVISED", "CLOSED"]);
    let revised = TaskEvent::Revised { why: Why { text: "new facts".to_owned() } };
    assert_eq!(revised.event_type(), TaskEventType::Revised);
    let held = eventsource_ui_tests::Reason { text: "no stock".to_owned() };
    let held = of_another_crate::OrderEvent::Held { reason: held };
    assert_eq!(held.event_type().requires().collect::<Vec<_>>(), ["reason"]);

    event_fragment! {
        inside {
            Lit,
            #[event(follows = Lit)]
            PutOut,
        }
    }
    event_union! {
        #[derive(Serialize, Deserialize, Event)]
        #[machine(entity = "light", allow(dead_end))]
        enum Light { ..inside }
    }
    transitions!(Light: Lit -> PutOut);
    assert_eq!(Light::Lit.event_type(), LightType::Lit);
    assert_eq!(Light::PutOut.event_type(), LightType::PutOut);
}
