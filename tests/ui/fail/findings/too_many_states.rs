//! The machine has more states than are explored.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "trip", max_states = 8)]
pub enum TripEvent {
    Planned,
    #[event(follows = Planned & !Booked, accumulate = union())]
    Booked,
    #[event(follows = Planned & !Insured, accumulate = union())]
    Insured,
    #[event(follows = Planned & !Packed, accumulate = union())]
    Packed,
    #[event(follows = Booked & Insured & Packed, terminal)]
    Ended,
}

fn main() {}
