//! Transaction of a store, for SQL of one's own.

use sqlx::AssertSqlSafe;
#[cfg(feature = "postgres")]
use sqlx::{PgConnection, Postgres};
#[cfg(feature = "sqlite")]
use sqlx::{Sqlite, SqliteConnection};

use crate::store::api::store::Store;
use crate::store::api::transaction::args::Args;
use crate::store::api::transaction::row::{DatabaseRow, Row};
use crate::store::contract::dialect::Dialect;
use crate::store::contract::tables::Tables;
use crate::store::database::Database;
use crate::{Error, Position};

/// Transaction of a store, for SQL of one's own.
///
/// Statements have the placeholders `$1`, `$2` and so on, on both databases, and `{name}` for the
/// name of a table (see [`Tables::sql`]): in the transaction that a [`Projection`](crate::Projection)
/// gets, a table of its generation; else a table of the store's schema. Dropping a transaction rolls
/// it back.
///
/// ```
/// # async fn example() -> Result<(), eventsource_core::Error> {
/// let store = eventsource_core::Store::connect("sqlite::memory:").await?;
/// let mut transaction = store.begin().await?;
/// transaction.execute("CREATE TABLE {note} (id INTEGER, text TEXT) STRICT", ()).await?;
/// let written = transaction.execute("INSERT INTO {note} VALUES ($1, $2)", (1_i64, "hello")).await?;
/// assert_eq!(written, 1);
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug)]
pub struct Transaction<'t> {
    connection: Connection<'t>,
    tables: Tables,
    position: Option<Position>,
}

/// Connection in a transaction: one of this crate's own, or one that has begun elsewhere.
#[derive(Debug)]
enum Connection<'t> {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::Transaction<'t, Sqlite>),
    #[allow(dead_code, reason = "for inline models")]
    #[cfg(feature = "sqlite")]
    WithinSqlite(&'t mut SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::Transaction<'t, Postgres>),
    #[allow(dead_code, reason = "for inline models")]
    #[cfg(feature = "postgres")]
    WithinPostgres(&'t mut PgConnection),
}

impl Store {
    /// Begins a transaction: on Postgres with the isolation level READ COMMITTED, on SQLite with the
    /// write lock, which nobody else can have meanwhile, in this process or another.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    pub async fn begin(&self) -> Result<Transaction<'static>, Error> {
        let connection = match &self.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(sqlite) => {
                sqlite.check_file()?;
                let begin = crate::store::sqlite::transaction::BEGIN;
                let begun = sqlite.writer.begin_with(begin).await;
                Connection::Sqlite(begun.map_err(crate::store::sqlite::errors::failed)?)
            }
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => {
                let begun = postgres.pool.begin().await;
                Connection::Postgres(begun.map_err(crate::store::postgres::errors::failed)?)
            }
        };
        Ok(Transaction {
            connection,
            tables: self.tables(),
            position: None,
        })
    }

    /// Begins a transaction that only reads, where reads that need not be current go to.
    pub(crate) async fn begin_read(&self) -> Result<Transaction<'static>, Error> {
        let connection = match &self.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(sqlite) => {
                let begun = sqlite.readers.begin().await;
                Connection::Sqlite(begun.map_err(crate::store::sqlite::errors::failed)?)
            }
            #[cfg(feature = "postgres")]
            Database::Postgres(postgres) => {
                let begun = postgres.reader().begin().await;
                Connection::Postgres(begun.map_err(crate::store::postgres::errors::failed)?)
            }
        };
        Ok(Transaction {
            connection,
            tables: self.tables(),
            position: None,
        })
    }

    /// Returns the names of the tables of this store, without a generation.
    #[must_use]
    pub fn tables(&self) -> Tables {
        let dialect = match &self.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => Dialect::Postgres,
        };
        Tables::new(dialect, self.schema())
    }
}

impl<'t> Transaction<'t> {
    /// Returns a handle of a transaction that has begun; whoever began it ends it.
    #[cfg(feature = "postgres")]
    #[allow(dead_code, reason = "for inline models")]
    pub(crate) fn within_postgres(connection: &'t mut PgConnection, tables: Tables) -> Self {
        Self {
            connection: Connection::WithinPostgres(connection),
            tables,
            position: None,
        }
    }

    /// Returns a handle of a transaction that has begun; whoever began it ends it.
    #[cfg(feature = "sqlite")]
    #[allow(dead_code, reason = "for inline models")]
    pub(crate) fn within_sqlite(connection: &'t mut SqliteConnection, tables: Tables) -> Self {
        Self {
            connection: Connection::WithinSqlite(connection),
            tables,
            position: None,
        }
    }

    /// Sets which tables `{name}` stands for from now on, and the [position](Self::position) of the
    /// event that they are written for.
    pub fn scope(&mut self, tables: Tables, position: Option<Position>) {
        self.tables = tables;
        self.position = position;
    }

    /// Runs a statement, and returns the number of rows that it changed.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`]; [`Error::RuntimeNotMigrated`] if it names a table
    /// of the runtime that does not exist. On Postgres the transaction can only be rolled back then.
    pub async fn execute(&mut self, sql: &str, args: impl Args + Send) -> Result<u64, Error> {
        let text = self.tables.sql(sql);
        let values = args.values();
        match self.database() {
            #[cfg(feature = "sqlite")]
            Executor::Sqlite(connection) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = value.bind_sqlite(query);
                }
                let done = query.execute(connection).await;
                done.map(|done| done.rows_affected())
                    .map_err(|error| sqlite_failed(error, sql))
            }
            #[cfg(feature = "postgres")]
            Executor::Postgres(connection) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = value.bind_postgres(query);
                }
                let done = query.execute(connection).await;
                done.map(|done| done.rows_affected())
                    .map_err(|error| postgres_failed(error, sql))
            }
        }
    }

    /// Runs a statement, and returns its rows.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute).
    pub async fn fetch(&mut self, sql: &str, args: impl Args + Send) -> Result<Vec<Row>, Error> {
        let text = self.tables.sql(sql);
        let values = args.values();
        match self.database() {
            #[cfg(feature = "sqlite")]
            Executor::Sqlite(connection) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = value.bind_sqlite(query);
                }
                let rows = query.fetch_all(connection).await;
                let rows = rows.map_err(|error| sqlite_failed(error, sql))?;
                Ok(rows
                    .into_iter()
                    .map(|row| Row(DatabaseRow::Sqlite(row)))
                    .collect())
            }
            #[cfg(feature = "postgres")]
            Executor::Postgres(connection) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = value.bind_postgres(query);
                }
                let rows = query.fetch_all(connection).await;
                let rows = rows.map_err(|error| postgres_failed(error, sql))?;
                Ok(rows
                    .into_iter()
                    .map(|row| Row(DatabaseRow::Postgres(row)))
                    .collect())
            }
        }
    }

    /// Runs statements without placeholders, such as the schema of a projection.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute).
    pub async fn execute_all(&mut self, sql: &str) -> Result<(), Error> {
        let text = AssertSqlSafe(self.tables.sql(sql));
        match self.database() {
            #[cfg(feature = "sqlite")]
            Executor::Sqlite(connection) => {
                let done = sqlx::raw_sql(text).execute(connection).await;
                done.map(drop).map_err(|error| sqlite_failed(error, sql))
            }
            #[cfg(feature = "postgres")]
            Executor::Postgres(connection) => {
                let done = sqlx::raw_sql(text).execute(connection).await;
                done.map(drop).map_err(|error| postgres_failed(error, sql))
            }
        }
    }

    /// Returns the database.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.tables.dialect()
    }

    /// Returns the names of the tables that `{name}` stands for.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Returns the position of the event that a catching-up model is given; `None` inline, where it
    /// has no position yet.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Returns the connection if the store is on Postgres, for all that Postgres can do.
    ///
    /// Do not end the transaction by it.
    #[cfg(feature = "postgres")]
    pub fn postgres(&mut self) -> Option<&mut PgConnection> {
        match self.database() {
            #[cfg(feature = "sqlite")]
            Executor::Sqlite(_) => None,
            Executor::Postgres(connection) => Some(connection),
        }
    }

    /// Returns the connection if the store is on SQLite, for all that SQLite can do.
    ///
    /// Do not end the transaction by it.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&mut self) -> Option<&mut SqliteConnection> {
        match self.database() {
            Executor::Sqlite(connection) => Some(connection),
            #[cfg(feature = "postgres")]
            Executor::Postgres(_) => None,
        }
    }

    /// Commits; a transaction that a [`Projection`](crate::Projection) gets is committed by whoever
    /// began it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it is unknown whether the transaction was committed,
    /// [`Error::Database`] if a constraint refused it.
    pub async fn commit(self) -> Result<(), Error> {
        match self.connection {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(transaction) => transaction
                .commit()
                .await
                .map_err(crate::store::sqlite::errors::failed),
            #[cfg(feature = "postgres")]
            Connection::Postgres(transaction) => transaction
                .commit()
                .await
                .map_err(crate::store::postgres::errors::failed),
            #[cfg(feature = "sqlite")]
            Connection::WithinSqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Connection::WithinPostgres(_) => Ok(()),
        }
    }

    /// Runs an `UPDATE` without placeholders, and commits if it has changed a row; tells whether it has.
    ///
    /// On Postgres that is one message: a process that is stopped between two statements does not hold
    /// the row that others wait for.
    ///
    /// # Errors
    /// That of the statement, and nothing was committed; else as of [`commit`](Self::commit).
    pub async fn commit_if_updated(mut self, update: &str) -> Result<bool, Error> {
        match self.connection {
            #[cfg(feature = "postgres")]
            Connection::Postgres(_) => {
                let update_sql = self.tables.sql(update);
                // No row is a division by zero, and what follows in the message is not run. After the commit
                // the connection is in an empty transaction, which dropping it rolls back.
                let message = format!(
                    "WITH updated AS ({update_sql} RETURNING 1) SELECT 1 / count(*) FROM updated; \
                     COMMIT; BEGIN"
                );
                let Some(connection) = self.postgres() else {
                    return Ok(false);
                };
                let done = sqlx::raw_sql(AssertSqlSafe(message))
                    .execute(connection)
                    .await;
                match done {
                    Ok(_) => Ok(true),
                    Err(error) if crate::store::postgres::errors::is_division_by_zero(&error) => {
                        Ok(false)
                    }
                    Err(error) => Err(postgres_failed(error, update)),
                }
            }
            _ => {
                let updated = self.execute(update, ()).await?;
                if updated > 0 {
                    self.commit().await?;
                }
                Ok(updated > 0)
            }
        }
    }

    /// Returns the connection.
    pub(crate) fn database(&mut self) -> Executor<'_> {
        match &mut self.connection {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(transaction) => Executor::Sqlite(transaction),
            #[cfg(feature = "sqlite")]
            Connection::WithinSqlite(connection) => Executor::Sqlite(connection),
            #[cfg(feature = "postgres")]
            Connection::Postgres(transaction) => Executor::Postgres(transaction),
            #[cfg(feature = "postgres")]
            Connection::WithinPostgres(connection) => Executor::Postgres(connection),
        }
    }
}

/// Connection of one of the databases.
pub(crate) enum Executor<'c> {
    #[cfg(feature = "sqlite")]
    Sqlite(&'c mut SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(&'c mut PgConnection),
}

/// Checks whether the SQL names a table of this crate.
fn names_own_table(sql: &str) -> bool {
    sql.contains("{eventsource_")
}

#[cfg(feature = "sqlite")]
fn sqlite_failed(error: sqlx::Error, sql: &str) -> Error {
    use crate::store::sqlite::errors::{failed, is_generic};
    match names_own_table(sql) && is_generic(&error) {
        true => Error::RuntimeNotMigrated {
            source: Box::new(error),
        },
        false => failed(error),
    }
}

#[cfg(feature = "postgres")]
fn postgres_failed(error: sqlx::Error, sql: &str) -> Error {
    use crate::store::postgres::errors::{failed, is_undefined_table};
    match names_own_table(sql) && is_undefined_table(&error) {
        true => Error::RuntimeNotMigrated {
            source: Box::new(error),
        },
        false => failed(error),
    }
}
