//! Migration and verification on SQLite.
//!
//! * `driver`: the entry points.
//! * `migrate`: reading the registered version, and migrating the tables.
//! * `payloads`: payloads of stored events, to find out whether the program reads them.
//! * `verify`: comparing the tables, and querying the history.
//! * `runtime`: the tables of the runtime.

pub(crate) mod driver;
pub(crate) mod migrate;
pub(crate) mod payloads;
pub(crate) mod runtime;
pub(crate) mod verify;
