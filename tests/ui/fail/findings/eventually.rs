//! Formulas that a history may never come to.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

// Every history can end in one of the two, and a forgotten one ends by its timer.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "saga", eventually(Completed | Canceled), eventually(!Begun))]
pub enum SagaEvent {
    Begun,
    #[event(follows = Begun, terminal)]
    Completed,
    #[event(follows = Begun, after = "1 hour", terminal)]
    Canceled,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", eventually(Paid | Canceled))]
#[machine(eventually(Paid => Shipped), allow(never_ends))]
pub enum OrderEvent {
    Placed,
    #[event(follows = Placed)]
    Paid,
    #[event(follows = Placed)]
    Lost,
    #[event(follows = Lost, accumulate = keep())]
    Sought { where_: String },
    #[event(follows = Placed, terminal)]
    Canceled,
    #[event(follows = Paid, terminal)]
    Shipped,
}

fn main() {}
