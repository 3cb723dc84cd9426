//! Events that the enum does not have.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = all_of(Created, but_not(Asigned)))]
    Assigned,
    #[event(follows = CREATED | (Assigned & !Purple))]
    Started,
    #[event(follows = any_of(created, event(Startet), Assigned))]
    Ended,
}

fn main() {}
