//! Syntax errors in fragments and unions.
use eventsource_core::{event_fragment, event_union};

event_fragment! {}
event_fragment! { pub }
event_fragment! { enum Task { Created } }
event_fragment! { task: Created }
event_fragment! { empty {} }
event_fragment! { after { Created } , }

event_fragment! {
    basic_task {
        Created Assigned,
        "Scheduled",
        #[event(follows = Created)],
        Started { by String },
        , Canceled,
        ..,
        ..basic_task!,
        ..7,
        #[doc = ""] ..basic_task,
        Priced { price: $price },
        Ended,
    }
}

event_union! {}
event_union! { pub struct Task { Created } }
event_union! { enum }
event_union! { enum Task; }
event_union! { enum After { Created } enum Other { Created } }

event_union! {
    #[derive(Clone)]
    enum Task {
        Created Assigned,
        ...basic_task,
        Ended,
    }
}

fn main() {
    let _ = Task::Ended;
}
