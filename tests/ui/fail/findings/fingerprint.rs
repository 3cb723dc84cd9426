//! The rules differ from those that the source pins.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", fingerprint = "0123456789abcdef")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lit, terminal)]
    PutOut,
}

fn main() {}
