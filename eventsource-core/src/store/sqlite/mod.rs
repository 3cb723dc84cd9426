//! Driver for SQLite: a file, or memory.
//!
//! Implements the traits of [`contract::driver`](crate::store::contract::driver) with the
//! decisions of [`rules`](crate::store::rules) and the statements of [`sql`](crate::store::sql).
//! May use those three layers only. Files have the names of the Postgres driver where they do the
//! same work.
//!
//! * `handle`, `transaction`: connections, and how a write begins.
//! * `append`, `read`, `feed`, `bulk`, `snapshots`: one module for each trait.
//! * `inline`: who may append to a log with inline models.
//! * `ddl`, `schema`, `catalog`: the SQL of the tables, migration and verification.
//! * `together`: appends to several machines in one transaction.
//! * `unique`: the check of unique fields.
//! * `errors`: result codes.
//! * `view_rows`: the rows of views.

pub(crate) mod append;
pub(crate) mod bulk;
pub(crate) mod catalog;
pub(crate) mod ddl;
pub(crate) mod errors;
pub(crate) mod feed;
pub(crate) mod file;
pub(crate) mod handle;
pub(crate) mod inline;
pub(crate) mod keys;
pub(crate) mod read;
pub(crate) mod schema;
pub(crate) mod snapshots;
pub(crate) mod together;
pub(crate) mod transaction;
pub(crate) mod unique;
pub(crate) mod view_rows;
