//! After an event another one that could happen before can never happen again.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", warn(point_of_no_return))]
pub enum OrderEvent {
    Placed,
    #[event(follows = Placed, accumulate = keep())]
    Changed { note: String },
    #[event(follows = Placed)]
    Shipped,
    #[event(follows = Shipped, accumulate = keep())]
    Tracked { place: String },
}

fn main() {}
