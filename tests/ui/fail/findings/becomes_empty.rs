//! A later event makes the state empty again.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lit, terminal)]
    Broken,
    #[event(follows = Lit, accumulate = difference(Lit))]
    PutOut,
}

fn main() {}
