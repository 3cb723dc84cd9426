//! Migration and verification on SQLite.
//!
//! * `driver`: the entry points.
//! * `migrate`: reading the registered version, and migrating the tables.
//! * `verify`: comparing the tables, and querying the history.

pub(crate) mod driver;
pub(crate) mod migrate;
pub(crate) mod verify;
