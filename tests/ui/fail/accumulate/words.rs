//! Accumulators that do not exist, or lack operands.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(accumulate = unoin())]
    Created,
    #[event(accumulate = replace(Created))]
    Replaced,
    #[event(accumulate = Created)]
    Event,
    #[event(accumulate = union(Created))]
    Union,
    #[event(accumulate = keep(Created, Event))]
    Keep,
    #[event(accumulate = alias)]
    Alias,
    #[event(accumulate = alias())]
    NoAlias,
    #[event(accumulate = alias(Created, Event))]
    Aliases,
    #[event(accumulate = addition())]
    Nothing,
    #[event(accumulate = difference)]
    NoEvents,
    #[event(accumulate = compose())]
    NoParts,
    #[event(accumulate = "union")]
    Quoted,
    #[event(accumulate = &)]
    Operator,
}

fn main() {}
