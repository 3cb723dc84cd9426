//! Auto transitions never end.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Installed,
    #[event(follows = Installed | PutOut, auto_transition)]
    Lit,
    #[event(follows = Lit, auto_transition)]
    PutOut,
}

fn main() {}
