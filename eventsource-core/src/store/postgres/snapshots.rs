//! Snapshots of folds: their table, reading one with what came since, and keeping one.

use crate::store::contract::driver::SnapshotDriver;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::retry;
use chrono::Utc;
use sqlx::{AssertSqlSafe, Row};

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::snapshot::{
    NewSnapshot, SaveOutcome, SnapshotAndTail, SnapshotKey, StoredSnapshot,
};
use crate::store::contract::stream_range::StreamRange;
use crate::store::postgres::errors::{failed, has_code};
use crate::store::postgres::read::{event_row, row};
use crate::store::sql::search::bigint;
use crate::store::sql::snapshots;

/// No such table, no such column, no right to it, and what an engine that is like Postgres cannot
/// do.
const NOT_HERE: [&str; 4] = ["42P01", "42703", "42501", "0A000"];

/// The same of writing, and that nothing may be written.
const NOT_ALLOWED: [&str; 5] = ["42P01", "42703", "42501", "0A000", "25006"];

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
                // One more, for the last event of the snapshot. Without one it is an event.
                .bind(bigint(range.limit.saturating_add(1)))
                .bind(context.names.entity())
                .bind(key.fold)
                .bind(key.fingerprint.cast_signed());
            if let Some(as_of) = range.until {
                query = row::bind(query, as_of);
            }
            let rows = match query.fetch_all(pool).await {
                Err(error) if has_code(&error, &NOT_HERE) => return Ok(None),
                rows => rows.map_err(failed)?,
            };
            let mut parent_id = None;
            let mut snapshot = None;
            let mut events = Vec::with_capacity(rows.len());
            for row in &rows {
                let mut event = event_row::stored(row, context, 0)?;
                event.parent_id = parent_id.replace(event.event_id);
                match row.try_get("value").map_err(failed)? {
                    Some(value) => {
                        snapshot = Some(StoredSnapshot {
                            value,
                            created_at: row.try_get("created_at").map_err(failed)?,
                            last: event,
                        });
                    }
                    None => events.push(event),
                }
            }
            Ok(Some(SnapshotAndTail { snapshot, events }))
        })
        .await
    }

    async fn save_snapshot(
        &self,
        context: &EntityContext,
        taken: &NewSnapshot,
    ) -> Result<SaveOutcome, Error> {
        let pool = &self.pool;
        let text = snapshots::upsert_snapshot(&context.names, "$9::json");
        let kept = sqlx::query(AssertSqlSafe(text))
            .bind(taken.key.entity_id)
            .bind(context.names.entity())
            .bind(taken.key.fold)
            .bind(taken.key.fingerprint.cast_signed())
            .bind(taken.seq.get().cast_signed())
            .bind(taken.event_id)
            .bind(taken.created_at)
            .bind(Utc::now())
            .bind(&taken.value)
            .execute(pool)
            .await;
        match kept {
            Ok(_) => Ok(SaveOutcome::Saved),
            Err(error) if has_code(&error, &NOT_ALLOWED) => Ok(SaveOutcome::NotAllowed),
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
