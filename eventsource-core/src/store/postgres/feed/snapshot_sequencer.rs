//! Batch of the sequencer as one statement.
//!
//! With one statement no lock is held while a client works: a process that is stopped has either
//! sent nothing, or the server finishes without it.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};

use crate::Position;
use crate::store::contract::names::Names;
use crate::store::postgres::feed::channel::CHANNEL;
use crate::store::postgres::feed::outbox;
use crate::store::postgres::feed::sources::FeedLogs;
use crate::store::postgres::pool::Pool;
use crate::store::sql::statements::{FEED, FEED_ENTITIES, SEQUENCER};

/// Statement of a batch, for the entities that were known when it was made.
#[derive(Debug)]
pub(crate) struct SequencerBatch {
    sql: String,
    schema: String,
    sources: FeedLogs,
    /// Most events in a batch; more only if they have the same log sequence.
    max_batch: i64,
}

/// Outcome of a batch.
pub(crate) enum BatchOutcome {
    /// Last position: there are no more new events, or another process is giving positions now.
    Position(Position),
    /// More events exist than fit a batch: run another.
    More,
    /// Conflict with a sequencer that has finished meanwhile: run again.
    Conflict,
    /// Entities exist that the statement does not know; nothing was done.
    UnknownEntities,
    /// Saved snapshot of another cluster, from which the database was moved; nothing was done.
    OtherCluster,
}

impl SequencerBatch {
    pub(crate) fn new(names: &Names, sources: FeedLogs, max_batch: u32) -> Self {
        Self {
            max_batch: i64::from(max_batch),
            sql: match sources.outbox {
                true => outbox::batch(names),
                false => sql(names, &sources),
            },
            schema: names.schema().unwrap_or_default().to_owned(),
            sources,
        }
    }

    pub(crate) fn sources(&self) -> &FeedLogs {
        &self.sources
    }

    /// Runs the statement.
    pub(crate) async fn run(&self, pool: &Pool) -> Result<BatchOutcome, sqlx::Error> {
        // Made of quoted identifiers and numbers only.
        let batch = sqlx::query(AssertSqlSafe(self.sql.clone()))
            .bind(&self.schema)
            .bind(self.max_batch);
        let batch = match self.sources.outbox {
            true => batch,
            false => batch.bind(self.sources.last()),
        };
        outcome(&batch.fetch_one(pool).await?)
    }
}

/// Returns the outcome from the row of the statement.
fn outcome(row: &PgRow) -> Result<BatchOutcome, sqlx::Error> {
    if !row.try_get::<bool, _>("same_cluster")? {
        return Ok(BatchOutcome::OtherCluster);
    }
    if !row.try_get::<bool, _>("all_known")? {
        return Ok(BatchOutcome::UnknownEntities);
    }
    if row.try_get::<bool, _>("raced")? {
        return Ok(BatchOutcome::Conflict);
    }
    if row.try_get::<bool, _>("more")? {
        return Ok(BatchOutcome::More);
    }
    let position: i64 = row.try_get("position")?;
    Ok(BatchOutcome::Position(Position::new(
        position.unsigned_abs(),
    )))
}

/// Returns the statement of a batch.
///
/// A batch has a limited number of events. The events of one snapshot may take several batches, in
/// the order of the log sequence: the snapshot is saved as the `target` until they are done,
/// together with the log sequence that was reached, and only then becomes the snapshot from which
/// the next batch begins. So all batches up to a target see the same events.
///
/// * `seen`: the sequencer's row as of the snapshot of this statement, with the target.
/// * `span`: the transactions that have finished between the saved snapshot and the target, as open
///   intervals of ids. Running transactions are excluded by their ids, so that the events of a
///   large one are not scanned each time.
/// * `fresh`: the events of those transactions, as many as fit the batch. The OFFSET keeps the
///   planner from walking the index of the log sequence to have them in order.
/// * `held`: the sequencer's row as it is now, locked, if there are events or a target has none
///   left. If another process has the lock there is nothing to do.
/// * `turn`: the row if it did not change between the snapshot and the lock. This is the fence:
///   positions are written only if the row they were computed from is still the current one.
/// * `placed`, `moved`: the new positions, and the sequencer's row with its new snapshot.
fn sql(names: &Names, sources: &FeedLogs) -> String {
    let fresh = sources.union(|source| {
        format!(
            "SELECT {number}::smallint AS entity, e.clock, e.entity_id, e.seq
    FROM span, seen, LATERAL (
        SELECT clock, {id} AS entity_id, seq FROM {log}
        WHERE xid > span.low AND xid < span.high OFFSET 0
    ) AS e
    WHERE e.clock > greatest(seen.restored_clock, seen.reached_clock)",
            number = source.number,
            id = source.id_column,
            log = source.log,
        )
    });
    format!(
        "WITH seen AS MATERIALIZED (
    SELECT sequencer.*,
        sequencer.system_identifier = control.system_identifier AS same_cluster,
        coalesce((SELECT max(number) FROM {entities}), 0) = $3 AS all_known,
        pg_snapshot_xmax(snapshot)::text::bigint AS xmax,
        coalesce(target, pg_current_snapshot()) AS up_to
    FROM {sequencer} AS sequencer, pg_control_system() AS control
), bound AS (
    SELECT xmax - 1 AS xid FROM seen
    UNION ALL
    SELECT running::text::bigint FROM seen, pg_snapshot_xip(seen.up_to) AS running
    WHERE running::text::bigint >= xmax
    UNION ALL
    SELECT pg_snapshot_xmax(up_to)::text::bigint FROM seen
), stretch AS (
    SELECT xid AS low, lead(xid) OVER (ORDER BY xid) AS high FROM bound
    UNION ALL
    SELECT ended::text::bigint - 1, ended::text::bigint + 1
    FROM seen, pg_snapshot_xip(seen.snapshot) AS ended
    WHERE pg_visible_in_snapshot(ended, seen.up_to)
), span AS MATERIALIZED (
    SELECT low::text::xid8 AS low, high::text::xid8 AS high FROM stretch, seen
    WHERE high > low + 1 AND same_cluster AND all_known
), fresh AS MATERIALIZED (
    SELECT * FROM (
    {fresh}
    ) AS event ORDER BY clock FETCH FIRST $2 ROWS WITH TIES
), taken AS MATERIALIZED (
    SELECT count(*) AS events, max(clock) AS last_clock, count(*) >= $2 AS is_full FROM fresh
), held AS MATERIALIZED (
    SELECT batch FROM {sequencer}
    WHERE (SELECT events > 0 OR target IS NOT NULL AND same_cluster AND all_known FROM taken, seen)
    FOR UPDATE SKIP LOCKED
), turn AS MATERIALIZED (
    SELECT seen.batch, seen.position, seen.up_to, taken.*
    FROM seen JOIN held ON held.batch = seen.batch, taken
), placed AS (
    INSERT INTO {feed} (position, clock, entity_id, seq, entity)
    SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
        clock, entity_id, seq, entity
    FROM fresh, turn
), moved AS (
    UPDATE {sequencer} AS sequencer SET batch = sequencer.batch + 1,
        position = sequencer.position + turn.events,
        snapshot = CASE WHEN turn.is_full THEN sequencer.snapshot ELSE turn.up_to END,
        target = CASE WHEN turn.is_full THEN turn.up_to END,
        reached_clock = CASE WHEN turn.is_full THEN turn.last_clock ELSE 0 END
    FROM turn
    WHERE sequencer.batch = turn.batch AND sequencer.position = turn.position
    RETURNING sequencer.position, sequencer.target
)
SELECT seen.same_cluster, seen.all_known, coalesce(moved.position, seen.position) AS position,
    EXISTS (SELECT FROM held) AND NOT EXISTS (SELECT FROM turn) AS raced,
    moved.position IS NOT NULL AND (moved.target IS NOT NULL OR seen.target IS NOT NULL) AS more,
    CASE WHEN moved.position IS NOT NULL THEN pg_notify('{CHANNEL}', $1)::text END AS told
FROM seen LEFT JOIN moved ON true",
        entities = names.shared(FEED_ENTITIES),
        sequencer = names.shared(SEQUENCER),
        feed = names.shared(FEED),
    )
}
