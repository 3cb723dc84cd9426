//! serde attributes of the enum that change the stored representation.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
#[serde(tag = "type")]
pub enum Tagged {
    Created { note: String },
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
#[serde(untagged)]
pub enum Untagged {
    Created { note: String },
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
#[serde(tag = "type", content = "data")]
pub enum Adjacent {
    Created { note: String },
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Renamed {
    Created { note: String },
}

fn main() {}
