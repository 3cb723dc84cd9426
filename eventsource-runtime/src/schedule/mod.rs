//! Schedules: what a program does at a time, or again and again.
//!
//! * `plan`: when a schedule is due, and what it does.
//! * `rows`: the table of schedules, by which processes share them.
//! * `run`: claims a time that has come, and runs it.

mod plan;
mod rows;
mod run;

pub use plan::Tick;
pub(crate) use plan::{Schedule, When};
pub(crate) use rows::register;
pub(crate) use run::{follow, run_due};
