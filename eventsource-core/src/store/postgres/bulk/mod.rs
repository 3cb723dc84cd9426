//! Import and export of whole logs on Postgres.
//!
//! * `driver`: the entry points.
//! * `export`: reading a log through a cursor.
//! * `writer`: the transaction of an import.
//! * `copy`, `insert`: writing a batch by COPY, or by INSERT where there are no triggers.
//! * `drop_indexes`: indexes and keys dropped for an exclusive import, and recreated after it.

pub(crate) mod copy;
pub(crate) mod driver;
pub(crate) mod drop_indexes;
pub(crate) mod export;
pub(crate) mod insert;
pub(crate) mod writer;
