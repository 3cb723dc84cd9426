//! Keys with a value too many or too few.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(restarting = true, auto_transition(yes), terminal = )]
    Created,
    #[event(follows)]
    WithoutValue,
    #[event(follows = )]
    Unfinished,
    #[event(follows(Created))]
    Parenthesized,
    #[event(accumulate, requires)]
    Several,
    #[event(follows = Created restarting)]
    WithoutComma,
    #[event(requires = note)]
    Assigned { note: Option<String> },
    #[event(rename)]
    Renamed,
}

fn main() {}
