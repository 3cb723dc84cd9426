//! A fragment that is not there.
use eventsource_core::{Event, event_fragment, event_union};
use serde::{Deserialize, Serialize};

event_fragment! {
    basic_task {
        Created,
    }
}

event_union! {
    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "task")]
    pub enum TaskEvent {
        ..basic_tusk,
        Started,
    }
}

fn main() {
    let _ = TaskEvent::Started;
}
