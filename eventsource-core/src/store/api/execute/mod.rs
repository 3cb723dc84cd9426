//! Execution of commands: load the entity, decide, append, and again if the entity has changed.
//!
//! * `builder`: the request, as a caller makes it.
//! * `run`: the execution.
//! * `answer`: what an execution did, and why it did nothing.
//! * `archive`: commands that are kept with their outcomes.
//! * `submitted`: commands that are executed later.
//! * `answered`: what an earlier request with the same command id has stored.

pub(crate) mod answer;
mod answered;
pub(crate) mod archive;
pub(crate) mod builder;
mod run;
mod submitted;
