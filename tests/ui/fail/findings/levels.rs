//! Levels of findings: at the event, else at the machine.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", deny(dead_end), warn(not_terminal, equivalent_events))]
pub enum Weighed {
    Lit,
    #[event(follows = Lit, terminal)]
    PutOut,
    #[event(follows = PutOut)]
    Replaced,
    #[event(follows = PutOut, allow(dead_end))]
    Broken,
    #[event(follows = Lit, accumulate = keep(), allow(no_operation))]
    Seen,
    #[event(follows = Lit, accumulate = keep(), allow(no_operation))]
    Noticed,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", deny(order_matters, too_many_states), allow(dead_end), max_states = 2)]
pub enum Denied {
    Lit,
    #[event(follows = Lit)]
    Dimmed,
    #[event(follows = Lit)]
    PutOut,
}

fn main() {}
