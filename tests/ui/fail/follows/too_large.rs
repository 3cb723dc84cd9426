//! A formula with 512 alternatives.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    A7,
    A8,
    B0,
    B1,
    B2,
    B3,
    B4,
    B5,
    B6,
    B7,
    B8,
    #[event(follows = (A0 | B0) & (A1 | B1) & (A2 | B2) & (A3 | B3) & (A4 | B4) & (A5 | B5) & (A6 | B6) & (A7 | B7) & (A8 | B8))]
    Big,
}

fn main() {}
