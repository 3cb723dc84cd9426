//! Values that the keys do not take.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", rename_all = "SnakeCase")]
pub enum Case {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", rename_all = snake_case)]
pub enum BareCase {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", max_states = 0)]
pub enum Zero {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", max_states = -1)]
pub enum Negative {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", max_states = "many")]
pub enum Text {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", max_states = 10u8)]
pub enum Suffix {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", max_states = 99999999999999999999999)]
pub enum Huge {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", max_states = 65_537)]
pub enum TooMany {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", fingerprint = 0x00)]
pub enum Number {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = serial)]
pub enum Id {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", crate = "not a path")]
pub enum Crate {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", crate = eventsource_core)]
pub enum BareCrate {
    Created,
}

fn main() {}
