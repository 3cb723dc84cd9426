//! Syntax errors in paths, each on its own token.
use eventsource_core::{Event, transitions};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(dead_end))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created)]
    Assigned { assignee: String },
}

transitions!();
transitions!(TaskEvent);
transitions!(TaskEvent:);
transitions!(TaskEvent:;);
transitions!(TaskEvent -> Created);
transitions!("TaskEvent": Created);
transitions!(: Created);
transitions!(TaskEvent::Created -> Assigned);
transitions!(my:: : Created);
transitions!(crate = "eventsource_core", TaskEvent: Created);
transitions!(crate = eventsource_core TaskEvent: Created);
transitions!(crate = , TaskEvent: Created);

transitions!(TaskEvent:
    Created ->;
    Created -> -> Assigned;
    -> Created;
    => {Created};
    Created, Assigned;
    Created > Assigned -> Assigned;
    Created --> Assigned;
    Created -> "Assigned";
    Created -> TaskEvent::Assigned;
    Created -> Assigned { assignee: "Joe" } -> Assigned(1);
    Created -> {Assigned};
    Created => Assigned;
    Created =>;
    Created -/->;
    Created -> 7 -> _ -> crate;
    Created -> from {Created} -> Assigned;
    from {Created};
    from {Created, Created,, 7} -> Assigned;
    from {Created Assigned};
    from Created;
    Created -> (Assigned);
);

// What is in between could not be read, so what follows is not checked.
transitions!(TaskEvent: Created -> 7 -> Created);

// One mistake does not hide the next, and names are looked up all the same.
transitions!(TaskEvent: Created => 7 -> Asigned ->);

fn main() {}
