//! A formula or an accumulator whose operands make no sense.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lit)]
    Dimmed,
    #[event(follows = any_of(), terminal)]
    PutOut,
}

fn main() {}
