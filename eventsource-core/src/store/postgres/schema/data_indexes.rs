//! Brings the indexes for searches by the data to tables that are there.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::Error;
use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::postgres::ddl::data_indexes::{There, statements};
use crate::store::postgres::errors::{failed, is_forbidden, is_race};
use crate::store::postgres::pool::Pool;

/// How often to begin anew: two such indexes that are built at once may wait for each other.
const TRIES: usize = 16;

/// Who finds somebody else at it leaves it to them: to wait would take as long as to build it, and who
/// builds it waits for whoever has a snapshot.
const TAKE: &str = "SELECT pg_try_advisory_lock(hashtextextended('eventsource indexes ' || $1, 0))";

const THERE: &str = "SELECT relname::text, indisvalid FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = $1::regclass
    OR indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::regclass)";

pub(crate) async fn ensure_indexes(
    pool: &Pool,
    migration: &Migration,
    codes: &EventTypeCodes,
) -> Result<(), Error> {
    if migration.indexed()?.is_empty() {
        return Ok(());
    }
    let mut connection = pool.acquire().await.map_err(failed)?;
    let there = there(&mut connection, &migration.names).await?;
    if statements(migration, codes, &there)?.is_empty() {
        return Ok(());
    }
    if pool.is_pgbouncer() {
        return Err(migration.refused(
            "a PgBouncer would give each statement another connection: migrate with the server's \
             own URL",
        ));
    }
    let taken: bool = sqlx::query_scalar(TAKE)
        .bind(migration.names.log())
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if !taken {
        return Ok(());
    }
    let built = build(&mut connection, migration, codes).await;
    // With its settings, and with the lock.
    connection.close().await.map_err(failed)?;
    built
}

async fn build(
    connection: &mut PgConnection,
    migration: &Migration,
    codes: &EventTypeCodes,
) -> Result<(), Error> {
    let mut tries = 0;
    loop {
        let there = there(connection, &migration.names).await?;
        let due = statements(migration, codes, &there)?;
        match run(connection, due).await {
            Err(error) if is_race(&error) && tries < TRIES => tries += 1,
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

async fn there(connection: &mut PgConnection, names: &Names) -> Result<There, Error> {
    let rows = sqlx::query(THERE)
        .bind(names.log())
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| Ok((row.try_get("relname")?, row.try_get("indisvalid")?)))
        .collect::<Result<_, sqlx::Error>>()
        .map_err(failed)
}

async fn run(connection: &mut PgConnection, statements: Vec<String>) -> Result<(), sqlx::Error> {
    execute(connection, "SET statement_timeout = 0".to_owned()).await?;
    for statement in statements {
        // Nobody waits for what is done concurrently, so that may wait for anybody.
        let patience = match statement.contains(" CONCURRENTLY ") {
            true => "SET lock_timeout = 0",
            false => "SET lock_timeout = '5s'",
        };
        execute(connection, patience.to_owned()).await?;
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
