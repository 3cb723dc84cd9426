//! Two events that lead to different states in different order.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", warn(order_matters))]
pub enum TaskEvent {
    Created,
    #[event(follows = Created, accumulate = union())]
    Assigned { assignee: String },
    #[event(follows = Created, accumulate = compose(difference(Assigned), union()))]
    Released,
    #[event(follows = Created, terminal)]
    Ended,
}

fn main() {}
