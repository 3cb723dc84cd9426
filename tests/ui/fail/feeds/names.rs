//! Invalid or unknown fields of the data.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub output_kg: f64,
}

mod seconds {
    pub fn serialize<S: serde::Serializer>(_: &u64, _: S) -> Result<S::Ok, S::Error> {
        loop {}
    }
    pub fn deserialize<'de, D: serde::Deserializer<'de>>(_: D) -> Result<u64, D::Error> {
        loop {}
    }
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch")]
pub enum BatchEvent {
    Created {
        #[event(feeds = version)]
        made_by: String,
        line_1: String,
        #[serde(with = "seconds")]
        at: u64,
    },
    #[event(follows = Created)]
    Weighed {
        line1: String,
        #[event(feeds = weight)]
        gross: f64,
        #[event(feeds = weight)]
        net: f64,
        at: u64,
    },
    #[event(follows = Weighed, feeds(output_kg), terminal)]
    Ground(Step),
}

fn main() {}
