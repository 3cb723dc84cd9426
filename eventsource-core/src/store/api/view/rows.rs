//! Rows of a view in a transaction, on either database.

#[cfg(feature = "postgres")]
use std::collections::HashSet;

use crate::Error;
use crate::store::api::transaction::handle::{Executor, Transaction};
use crate::store::contract::view_rows::ViewRows;
#[cfg(feature = "postgres")]
use crate::store::postgres;
#[cfg(feature = "sqlite")]
use crate::store::sqlite;

/// Failure to read or write rows.
pub(crate) enum RowsError {
    /// There is no such table.
    NoTable(Box<dyn std::error::Error + Send + Sync>),
    Other(Error),
}

/// Reads the values of these keys; `is_shared` locks their rows.
#[cfg_attr(
    not(feature = "postgres"),
    allow(unused_variables, reason = "SQLite has one writer")
)]
pub(crate) async fn load(
    transaction: &mut Transaction<'_>,
    table: &str,
    keys: &[String],
    is_shared: bool,
) -> Result<Vec<(String, String)>, RowsError> {
    match transaction.database() {
        #[cfg(feature = "sqlite")]
        Executor::Sqlite(connection) => sqlite::view_rows::load(connection, table, keys)
            .await
            .map_err(of_sqlite),
        #[cfg(feature = "postgres")]
        Executor::Postgres(connection) => {
            postgres::view_rows::load(connection, table, keys, is_shared)
                .await
                .map_err(of_postgres)
        }
    }
}

/// Writes rows, of which those of the `new` keys did not exist when they were read, and returns the keys
/// of those that others have inserted since.
#[cfg_attr(
    not(feature = "postgres"),
    allow(unused_variables, reason = "SQLite has one writer")
)]
pub(crate) async fn store(
    transaction: &mut Transaction<'_>,
    table: &str,
    rows: ViewRows,
    new: Vec<String>,
    is_shared: bool,
) -> Result<Vec<String>, RowsError> {
    match transaction.database() {
        #[cfg(feature = "sqlite")]
        Executor::Sqlite(connection) => sqlite::view_rows::upsert(connection, table, &rows)
            .await
            .map_err(of_sqlite)
            .map(|()| Vec::new()),
        #[cfg(feature = "postgres")]
        Executor::Postgres(_) if rows.is_empty() => Ok(Vec::new()),
        #[cfg(feature = "postgres")]
        Executor::Postgres(connection) if is_shared => {
            let written = postgres::view_rows::upsert_shared(connection, table, rows, &new);
            let written: HashSet<String> =
                written.await.map_err(of_postgres)?.into_iter().collect();
            let mut lost = new;
            lost.retain(|key| !written.contains(key));
            Ok(lost)
        }
        #[cfg(feature = "postgres")]
        Executor::Postgres(connection) => postgres::view_rows::upsert(connection, table, rows)
            .await
            .map_err(of_postgres)
            .map(|()| Vec::new()),
    }
}

/// Deletes the rows of these keys.
pub(crate) async fn delete(
    transaction: &mut Transaction<'_>,
    table: &str,
    keys: &[String],
) -> Result<(), RowsError> {
    match transaction.database() {
        #[cfg(feature = "sqlite")]
        Executor::Sqlite(connection) => sqlite::view_rows::delete(connection, table, keys)
            .await
            .map_err(of_sqlite),
        #[cfg(feature = "postgres")]
        Executor::Postgres(connection) => postgres::view_rows::delete(connection, table, keys)
            .await
            .map_err(of_postgres),
    }
}

#[cfg(feature = "sqlite")]
fn of_sqlite(error: sqlx::Error) -> RowsError {
    use sqlite::errors::{failed, is_generic};
    match is_generic(&error) {
        true => RowsError::NoTable(Box::new(error)),
        false => RowsError::Other(failed(error)),
    }
}

#[cfg(feature = "postgres")]
fn of_postgres(error: sqlx::Error) -> RowsError {
    use postgres::errors::{failed, is_undefined_table};
    match is_undefined_table(&error) {
        true => RowsError::NoTable(Box::new(error)),
        false => RowsError::Other(failed(error)),
    }
}
