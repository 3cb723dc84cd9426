//! What happens after an event is stored, on the databases of `store/support/lists.rs`.
//!
//! The tests on Postgres use the server that `DATABASE_URL` names; `./test` starts one.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

// First, for the macros that list tests.
#[allow(
    dead_code,
    unused_macros,
    reason = "shared with the tests of the store, which need more of it"
)]
#[macro_use]
#[path = "../store/support/mod.rs"]
mod support;

mod catch_up;
mod crashes;
mod endpoint;
mod generations;
mod halts;
mod handlers;
mod in_transaction;
mod inbox;
mod large;
mod models;
mod nats;
mod operations;
mod parked;
mod poison;
mod process;
mod rights;
mod shutdown;
mod standby;
mod stops;
mod takeover;
mod time;
mod torture;
mod verify;
mod view_store;
mod views;
mod webhooks;
mod workers;
