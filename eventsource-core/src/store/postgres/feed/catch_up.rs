//! Calls of the function that gives events their positions.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::Position;
use crate::store::contract::names::Names;
use crate::store::postgres::errors::has_code;
use crate::store::postgres::pool::{NO_STATEMENT_TIMEOUT, Pool};
use crate::store::postgres::sqlstates::UNKNOWN_LOG;
use crate::store::sql::statements::{CATCH_UP, FEED_ENTITIES};

/// Most calls that may find an entity just added, which is over as soon as it is seen.
const MAX_ADDED: usize = 16;

/// Calls the function until there are no more new events; returns the last position.
///
/// Only before the first migration there is no feed, and no position.
pub(crate) async fn run(
    pool: &Pool,
    names: &Names,
    max_batch: u32,
) -> Result<Position, sqlx::Error> {
    let sql = format!(
        "SELECT last_position, more FROM {}($1)",
        names.shared(CATCH_UP)
    );
    let mut added = 0;
    loop {
        let batch = call(pool, &sql, max_batch).await;
        match batch {
            Ok(row) if row.try_get("more")? => {}
            Ok(row) => {
                let position: i64 = row.try_get("last_position")?;
                return Ok(Position::new(position.unsigned_abs()));
            }
            Err(error) if has_code(&error, &[UNKNOWN_LOG]) && added < MAX_ADDED => added += 1,
            // There is no such function, or no such schema.
            Err(error) if has_code(&error, &["42883", "3F000"]) => {
                return match has_feed(pool, names).await? {
                    true => Err(error),
                    false => Ok(Position::START),
                };
            }
            Err(error) => return Err(error),
        }
    }
}

/// Calls the function; a second time without a limit of time if it took too long: after a restore it
/// reads all logs.
async fn call(pool: &Pool, sql: &str, max_batch: u32) -> Result<PgRow, sqlx::Error> {
    let query = || sqlx::query(AssertSqlSafe(sql.to_owned())).bind(i64::from(max_batch));
    match query().fetch_one(pool).await {
        Err(error) if has_code(&error, &["57014"]) => {}
        called => return called,
    }
    let mut transaction = pool.begin().await?;
    transaction.execute(NO_STATEMENT_TIMEOUT).await?;
    let row = query().fetch_one(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Checks whether a machine of the schema was migrated.
async fn has_feed(pool: &Pool, names: &Names) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(names.shared(FEED_ENTITIES))
        .fetch_one(pool)
        .await
}
