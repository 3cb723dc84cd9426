//! Payload fields must be `Clone`.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct Weight {
    pub kg: f64,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch")]
pub enum BatchEvent {
    Received { weight: Weight },
    #[event(follows = Received, terminal)]
    Weighed(Weight),
}

fn main() {}
