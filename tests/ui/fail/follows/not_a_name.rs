//! Tokens that are not the name of an event.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = "Created")]
    Quoted,
    #[event(follows = all_of("Created", "has been created", 7))]
    QuotedOperand,
    #[event(follows = TaskEvent::Created)]
    Path,
    #[event(follows = any_of(Self::Created, event(TaskEvent::Quoted), event("Path")))]
    PathOperand,
    #[event(follows = [Created])]
    Brackets,
    #[event(follows = all_of[Created, Quoted])]
    BracketedOperands,
    #[event(follows = true)]
    Literal,
}

fn main() {}
