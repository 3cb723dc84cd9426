//! Keys that a variant does not take.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(folows = Created, terminate)]
    Created,
    #[event(follows = Created, restarting, follows = Created, restarting)]
    #[event(follows = Created)]
    Twice,
    #[event(follows = Created, Twice)]
    Several,
    #[event(all_of(Created, Twice))]
    Formula,
    #[event(entity = "task")]
    OfTheEnum,
    #[event()]
    Empty,
    #[event]
    Bare,
    #[event = "Created"]
    Assigned,
    #[event(, restarting,, 7, terminal "x")]
    Odd,
}

fn main() {}
