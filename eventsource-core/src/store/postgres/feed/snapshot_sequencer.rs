//! A batch of the sequencer, as one statement.
//!
//! It is one statement so that nobody holds a lock while a client thinks: a process that is stopped
//! in the middle has either sent nothing, or the server finishes without it.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};

use crate::Position;
use crate::store::contract::names::Names;
use crate::store::postgres::feed::channel::CHANNEL;
use crate::store::postgres::feed::outbox;
use crate::store::postgres::feed::sources::Sources;
use crate::store::postgres::pool::Pool;
use crate::store::sql::statements::{FEED, FEED_ENTITIES, SEQUENCER};

/// The statement of a batch, for the entities that were known when it was made.
#[derive(Debug)]
pub(crate) struct Batch {
    sql: String,
    schema: String,
    sources: Sources,
    /// The most events in it; more only if they have the same clock.
    max_batch: i64,
}

/// What the statement found.
pub(crate) enum BatchOutcome {
    /// This is the last position there is; or the next are another's to give, right now.
    Position(Position),
    /// There are more events than go into a batch: again.
    More,
    /// Another sequencer was here first, and is gone: again.
    Conflict,
    /// There are entities that the statement does not know. It has done nothing.
    UnknownEntities,
    /// The snapshot is of another cluster, where this database was before. It has done nothing.
    OtherCluster,
}

impl Batch {
    pub(crate) fn new(names: &Names, sources: Sources, max_batch: u32) -> Self {
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

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) async fn run(&self, pool: &Pool) -> Result<BatchOutcome, sqlx::Error> {
        // Made of quoted identifiers and numbers only.
        let batch = sqlx::query(AssertSqlSafe(self.sql.clone()))
            .bind(&self.schema)
            .bind(self.max_batch);
        let batch = match self.sources.outbox {
            true => batch,
            false => batch.bind(self.sources.last()),
        };
        found(&batch.fetch_one(pool).await?)
    }
}

fn found(row: &PgRow) -> Result<BatchOutcome, sqlx::Error> {
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

/// A batch has no more events than asked for. What one snapshot has found may take several batches,
/// in the order of the clock: that snapshot is kept as the `target` until they are done, with the
/// clock that was reached, and only then becomes the one from which the next begins. So between
/// two batches nothing is seen that the first of them has not seen.
///
/// * `seen`: the sequencer's row as of this statement's snapshot, with the target.
/// * `span`: the transactions that have finished from the saved snapshot to the target, as open intervals. Those
///   that are still running are left out by number, for a large one would be scanned each time.
/// * `fresh`: what they wrote, as much as goes into the batch. The offset keeps the planner from
///   walking all clocks to have them in order.
/// * `held`: if there is any, or a target has nothing left, the sequencer's row as it is now, under its lock. If another has the
///   lock there is nothing to do.
/// * `single_flight`: that row, if nobody has moved it between the snapshot and the lock. This is the fence:
///   what was read is written only on top of what was read.
/// * `placed`, `moved`: the positions, and with them the snapshot by which they were found.
fn sql(names: &Names, sources: &Sources) -> String {
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
