//! Migration and verification on Postgres.
//!
//! * `driver`: the entry points.
//! * `migrate`: reading the registered version, and migrating the tables.
//! * `data_indexes`: building indexes on existing tables.
//! * `verify`: comparing the tables, and querying the history.

pub(crate) mod data_indexes;
pub(crate) mod driver;
pub(crate) mod migrate;
pub(crate) mod verify;
