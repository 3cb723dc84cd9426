//! Snapshots of folds on SQLite: loading one with the events after it, saving and deleting.

use chrono::Utc;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row, SqlitePool};

use crate::Error;
use crate::store::contract::driver::SnapshotDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::snapshot::{
    NewSnapshot, SaveOutcome, SnapshotAndTail, SnapshotKey, TailReader,
};
use crate::store::contract::stream_range::StreamRange;
use crate::store::sql::search::bigint;
use crate::store::sql::snapshots;
use crate::store::sql::snapshots::SNAPSHOTS;
use crate::store::sqlite::catalog::TABLE_EXISTS;
use crate::store::sqlite::errors::{failed, is_forbidden, is_generic};
use crate::store::sqlite::handle::Sqlite;
use crate::store::sqlite::read::row::{time, time_text};
use crate::store::sqlite::read::{event_row, row};

/// Checks whether the table of snapshots exists: SQLite has no error code for a missing table.
async fn table_exists(pool: &SqlitePool) -> Result<bool, Error> {
    let tables: i64 = sqlx::query_scalar(TABLE_EXISTS)
        .bind(SNAPSHOTS)
        .fetch_one(pool)
        .await
        .map_err(failed)?;
    Ok(tables > 0)
}

impl SnapshotDriver for Sqlite {
    async fn load_snapshot_and_tail(
        &self,
        context: &EntityContext,
        key: SnapshotKey,
        range: StreamRange,
    ) -> Result<Option<SnapshotAndTail>, Error> {
        let pool = &self.readers;
        let text = snapshots::select_tail(&context.names, range.until, "value");
        let mut query = sqlx::query(AssertSqlSafe(text))
            .bind(key.entity_id.hyphenated())
            // One more row for the last event of the snapshot, and one to know whether there are more.
            .bind(bigint(range.limit.saturating_add(2)))
            .bind(context.names.entity())
            .bind(key.fold)
            .bind(key.fingerprint.cast_signed());
        if let Some(as_of) = range.until {
            query = row::bind(query, as_of);
        }
        let mut rows = query.fetch(pool);
        let mut tail = TailReader::new(range);
        loop {
            let row = match rows.try_next().await {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(Some(tail.finish())),
                Err(error) if is_generic(&error) && !table_exists(pool).await? => return Ok(None),
                Err(error) => return Err(failed(error)),
            };
            let event = event_row::stored(&row, context);
            let snapshot = match row.try_get("value").map_err(failed)? {
                Some(value) => Some((value, time(&row, "created_at")?)),
                None => None,
            };
            if tail.push(event, snapshot)?.is_break() {
                return Ok(Some(tail.finish()));
            }
        }
    }

    async fn save_snapshot(
        &self,
        context: &EntityContext,
        snapshot: &NewSnapshot,
    ) -> Result<SaveOutcome, Error> {
        let writer = &self.writer;
        let text = snapshots::upsert_snapshot(&context.names, "$9");
        let saved = sqlx::query(AssertSqlSafe(text))
            .bind(snapshot.key.entity_id.hyphenated())
            .bind(context.names.entity())
            .bind(snapshot.key.fold)
            .bind(snapshot.key.fingerprint.cast_signed())
            .bind(snapshot.seq.get())
            .bind(snapshot.event_id.hyphenated())
            .bind(time_text(snapshot.created_at))
            .bind(time_text(Utc::now()))
            .bind(&snapshot.value)
            .execute(writer)
            .await;
        match saved {
            Ok(_) => Ok(SaveOutcome::Saved),
            Err(error) if is_forbidden(&error) => Ok(SaveOutcome::NotAllowed),
            Err(error) if is_generic(&error) && !table_exists(writer).await? => {
                Ok(SaveOutcome::NotAllowed)
            }
            Err(error) => Err(failed(error)),
        }
    }

    async fn forget_snapshots(&self, names: &Names, fold: &'static str) -> Result<u64, Error> {
        let writer = &self.writer;
        sqlx::query(AssertSqlSafe(snapshots::delete_snapshots(names)))
            .bind(names.entity())
            .bind(fold)
            .execute(writer)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed)
    }
}
