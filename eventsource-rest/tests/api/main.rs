//! The wire form of microcosm's service (the H numbers are those of its recorded exchanges), on
//! the task list.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod actors;
mod append;
mod checks;
mod client;
mod conditions;
mod document;
mod entities;
mod history;
mod lists;
mod platform;
mod readiness;
mod refusals;
mod search;
mod service;
mod shipments;
mod snapshots;
mod stopping;
mod streams;
mod time_travel;
#[cfg(feature = "jwt")]
mod tokens;
#[cfg(feature = "otel")]
mod traces;
mod validate;
