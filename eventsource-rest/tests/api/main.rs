//! HTTP API of the task list, in process.
//!
//! H numbers are those of the exchanges that were recorded of microcosm-eventsource, the Python
//! library whose wire form this is (`tests/data/http_vectors.json`).

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod actors;
mod append;
mod bounds;
mod browsers;
mod checks;
mod client;
mod clients;
mod commands;
mod conditions;
mod document;
mod due;
mod endings;
mod entities;
mod guarded;
mod history;
mod keys;
mod lists;
mod platform;
mod readiness;
mod refusals;
mod running;
#[cfg(feature = "runtime")]
mod runtime;
mod search;
mod service;
mod serving;
mod shipments;
mod snapshots;
mod sockets;
mod stopping;
mod streams;
mod submitted;
mod taken;
mod time_travel;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "jwt")]
mod tokens;
#[cfg(feature = "otel")]
mod traces;
mod unreadable;
mod untrusted;
mod validate;
mod views;
