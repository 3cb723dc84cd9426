//! Fields of one name hold one type, whichever event they are of.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub output_kg: Option<f64>,
    pub notes: u8,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch")]
pub enum BatchEvent {
    Created { weight: Option<f64>, notes: String },
    #[event(follows = Created)]
    Weighed { weight: String },
    #[event(follows = Weighed, feeds(weight = output_kg, notes))]
    Ground(Step),
    #[event(follows = Ground, feeds(weight = output_g), terminal)]
    Sieved(Step),
}

fn main() {}
