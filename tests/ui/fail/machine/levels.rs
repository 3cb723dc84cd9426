//! Lists of findings that make no sense.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(ded_end, ES022, everything, "dead_end", finding::dead_end, 7))]
pub enum Names {
    #[event(allow(neverends))]
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(syntax, invariant), warn(shape), deny(unknown_event))]
pub enum Unsilenced {
    #[event(allow(unknown_event, unknown_field))]
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(dead_end, dead_end), deny(dead_end))]
#[machine(allow(never_ends), allow(never_ends), warn(never_ends))]
pub enum Twice {
    #[event(allow(never_ends), allow(never_ends))]
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", allow, warn(), deny = dead_end, allow(dead_end = true, never_ends()))]
pub enum Shapes {
    #[event(deny(dead_end), warn(dead_end), allow)]
    Created,
}

fn main() {}
