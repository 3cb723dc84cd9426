//! Combinators that do not exist, or lack operands.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = al_of(Created, Assinged))]
    Assigned,
    #[event(follows = xor(Created, Assigned))]
    Xor,
    #[event(follows = Created())]
    Called,
    #[event(follows = any_of())]
    Empty,
    #[event(follows = all_of)]
    Bare,
    #[event(follows = but_not)]
    BareNot,
    #[event(follows = but_not(Created, Assigned))]
    Several,
    #[event(follows = event())]
    NoEvent,
    #[event(follows = event(all_of(Created)))]
    NotAnEvent,
    #[event(follows = nothing(Created) | any_state(Created) | non_terminal(Created))]
    Operands,
    #[event(follows = all_of(Created, not(Assigned)))]
    Not,
}

fn main() {}
