//! Mistakes in `read_by(..)` and `internal`.
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
    #[event(read_by())]
    Created,
    #[event(follows = Created, read_by(Clerk, Manager, Clerk))]
    Checked,
    #[event(follows = Checked, read_by = Manager)]
    Approved,
    #[event(follows = Approved, read_by("Manager", Party::Manager, 7))]
    Sent,
    #[event(follows = Sent, internal = true)]
    Paid,
    #[event(follows = Paid, internal, by(Clerk))]
    Packed,
    #[event(follows = Packed, auto_transition, internal, terminal)]
    Ended,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum WithoutRoles {
    #[event(read_by(Clerk))]
    Created,
}

fn main() {}
