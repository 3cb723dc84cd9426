//! After an event no event marked `terminal` can be reached.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    Lit,
    #[event(follows = Lit, terminal)]
    Broken,
    #[event(follows = Lit | Brightened)]
    Dimmed,
    #[event(follows = Dimmed)]
    Brightened,
}

fn main() {}
