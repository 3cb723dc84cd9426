//! Import and export of whole logs on Postgres.
//!
//! * `driver`: the entry points.
//! * `export`: reading a log through a cursor.
//! * `writer`: the transaction of an import.
//! * `copy`, `heads`: writing a batch by COPY, and moving the heads to its last events.
//! * `counter`: the counter, locked and moved on.
//! * `drop_indexes`: indexes and keys dropped for an exclusive import, and recreated after it.

pub(crate) mod copy;
pub(crate) mod counter;
pub(crate) mod driver;
pub(crate) mod drop_indexes;
pub(crate) mod export;
pub(crate) mod heads;
pub(crate) mod writer;
