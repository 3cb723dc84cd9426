//! Commands: what somebody wants to happen, and the decision which events that makes.
//!
//! Without a store: [`EventStore::execute`](crate::EventStore::execute) runs them.
//!
//! * `command`: the trait that a program implements.
//! * `entity`: what a command decides on.
//! * `decision`: what it decides.
//! * `source`: where the state comes from.

#[allow(clippy::module_inception, reason = "the trait gives the room its name")]
mod command;
mod decision;
mod entity;
mod source;

pub use command::Command;
pub use decision::Decision;
pub use entity::Entity;
pub use source::StateSource;
