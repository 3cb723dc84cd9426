//! An initial event leaves the state empty.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", allow(unreachable_event))]
pub enum OrderEvent {
    #[event(accumulate = keep())]
    Placed,
    #[event(follows = Placed, terminal)]
    Shipped,
}

fn main() {}
