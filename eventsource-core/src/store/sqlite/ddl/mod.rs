//! SQL text of the tables on SQLite. Nothing here runs a statement.
//!
//! * `tables`: heads, log, counter, and the tables that all entities share.
//! * `keys`: the idempotency keys.
//! * `feed`, `snapshots`: the tables of the feed and of snapshots.

pub(crate) mod feed;
pub(crate) mod keys;
pub(crate) mod snapshots;
pub(crate) mod tables;
