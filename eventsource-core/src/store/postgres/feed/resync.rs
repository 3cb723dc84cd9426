//! Resynchronisation of the feed after the database was moved to another cluster.
//!
//! A dump contains transaction ids, which mean nothing in the cluster that it is restored into.
//! Events without a position are then found by comparing the feed with the logs, once, while appends
//! wait; from then on only events with a higher log sequence are found by their transaction id.

use sqlx::AssertSqlSafe;

use crate::Position;
use crate::store::contract::names::Names;
use crate::store::postgres::feed::channel::CHANNEL;
use crate::store::postgres::feed::sources::FeedLogs;
use crate::store::postgres::pool::Pool;
use crate::store::sql::statements::{FEED, SEQUENCER};

/// Timeout after which a client that is stopped here loses its locks.
const IDLE_TIMEOUT: &str = "SET LOCAL idle_in_transaction_session_timeout = '2s'";

/// Gives all events without a position one; returns the last position, or `None` if another
/// process did so meanwhile.
pub(crate) async fn resync(
    pool: &Pool,
    names: &Names,
    sources: &FeedLogs,
) -> Result<Option<Position>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::raw_sql(IDLE_TIMEOUT)
        .execute(&mut *transaction)
        .await?;
    // Nobody may write from before the snapshot is taken until it is saved.
    let logs: Vec<&str> = sources.logs().collect();
    let lock = format!("LOCK TABLE {} IN SHARE MODE", logs.join(", "));
    sqlx::raw_sql(AssertSqlSafe(lock))
        .execute(&mut *transaction)
        .await?;
    let held = format!("SELECT batch FROM {} FOR UPDATE", names.shared(SEQUENCER));
    let batch: i64 = sqlx::query_scalar(AssertSqlSafe(held))
        .fetch_one(&mut *transaction)
        .await?;
    let position: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql(names, sources)))
        .bind(names.schema().unwrap_or_default())
        .bind(batch)
        .bind(sources.last())
        .fetch_optional(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(position.map(|position| Position::new(position.unsigned_abs())))
}

/// Returns the statement that gives the positions and saves the snapshot.
fn sql(names: &Names, sources: &FeedLogs) -> String {
    let events = sources.union(|source| {
        format!(
            "SELECT {number}::smallint AS entity, clock, {id} AS entity_id, seq FROM {log}",
            number = source.number,
            id = source.id_column,
            log = source.log,
        )
    });
    format!(
        "WITH event AS (
    {events}
), missing AS MATERIALIZED (
    SELECT * FROM event WHERE NOT EXISTS (
        SELECT FROM {feed} AS feed
        WHERE feed.entity = event.entity AND feed.entity_id = event.entity_id
            AND feed.seq = event.seq)
), turn AS MATERIALIZED (
    SELECT sequencer.* FROM {sequencer} AS sequencer, pg_control_system() AS control
    WHERE batch = $2 AND sequencer.system_identifier <> control.system_identifier
        AND (SELECT max(number) FROM {entities}) = $3
), placed AS (
    INSERT INTO {feed} (position, clock, entity_id, seq, entity)
    SELECT turn.position + row_number() OVER (ORDER BY clock, missing.entity_id, missing.seq),
        clock, missing.entity_id, missing.seq, missing.entity
    FROM missing, turn
), moved AS (
    UPDATE {sequencer} AS sequencer SET batch = sequencer.batch + 1,
        position = sequencer.position + (SELECT count(*) FROM missing),
        snapshot = pg_current_snapshot(), target = NULL, reached_clock = 0,
        system_identifier = (SELECT system_identifier FROM pg_control_system()),
        restored_clock = coalesce((SELECT max(clock) FROM event), 0)
    FROM turn WHERE sequencer.batch = turn.batch
    RETURNING sequencer.position
)
SELECT position, pg_notify('{CHANNEL}', $1)::text FROM moved",
        entities = names.shared(crate::store::sql::statements::FEED_ENTITIES),
        feed = names.shared(FEED),
        sequencer = names.shared(SEQUENCER),
    )
}
