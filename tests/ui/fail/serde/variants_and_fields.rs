//! serde attributes of variants and fields that change the stored form.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[serde(rename = "made")]
    Created {
        #[serde(rename = "text")]
        note: String,
        #[serde(default, skip)]
        cache: u8,
        #[serde(skip_serializing_if = "String::is_empty", default)]
        title: String,
    },
    #[serde(alias = "set", rename_all = "camelCase")]
    #[event(follows = Created)]
    Assigned {
        #[serde(alias = "who")]
        assignee: String,
    },
    #[serde(skip)]
    #[event(follows = Created)]
    Hidden,
}

fn main() {}
