//! Events and fragments that are in a union twice.
use eventsource_core::{Event, event_fragment, event_union};
use serde::{Deserialize, Serialize};

event_fragment! {
    basic_task {
        Created,
        #[event(follows = Created)]
        Started,
    }
}

mod parts {
    eventsource_core::event_fragment! {
        pub(crate) revision {
            #[event(follows = Created)]
            Revised,
            Created,
        }
    }
}

event_union! {
    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "task", allow(dead_end))]
    pub enum TaskEvent {
        #[event(follows = Created)]
        Revised,
        ..basic_task,
        ..parts::revision,
        ..basic_task,
        Started,
        Started,
    }
}

fn main() {}
