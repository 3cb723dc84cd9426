//! Mistakes in `by(..)`.
use eventsource_core::{Event, Role};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Role)]
pub enum Party {
    Clerk,
    Manager,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", roles = Party)]
pub enum TaskEvent {
    #[event(by())]
    Created,
    #[event(follows = Created, by(Clerk, Manager, Clerk))]
    Checked,
    #[event(follows = Checked, by = Manager)]
    Approved,
    #[event(follows = Approved, by("Manager", Party::Manager, 7))]
    Sent,
    #[event(follows = Sent, auto_transition, by(Clerk), terminal)]
    Ended,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum WithoutRoles {
    #[event(by(Clerk))]
    Created,
}

fn main() {}
