//! Events are stored: their types are concrete.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent<'a, T> where T: Copy {
    Created { note: &'a str, value: T },
}

fn main() {}
