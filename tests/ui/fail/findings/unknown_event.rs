//! A rule names an event that the enum does not have.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lid, terminal)]
    PutOut,
}

fn main() {}
