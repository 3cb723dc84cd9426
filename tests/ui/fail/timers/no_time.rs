//! A timer at a field that is no time.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "offer")]
pub enum OfferEvent {
    Made { until: String },
    #[event(follows = Made, at = until, terminal)]
    Expired,
}

fn main() {}
