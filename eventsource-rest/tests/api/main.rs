//! The wire form of microcosm's service (the H numbers are those of its recorded exchanges), on
//! the task list.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod append;
mod client;
mod refusals;
mod search;
