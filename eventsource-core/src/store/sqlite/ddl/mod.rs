//! SQL text of the tables on SQLite. Nothing here runs a statement.
//!
//! * `tables`: heads, log, counter, and the tables that all entities share.
//! * `unique`: the values of unique fields.
//! * `keys`: the idempotency keys.
//! * `feed`, `snapshots`, `runtime`: the tables of the feed, of snapshots and of the runtime.

pub(crate) mod feed;
pub(crate) mod keys;
pub(crate) mod runtime;
pub(crate) mod snapshots;
pub(crate) mod tables;
pub(crate) mod unique;
