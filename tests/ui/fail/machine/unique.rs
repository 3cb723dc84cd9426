//! Unique fields that are none.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Address {
    pub street: String,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "user", unique(emial, email, email, moved, "email"))]
pub enum UserEvent {
    Registered { email: String },
    #[event(follows = Registered)]
    Moved(Address),
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "guest", unique())]
pub enum GuestEvent {
    Registered { email: String },
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "visitor", unique = email)]
pub enum VisitorEvent {
    Registered { email: String },
}

fn main() {}
