//! What a payload holds can be copied, compared and shown, for the data does so.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct Step {
    pub output_kg: f64,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch")]
pub enum BatchEvent {
    #[event(terminal)]
    Ground(Step),
}

fn main() {}
