//! Processes: what happens to several entities, one step after the other, until it ends.
//!
//! * `process`: the traits that a program implements, and the acts that they return.
//! * `key`: names an instance of a process.
//! * `ask`: how an act begins, and what the refusal of its command means.
//! * `record`: the command to a process that its rules decide on.
//! * `builder`: the subscription of a process.
//! * `running`: what a process does with one event.
//! * `target`: events on their way to a process, without the type of their machine.
//! * `cause`: what a command is executed with, so that a repeat is recognised.

mod ask;
mod builder;
mod cause;
mod key;
#[allow(clippy::module_inception, reason = "the trait gives the room its name")]
mod process;
mod record;
mod running;
mod target;

pub use ask::Ask;
pub use builder::{ProcessBuilder, ProcessSubscription, process};
pub use key::ProcessKey;
pub use process::{Act, Process, ReactsTo};
pub use record::Record;
