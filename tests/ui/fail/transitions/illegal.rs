//! A step that the rules forbid, each on its own token.
use eventsource_core::{Event, transitions};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", rename_all = "kebab-case", allow(dead_end))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created & !Assigned, accumulate = union())]
    Assigned { assignee: String },
    #[event(follows = Created & !Scheduled, accumulate = union())]
    Scheduled,
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    #[event(follows = any_of(Started, Assigned & Scheduled))]
    Canceled,
    #[event(follows = Started)]
    Completed,
    #[event(follows = Completed, auto_transition, terminal)]
    Ended,
}

transitions!(TaskEvent: Started);
transitions!(TaskEvent: Created -> Assigned -> Started -> Completed);
transitions!(TaskEvent: Created -> Assigned -> Assigned);
transitions!(TaskEvent: Created -> Created);
transitions!(TaskEvent: Created -> Assigned -> Canceled);
transitions!(TaskEvent: from {Ended} -> Created);

// What the path says of itself.
transitions!(TaskEvent: Created -> Assigned => {Created});
transitions!(TaskEvent: Created -/-> Assigned);
transitions!(TaskEvent: -/-> Created);

// An auto transition is due.
transitions!(TaskEvent: from {Started} -> Completed -> Completed);

// Each path is checked on its own.
transitions!(TaskEvent:
    Created -> Started;
    Created -> Assigned;
    Created -> Completed;
);

fn main() {
    transitions!(TaskEvent: Created -> Ended);
}
