//! Snapshots of folds on Postgres: loading one with the events after it, saving and deleting.

use chrono::Utc;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};

use crate::Error;
use crate::store::contract::driver::SnapshotDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::snapshot::{
    NewSnapshot, SaveOutcome, SnapshotAndTail, SnapshotKey, TailReader,
};
use crate::store::contract::stream_range::StreamRange;
use crate::store::postgres::errors::{failed, has_code};
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::read::{event_row, row};
use crate::store::postgres::retry;
use crate::store::sql::search::bigint;
use crate::store::sql::snapshots;

/// SQLSTATEs of a read without snapshots: no table, no column, no right, or an unsupported feature of
/// a database that is compatible with Postgres.
const NOT_READABLE: [&str; 4] = ["42P01", "42703", "42501", "0A000"];

/// SQLSTATEs of a database that saves no snapshots: as of a read, or the transaction is read-only.
const NOT_WRITABLE: [&str; 5] = ["42P01", "42703", "42501", "0A000", "25006"];

impl SnapshotDriver for Postgres {
    async fn load_snapshot_and_tail(
        &self,
        context: &EntityContext,
        key: SnapshotKey,
        range: StreamRange,
    ) -> Result<Option<SnapshotAndTail>, Error> {
        let pool = self.reader();
        retry::read(pool, || async {
            let text = snapshots::select_tail(&context.names, range.until, "value::text");
            let mut query = sqlx::query(AssertSqlSafe(text))
                .bind(key.entity_id)
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
                    Err(error) if has_code(&error, &NOT_READABLE) => return Ok(None),
                    Err(error) => return Err(failed(error)),
                };
                let event = event_row::stored(&row, context, 0);
                let snapshot = match row.try_get("value").map_err(failed)? {
                    Some(value) => Some((value, row.try_get("created_at").map_err(failed)?)),
                    None => None,
                };
                if tail.push(event, snapshot)?.is_break() {
                    return Ok(Some(tail.finish()));
                }
            }
        })
        .await
    }

    async fn save_snapshot(
        &self,
        context: &EntityContext,
        snapshot: &NewSnapshot,
    ) -> Result<SaveOutcome, Error> {
        let pool = &self.pool;
        let text = snapshots::upsert_snapshot(&context.names, "$9::json");
        let saved = sqlx::query(AssertSqlSafe(text))
            .bind(snapshot.key.entity_id)
            .bind(context.names.entity())
            .bind(snapshot.key.fold)
            .bind(snapshot.key.fingerprint.cast_signed())
            .bind(snapshot.seq.get().cast_signed())
            .bind(snapshot.event_id)
            .bind(snapshot.created_at)
            .bind(Utc::now())
            .bind(&snapshot.value)
            .execute(pool)
            .await;
        match saved {
            Ok(_) => Ok(SaveOutcome::Saved),
            Err(error) if has_code(&error, &NOT_WRITABLE) => Ok(SaveOutcome::NotAllowed),
            Err(error) => Err(failed(error)),
        }
    }

    async fn forget_snapshots(&self, names: &Names, fold: &'static str) -> Result<u64, Error> {
        let pool = &self.pool;
        sqlx::query(AssertSqlSafe(snapshots::delete_snapshots(names)))
            .bind(names.entity())
            .bind(fold)
            .execute(pool)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed)
    }
}
