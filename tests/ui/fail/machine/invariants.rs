//! Invariants that cannot be read.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", never, always(), eventually = Ended, never = Created & Ended)]
pub enum Shapes {
    Created,
    #[event(follows = Created, never(Created))]
    Ended,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", never(Created, Ended), always(Created Ended), eventually(Created | Ended))]
#[machine(eventually(), eventually("Ended"), never(Created =>), always(=> Created))]
#[machine(always(Created -> Ended), never(all_of(Created => Ended, !(Ended => Created)) &))]
pub enum Formulas {
    Created,
    #[event(follows = Created)]
    Ended,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", never(Creatd & Ended), always(Created => Endet), eventually(Done))]
pub enum Names {
    Created,
    #[event(follows = Created => Ended)]
    Ended,
    #[event(follows = all_of(Created => Endd))]
    Again,
}

fn main() {}
