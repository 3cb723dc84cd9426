//! A timed event that cannot be written by itself.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "offer")]
pub enum OfferEvent {
    Made { price: i64 },
    #[event(follows = Made, after = "3 days", terminal)]
    Expired { reason: String },
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order")]
pub enum OrderEvent {
    Placed,
    #[event(after = "1 hour")]
    Forgotten,
    #[event(follows = Placed, auto_transition, after = "2 hours", terminal)]
    Closed,
    #[event(follows = Forgotten, terminal)]
    Found,
}

fn main() {}
