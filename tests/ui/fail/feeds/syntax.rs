//! `feeds` that cannot be read, or stands in the wrong place.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub output_kg: f64,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch", data)]
pub enum BatchEvent {
    Created {
        #[event(feeds)]
        one: u8,
        #[event(feeds = "current_kg")]
        two: u8,
        #[event(feeds())]
        three: u8,
        #[event(feeds = current_kg, feeds = other)]
        four: u8,
        #[event(feeds(current_g, BatchData::current_kg))]
        five: u8,
        #[event(feeds = 5)]
        six: u8,
    },
    #[event(follows = Created, feeds(current_kg = output_kg))]
    Weighed { output_kg: f64 },
    #[event(follows = Weighed, feeds = current_kg)]
    Ground(Step),
    #[event(follows = Ground, feeds(current_kg: = output_kg, current_kg: f64 =, = output_kg, other other))]
    Sieved(Step),
    #[event(follows = Sieved, feeds())]
    Washed(Step),
    #[event(follows = Washed, feeds(nothing = here))]
    Dried,
    #[event(follows = Dried, terminal)]
    Packed(#[event(feeds = current_kg)] Step),
}

fn main() {}
