//! Driver for Postgres 15 and later, also behind a PgBouncer and with Citus.
//!
//! Implements the traits of [`contract::driver`](crate::store::contract::driver). An append is decided
//! by functions in the database that `ddl::append` generates from the rules; their reference is
//! [`rules::plan`](crate::store::rules::plan), and tests hold them equal. May use `contract`, `rules`
//! and `sql` only. Files have the names of the SQLite driver where they do the same work.
//!
//! * `handle`, `connect`, `probe`, `pool`: connections.
//! * `append`, `read`, `feed`, `bulk`, `snapshots`: one module for each trait.
//! * `ddl`, `schema`, `data_expression`: the SQL of the tables, migration and verification.
//! * `sqlstates`, `errors`, `retry`: errors of our SQL and of Postgres, and when a call is tried again.
//! * `view_rows`: the rows of views.

pub(crate) mod append;
pub(crate) mod bulk;
pub(crate) mod connect;
pub(crate) mod data_expression;
pub(crate) mod ddl;
pub(crate) mod errors;
pub(crate) mod feed;
pub(crate) mod handle;
pub(crate) mod pool;
pub(crate) mod probe;
pub(crate) mod read;
pub(crate) mod retry;
pub(crate) mod schema;
pub(crate) mod snapshots;
pub(crate) mod sqlstates;
pub(crate) mod view_rows;
