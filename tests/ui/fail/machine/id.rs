//! Unknown formats of ids.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = ulid)]
pub enum Bare {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = ulid())]
pub enum Empty {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = ulid(tsk))]
pub enum Word {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = ulid("tsk_", width = 10))]
pub enum More {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = ulid("tsk "))]
pub enum Space {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = ulid("a_prefix_of_seventeen"))]
pub enum Long {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter)]
pub enum BareCounter {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter("TSK-", width = 0))]
pub enum Zero {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter("TSK-", width = 19))]
pub enum Wide {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter("TSK-", 10))]
pub enum Bits {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter("TSK-", width = 10, width = 11))]
pub enum Again {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter("TSK-", width = "10"))]
pub enum Text {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = counter("TSK-" width = 10))]
pub enum Together {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", id = serial("TSK-"))]
pub enum Other {
    Created,
}

fn main() {}
