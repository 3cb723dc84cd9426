//! A macro that is not a fragment, and a fragment that is used as a macro.
use eventsource_core::{Event, event_fragment, event_union};
use serde::{Deserialize, Serialize};

event_fragment! {
    basic_task {
        Created,
    }
}

macro_rules! other {
    () => {};
}

event_union! {
    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "task")]
    pub enum TaskEvent {
        ..basic_task,
        ..other,
    }
}

basic_task! {}

fn main() {}
