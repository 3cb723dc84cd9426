//! Payloads of a part of a log.

use sqlx::{AssertSqlSafe, SqlitePool};

use crate::Error;
use crate::store::contract::names::Names;
use crate::store::contract::stored_payload::{LogPart, StoredPayload, StoredPayloadColumns};
use crate::store::sqlite::errors::failed;

use crate::store::sql::payloads as sql;

/// Returns the first and the last log sequence; `None` if the log is empty.
pub(crate) async fn log_ends(
    pool: &SqlitePool,
    names: &Names,
) -> Result<Option<(i64, i64)>, Error> {
    let (first, last): (Option<i64>, Option<i64>) =
        sqlx::query_as(AssertSqlSafe(sql::select_ends(names)))
            .persistent(false)
            .fetch_one(pool)
            .await
            .map_err(failed)?;
    Ok(first.zip(last))
}

/// Returns the first and the last payload of each event type in a part of the log.
pub(crate) async fn read(
    pool: &SqlitePool,
    names: &Names,
    part: LogPart,
) -> Result<Vec<StoredPayload>, Error> {
    let rows: Vec<StoredPayloadColumns> = sqlx::query_as(AssertSqlSafe(sql::select(names)))
        .persistent(false)
        .bind(part.from)
        .bind(part.events)
        .fetch_all(pool)
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(StoredPayload::from).collect())
}
