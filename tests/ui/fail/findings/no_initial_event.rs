//! No event is legal in the empty state, so nothing can ever happen.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    #[event(follows = PutOut)]
    Lit,
    #[event(follows = Lit)]
    PutOut,
}

fn main() {}
