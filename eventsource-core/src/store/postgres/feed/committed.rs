//! Positions of everything that was committed, also while another process is giving them.
//!
//! A call of the function that gives positions passes if another caller has its turn, and cannot say
//! so. It has left nothing out in two cases: the sequencer has saved a snapshot that contains all that
//! was visible before the call, or nobody else has had the row of the sequencer meanwhile.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Row};
use tokio::time::Instant;

use crate::store::contract::names::Names;
use crate::store::postgres::errors::{failed, has_code};
use crate::store::postgres::feed::catch_up;
use crate::store::postgres::pool::Pool;
use crate::store::sql::statements::SEQUENCER;
use crate::{Error, Position};

/// Longest wait between two calls while another process gives positions.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// Row of the sequencer, before or after a call.
struct Turn {
    /// Version of the row, and who has locked it last.
    row: (String, String),
    /// Whether whoever has locked it is at it.
    is_taken: bool,
    /// Whether all that was visible in the first snapshot has its position.
    is_covered: bool,
    /// Snapshot of this read.
    snapshot: String,
    position: Position,
}

/// Gives positions until all that was committed before has one; returns the last.
pub(crate) async fn run(pool: &Pool, names: &Names, max_batch: u32) -> Result<Position, Error> {
    let end = Instant::now() + pool.options().get_acquire_timeout();
    let mut wait = Duration::from_millis(1);
    let mut first: Option<String> = None;
    loop {
        let before = match turn(pool, names, first.as_deref()).await {
            Ok(turn) => turn,
            // Before the first migration there is nothing to give.
            Err(error) if has_code(&error, &["42P01", "3F000"]) => {
                return catch_up::run(pool, names, max_batch)
                    .await
                    .map_err(not_given);
            }
            Err(error) => return Err(not_given(error)),
        };
        let first = first.get_or_insert(before.snapshot);
        let position = catch_up::run(pool, names, max_batch)
            .await
            .map_err(not_given)?;
        let after = turn(pool, names, Some(first)).await.map_err(not_given)?;
        if after.is_covered {
            return Ok(after.position);
        }
        if !before.is_taken && before.row == after.row {
            return Ok(position);
        }
        if Instant::now() >= end {
            return Err(Error::Unavailable {
                source: "another process is giving events their positions, and does not end".into(),
            });
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(MAX_WAIT);
    }
}

/// Reads the row of the sequencer.
///
/// Who locks a row last stays in its `xmax`, which has 32 bits of the transaction's number. With an
/// outbox the sequencer saves no snapshot, so only the other case ends the wait.
async fn turn(pool: &Pool, names: &Names, first: Option<&str>) -> Result<Turn, sqlx::Error> {
    let sql = format!(
        "SELECT sequencer.ctid::text, sequencer.xmax::text, position, now.snapshot::text,
    sequencer.xmax::text <> '0' AND (EXISTS (
        SELECT FROM pg_snapshot_xip(now.snapshot) AS running
        WHERE running::text::bigint & 4294967295 = sequencer.xmax::text::bigint
    ) OR (sequencer.xmax::text::bigint - pg_snapshot_xmax(now.snapshot)::text::bigint) & 4294967295
        < 2147483648),
    coalesce(columns.target IS NULL
        AND pg_snapshot_xmax(columns.snapshot)::text::bigint
            >= pg_snapshot_xmax($1::pg_snapshot)::text::bigint
        AND NOT EXISTS (SELECT FROM pg_snapshot_xip(columns.snapshot) AS unseen
            WHERE pg_visible_in_snapshot(unseen, $1::pg_snapshot)), false)
FROM {} AS sequencer, (SELECT pg_current_snapshot() AS snapshot) AS now,
    jsonb_to_record(to_jsonb(sequencer)) AS columns (snapshot pg_snapshot, target pg_snapshot)",
        names.shared(SEQUENCER)
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(first)
        .fetch_one(pool)
        .await?;
    Ok(Turn {
        row: (row.try_get(0)?, row.try_get(1)?),
        position: Position::new(row.try_get::<i64, _>(2)?.unsigned_abs()),
        snapshot: row.try_get(3)?,
        is_taken: row.try_get(4)?,
        is_covered: row.try_get(5)?,
    })
}

/// Says of an error whether this connection can give positions at all.
fn not_given(error: sqlx::Error) -> Error {
    match has_code(&error, &["25006", "42501"]) {
        true => Error::CannotSequence {
            source: Box::new(error),
        },
        false => failed(error),
    }
}
