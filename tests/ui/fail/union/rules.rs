//! Rules are checked on the whole union; errors are shown where the rule is written.
use eventsource_core::{Event, event_fragment, event_union};
use serde::{Deserialize, Serialize};

event_fragment! {
    basic_task {
        Created,
        #[event(follows = Craeted, requires(assignee))]
        Assigned,
        #[event(follows = Assigned)]
        Started,
    }
}

event_union! {
    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "task")]
    pub enum TaskEvent {
        ..basic_task,
        #[event(follows = Startet)]
        Reviewed,
    }
}

fn main() {
    let _ = TaskEvent::Started;
}
