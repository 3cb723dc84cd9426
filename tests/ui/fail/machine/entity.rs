//! Names that cannot name tables.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "PurchaseOrder")]
pub enum Upper {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "purchase-order")]
pub enum Dash {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "2nd")]
pub enum Digit {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "")]
pub enum Empty {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "a_name_that_is_longer_than_any_table_should_be")]
pub enum Long {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = task)]
pub enum Bare {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = 7)]
pub enum Number {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity)]
pub enum Valueless {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = )]
pub enum Unfinished {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity("task"))]
pub enum Listed {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task_event")]
pub enum Log {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "event")]
pub enum Happening {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "eventsource_task")]
pub enum Own {
    Created,
}

fn main() {}
