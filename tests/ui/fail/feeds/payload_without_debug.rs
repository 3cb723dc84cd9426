//! Data is `Debug` and `PartialEq` only if the payload fields are.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct Weight {
    pub kg: f64,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch")]
pub enum BatchEvent {
    #[event(terminal)]
    Weighed { weight: Weight },
}

fn main() {
    let data = BatchData::default();
    println!("{data:?}");
    println!("{}", data == BatchData::default());
}
