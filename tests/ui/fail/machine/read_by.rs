//! Mistakes in `read_by(..)` and `public`.
use eventsource_core::{Event, Role};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Role)]
pub enum Party {
    Clerk,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", read_by(Clerk))]
pub enum WithoutRoles {
    #[event(terminal)]
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party, read_by(Clerk, Clerk), public)]
pub enum Both {
    #[event(terminal)]
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party, read_by(), public(Clerk))]
pub enum Neither {
    #[event(terminal)]
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party, internal)]
pub enum OfAnEvent {
    #[event(terminal, public)]
    Created,
}

fn main() {}
