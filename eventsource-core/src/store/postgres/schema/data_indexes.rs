//! Building of the indexes for searches by the data on existing tables.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::Error;
use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::postgres::ddl::data_indexes::{ExistingIndexes, statements};
use crate::store::postgres::errors::{failed, is_forbidden, is_race};
use crate::store::postgres::pool::Pool;

/// Most attempts: two indexes that are built at once may wait for each other.
const MAX_ATTEMPTS: usize = 16;

/// Lock of whoever builds the indexes; other programs leave it to them.
///
/// Waiting would take as long as building, and would hold a snapshot that the build waits for.
const TRY_LOCK: &str =
    "SELECT pg_try_advisory_lock(hashtextextended('eventsource indexes ' || $1, 0))";

/// Query of the existing indexes and whether each is valid.
const EXISTING: &str = "SELECT relname::text, indisvalid FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = $1::regclass
    OR indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::regclass)";

/// Builds the missing indexes, unless another program is building them.
pub(crate) async fn ensure_indexes(
    pool: &Pool,
    migration: &Migration,
    codes: &EventTypeCodes,
) -> Result<(), Error> {
    if migration.indexed()?.is_empty() {
        return Ok(());
    }
    let mut connection = pool.acquire().await.map_err(failed)?;
    let existing_indexes = existing(&mut connection, &migration.names).await?;
    if statements(migration, codes, &existing_indexes)?.is_empty() {
        return Ok(());
    }
    if pool.is_pgbouncer() {
        return Err(migration.refused(
            "indexes cannot be built through a PgBouncer, which gives each statement another \
             connection: migrate with the URL of the server itself",
        ));
    }
    let locked: bool = sqlx::query_scalar(TRY_LOCK)
        .bind(migration.names.log())
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if !locked {
        return Ok(());
    }
    let built = build(&mut connection, migration, codes).await;
    // Closing the connection releases the lock and drops the settings.
    connection.close().await.map_err(failed)?;
    built
}

/// Builds the missing indexes; begins again after a deadlock.
async fn build(
    connection: &mut PgConnection,
    migration: &Migration,
    codes: &EventTypeCodes,
) -> Result<(), Error> {
    let mut attempts = 0;
    loop {
        let existing_indexes = existing(connection, &migration.names).await?;
        let due = statements(migration, codes, &existing_indexes)?;
        match run(connection, due).await {
            Err(error) if is_race(&error) && attempts < MAX_ATTEMPTS => attempts += 1,
            Err(error) if is_forbidden(&error) => {
                return Err(Error::NotPermitted {
                    entity: migration.names.entity(),
                    source: Box::new(error),
                });
            }
            built => return built.map_err(failed),
        }
    }
}

/// Reads the existing indexes of the log.
async fn existing(connection: &mut PgConnection, names: &Names) -> Result<ExistingIndexes, Error> {
    let rows = sqlx::query(EXISTING)
        .bind(names.log())
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| Ok((row.try_get("relname")?, row.try_get("indisvalid")?)))
        .collect::<Result<_, sqlx::Error>>()
        .map_err(failed)
}

/// Runs the statements one by one.
async fn run(connection: &mut PgConnection, statements: Vec<String>) -> Result<(), sqlx::Error> {
    execute(connection, "SET statement_timeout = 0".to_owned()).await?;
    for statement in statements {
        // Appends do not wait for a concurrent build, so the build may wait for them.
        let lock_timeout = match statement.contains(" CONCURRENTLY ") {
            true => "SET lock_timeout = 0",
            false => "SET lock_timeout = '5s'",
        };
        execute(connection, lock_timeout.to_owned()).await?;
        execute(connection, statement).await?;
    }
    Ok(())
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
}
