//! Snapshots of folds: their table, reading one with what came since, and keeping one.

use chrono::Utc;
use sqlx::{AssertSqlSafe, Row, SqlitePool};

use super::errors::{failed, is_error, is_forbidden};
use super::read::{self, time, time_text};
use super::sql::TABLE_EXISTS;
use crate::Error;
use crate::store::backend::Table;
use crate::store::names::Names;
use crate::store::row::Stretch;
use crate::store::search_query::bigint;
use crate::store::snapshot_row::{Found, Kept, SnapshotKey, Tail, Taken};
use crate::store::snapshot_sql::{self, SNAPSHOTS};

/// The table, if it is not there.
pub(super) fn create(names: &Names) -> String {
    format!(
        "
CREATE TABLE IF NOT EXISTS {snapshots} (
    entity_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    fold TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    event_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    value TEXT NOT NULL CHECK (json_valid(value)),
    PRIMARY KEY (entity_id, entity, fold)
) STRICT;",
        snapshots = names.shared(SNAPSHOTS),
    )
}

pub(super) async fn tail(
    pool: &SqlitePool,
    table: &Table,
    key: SnapshotKey,
    stretch: Stretch,
) -> Result<Option<Tail>, Error> {
    let text = snapshot_sql::select_tail(&table.names, stretch.until, "value");
    let mut query = sqlx::query(AssertSqlSafe(text))
        .bind(key.entity_id.hyphenated())
        // One more, for the last event of the snapshot. Without one it is an event.
        .bind(bigint(stretch.limit.saturating_add(1)))
        .bind(table.names.entity())
        .bind(key.fold)
        .bind(key.fingerprint.cast_signed());
    if let Some(as_of) = stretch.until {
        query = read::bind(query, as_of);
    }
    let rows = match query.fetch_all(pool).await {
        Err(error) if is_error(&error) && !exists(pool).await? => return Ok(None),
        rows => rows.map_err(failed)?,
    };
    let mut parent_id = None;
    let mut snapshot = None;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        let payload = read::payload_text(row)?;
        let event = read::row_with(row, table, key.entity_id, parent_id, payload)?;
        parent_id = Some(event.event_id);
        match row.try_get("value").map_err(failed)? {
            Some(value) => {
                snapshot = Some(Found {
                    value,
                    created_at: time(row, "created_at")?,
                    last: event,
                });
            }
            None => events.push(event),
        }
    }
    Ok(Some(Tail { snapshot, events }))
}

/// SQLite has no code for a table that is not there.
async fn exists(pool: &SqlitePool) -> Result<bool, Error> {
    let tables: i64 = sqlx::query_scalar(TABLE_EXISTS)
        .bind(SNAPSHOTS)
        .fetch_one(pool)
        .await
        .map_err(failed)?;
    Ok(tables > 0)
}

pub(super) async fn keep(writer: &SqlitePool, table: &Table, taken: &Taken) -> Result<Kept, Error> {
    let text = snapshot_sql::upsert_snapshot(&table.names, "$9");
    let kept = sqlx::query(AssertSqlSafe(text))
        .bind(taken.key.entity_id.hyphenated())
        .bind(table.names.entity())
        .bind(taken.key.fold)
        .bind(taken.key.fingerprint.cast_signed())
        .bind(taken.seq.get())
        .bind(taken.event_id.hyphenated())
        .bind(time_text(taken.created_at))
        .bind(time_text(Utc::now()))
        .bind(&taken.value)
        .execute(writer)
        .await;
    match kept {
        Ok(_) => Ok(Kept::Yes),
        Err(error) if is_forbidden(&error) => Ok(Kept::NotAllowed),
        Err(error) if is_error(&error) && !exists(writer).await? => Ok(Kept::NotAllowed),
        Err(error) => Err(failed(error)),
    }
}

pub(super) async fn forget(writer: &SqlitePool, names: &Names, fold: &str) -> Result<u64, Error> {
    sqlx::query(AssertSqlSafe(snapshot_sql::delete_snapshots(names)))
        .bind(names.entity())
        .bind(fold)
        .execute(writer)
        .await
        .map(|done| done.rows_affected())
        .map_err(failed)
}
