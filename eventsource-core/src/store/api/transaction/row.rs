//! Row that a statement returns.

use chrono::{DateTime, NaiveDate, Utc};
#[cfg(feature = "postgres")]
use sqlx::TypeInfo;
#[cfg(feature = "postgres")]
use sqlx::postgres::PgRow;
#[cfg(feature = "sqlite")]
use sqlx::sqlite::SqliteRow;
#[cfg(feature = "postgres")]
use sqlx::types::Json;
use sqlx::{Row as _, ValueRef};
use uuid::Uuid;
#[cfg(feature = "sqlite")]
use uuid::fmt::Hyphenated;

use crate::{EntityId, Error, EventId, Position, Seq};

/// Row that [`Transaction::fetch`](crate::Transaction::fetch) returns.
///
/// ```
/// # async fn example() -> Result<(), eventsource_core::Error> {
/// let store = eventsource_core::Store::connect("sqlite::memory:").await?;
/// let mut transaction = store.begin().await?;
/// let rows = transaction.fetch("SELECT $1 + 1, NULL", (41_i64,)).await?;
/// assert_eq!(rows[0].get::<i64>(0)?, 42);
/// assert_eq!(rows[0].get::<Option<String>>(1)?, None);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug)]
pub struct Row(pub(crate) DatabaseRow);

/// Row of one of the databases.
pub(crate) enum DatabaseRow {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteRow),
    #[cfg(feature = "postgres")]
    Postgres(PgRow),
}

impl std::fmt::Debug for DatabaseRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => "Sqlite(..)",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "Postgres(..)",
        })
    }
}

impl Row {
    /// Returns the value of a column, counted from 0.
    ///
    /// An integer of any width is read from a column of any width, if it fits.
    ///
    /// # Errors
    /// [`Error::Database`] if there is no such column, or its value is none of this type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, Error> {
        let value = match &self.0 {
            #[cfg(feature = "sqlite")]
            DatabaseRow::Sqlite(row) => T::of_sqlite(row, index),
            #[cfg(feature = "postgres")]
            DatabaseRow::Postgres(row) => T::of_postgres(row, index),
        };
        value.map_err(|source| Error::Database {
            source: Box::new(source),
        })
    }
}

/// Type of the values that a [`Row`] can be asked for.
pub trait Column: Sized + sealed::Sealed {
    /// Returns the value of a column of SQLite.
    #[cfg(feature = "sqlite")]
    #[doc(hidden)]
    fn of_sqlite(row: &SqliteRow, index: usize) -> Result<Self, sqlx::Error>;

    /// Returns the value of a column of Postgres.
    #[cfg(feature = "postgres")]
    #[doc(hidden)]
    fn of_postgres(row: &PgRow, index: usize) -> Result<Self, sqlx::Error>;
}

mod sealed {
    pub trait Sealed {}
}

/// Implements [`Column`] by what is read on each database.
macro_rules! column {
    ($($type:ty: $sqlite:expr, $postgres:expr;)+) => {
        $(impl sealed::Sealed for $type {}

        impl Column for $type {
            #[cfg(feature = "sqlite")]
            fn of_sqlite(row: &SqliteRow, index: usize) -> Result<Self, sqlx::Error> {
                let read: fn(&SqliteRow, usize) -> Result<$type, sqlx::Error> = $sqlite;
                match row.try_get_raw(index)?.is_null() {
                    true => Err(undecodable(index, UnexpectedNull)),
                    false => read(row, index),
                }
            }

            #[cfg(feature = "postgres")]
            fn of_postgres(row: &PgRow, index: usize) -> Result<Self, sqlx::Error> {
                let read: fn(&PgRow, usize) -> Result<$type, sqlx::Error> = $postgres;
                read(row, index)
            }
        })+
    };
}

column! {
    i16: |row, index| fitting(index, row.try_get(index)?), |row, index| fitting(index, integer(row, index)?);
    i32: |row, index| fitting(index, row.try_get(index)?), |row, index| fitting(index, integer(row, index)?);
    i64: |row, index| row.try_get(index), integer;
    bool: |row, index| row.try_get(index), |row, index| row.try_get(index);
    f64: |row, index| row.try_get(index), |row, index| row.try_get(index);
    String: |row, index| row.try_get(index), |row, index| row.try_get(index);
    Vec<u8>: |row, index| row.try_get(index), |row, index| row.try_get(index);
    DateTime<Utc>: |row, index| row.try_get(index), |row, index| row.try_get(index);
    NaiveDate: |row, index| row.try_get(index), |row, index| row.try_get(index);
    Uuid: |row, index| row.try_get(index).map(Hyphenated::into_uuid), |row, index| row.try_get(index);
    EntityId: |row, index| Uuid::of_sqlite(row, index).map(Self::from),
        |row, index| row.try_get::<Uuid, _>(index).map(Self::from);
    EventId: |row, index| Uuid::of_sqlite(row, index).map(Self::from),
        |row, index| row.try_get::<Uuid, _>(index).map(Self::from);
    Position: |row, index| fitting(index, row.try_get(index)?).map(Self::new),
        |row, index| fitting(index, integer(row, index)?).map(Self::new);
    Seq: |row, index| fitting(index, row.try_get(index)?).map(Self::new),
        |row, index| fitting(index, integer(row, index)?).map(Self::new);
    serde_json::Value: |row, index| {
        let text: &str = row.try_get(index)?;
        serde_json::from_str(text).map_err(|error| undecodable(index, error))
    }, |row, index| row.try_get(index).map(|Json(value)| value);
}

impl<T: Column> sealed::Sealed for Option<T> {}

impl<T: Column> Column for Option<T> {
    #[cfg(feature = "sqlite")]
    fn of_sqlite(row: &SqliteRow, index: usize) -> Result<Self, sqlx::Error> {
        match row.try_get_raw(index)?.is_null() {
            true => Ok(None),
            false => T::of_sqlite(row, index).map(Some),
        }
    }

    #[cfg(feature = "postgres")]
    fn of_postgres(row: &PgRow, index: usize) -> Result<Self, sqlx::Error> {
        match row.try_get_raw(index)?.is_null() {
            true => Ok(None),
            false => T::of_postgres(row, index).map(Some),
        }
    }
}

/// Reads an integer of any width.
#[cfg(feature = "postgres")]
fn integer(row: &PgRow, index: usize) -> Result<i64, sqlx::Error> {
    match row.try_get_raw(index)?.type_info().name() {
        "INT2" => row.try_get::<i16, _>(index).map(i64::from),
        "INT4" => row.try_get::<i32, _>(index).map(i64::from),
        _ => row.try_get(index),
    }
}

/// SQLite would read a NULL as 0, or as an empty text.
#[cfg(feature = "sqlite")]
#[derive(Debug, thiserror::Error)]
#[error("the value is NULL: ask for an `Option`")]
struct UnexpectedNull;

/// Converts an integer to a type that may be too narrow for it.
fn fitting<T>(index: usize, value: i64) -> Result<T, sqlx::Error>
where
    T: TryFrom<i64, Error: std::error::Error + Send + Sync + 'static>,
{
    T::try_from(value).map_err(|error| undecodable(index, error))
}

fn undecodable(index: usize, error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: index.to_string(),
        source: Box::new(error),
    }
}
