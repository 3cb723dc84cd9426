//! The enum cannot be a machine.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "event")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lit, terminal)]
    PutOut,
}

fn main() {}
