//! An attribute that cannot be read.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(folows = Lit, terminal)]
    PutOut,
}

fn main() {}
