//! Nothing may follow an event that is not marked `terminal`.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lit)]
    PutOut,
}

fn main() {}
