//! Contract of a store, on every kind of database; `support/lists.rs` lists the kinds.
//!
//! The tests on Postgres use the server that `DATABASE_URL` names; `./test` starts one.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

// First, for the macros that list tests.
#[macro_use]
mod support;

mod append;
mod bulk;
mod by_name;
mod commands;
mod connections;
mod faults;
mod feed;
mod fixtures;
mod group_commit;
mod inline;
mod payloads;
mod read;
mod read_models;
mod schema;
mod snapshots;
mod time;
mod together;
mod unique;
mod unreadable;
mod verify;
