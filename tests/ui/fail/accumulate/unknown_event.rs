//! Accumulators over events that the enum does not have.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(accumulate = alias(Craeted))]
    Alias,
    #[event(accumulate = addition(Created, Crated, "Alias", TaskEvent::Created))]
    Addition,
    #[event(accumulate = compose(union(), difference(Aditon), addition(Unheard), kep))]
    Composed,
}

fn main() {}
