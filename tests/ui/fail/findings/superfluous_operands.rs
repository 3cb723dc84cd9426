//! Operands without effect.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(follows = any_of(Lit, Dimmed, Lit))]
    Dimmed,
    #[event(follows = Lit & (Dimmed | !Dimmed), terminal)]
    PutOut,
    #[event(follows = Dimmed & (Dimmed), terminal, allow(operands))]
    Broken,
}

fn main() {}
