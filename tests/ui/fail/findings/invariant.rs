//! An invariant does not hold.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", never(Canceled & Shipped))]
pub enum OrderEvent {
    Placed,
    #[event(follows = Placed & !Canceled, accumulate = union())]
    Canceled,
    #[event(follows = Placed, accumulate = union(), terminal, allow(not_terminal))]
    Shipped,
}

fn main() {}
