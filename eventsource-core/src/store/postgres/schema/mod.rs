//! Migration and verification on Postgres.
//!
//! * `driver`: the entry points.
//! * `migrate`: reading the registered version, and migrating the tables.
//! * `data_indexes`: building indexes on existing tables.
//! * `payloads`: payloads of stored events, to find out whether the program reads them.
//! * `verify`: comparing the tables, and querying the history.
//! * `runtime`: the tables of the runtime.

pub(crate) mod data_indexes;
pub(crate) mod driver;
pub(crate) mod migrate;
pub(crate) mod payloads;
pub(crate) mod runtime;
pub(crate) mod verify;
