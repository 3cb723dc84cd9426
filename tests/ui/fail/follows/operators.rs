//! Operators that do not exist, or lack operands.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created && !Ended || Started)]
    Doubled,
    #[event(follows = Created &)]
    Unfinished,
    #[event(follows = | Created)]
    NoLeft,
    #[event(follows = !)]
    OnlyNot,
    #[event(follows = ())]
    Empty,
    #[event(follows = (Created, Started))]
    Tuple,
    #[event(follows = (Created Started))]
    Juxtaposed,
    #[event(follows = Created + Started)]
    Plus,
    #[event(follows = Created and Started)]
    And,
    #[event(follows = all_of(Created Started, , Ended))]
    Commas,
    Started,
    Ended,
}

fn main() {}
