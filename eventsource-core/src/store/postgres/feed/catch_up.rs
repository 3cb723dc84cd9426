//! Calls of the function that gives events their positions.

use sqlx::{AssertSqlSafe, Row};

use crate::Position;
use crate::store::contract::names::Names;
use crate::store::postgres::errors::has_code;
use crate::store::postgres::pool::Pool;
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
        let batch = sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(i64::from(max_batch))
            .fetch_one(pool)
            .await;
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

/// Checks whether a machine of the schema was migrated.
async fn has_feed(pool: &Pool, names: &Names) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(names.shared(FEED_ENTITIES))
        .fetch_one(pool)
        .await
}
