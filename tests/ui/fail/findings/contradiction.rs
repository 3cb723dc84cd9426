//! The formula of an event contradicts itself.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lit, terminal)]
    PutOut,
    #[event(follows = Lit & !Lit)]
    Dimmed,
}

fn main() {}
