//! Statement of a batch that moves events from the outbox into the feed.

use crate::store::contract::names::Names;
use crate::store::postgres::feed::channel::CHANNEL;
use crate::store::sql::statements::{FEED, OUTBOX, SEQUENCER};

/// Returns the statement of a batch; its parts are explained in
/// [`snapshot_sequencer`](crate::store::postgres::feed::snapshot_sequencer).
///
/// Events beyond the batch stay in the outbox: their predecessors get positions earlier.
pub(crate) fn batch(names: &Names) -> String {
    format!(
        "WITH seen AS MATERIALIZED (
    SELECT batch, position FROM {sequencer}
), fresh AS MATERIALIZED (
    SELECT * FROM {outbox} ORDER BY clock, entity_id, seq LIMIT $2
), held AS MATERIALIZED (
    SELECT batch FROM {sequencer} WHERE EXISTS (SELECT FROM fresh) FOR UPDATE SKIP LOCKED
), turn AS MATERIALIZED (
    SELECT seen.*, (SELECT count(*) FROM fresh) AS events
    FROM seen JOIN held ON held.batch = seen.batch
), gone AS (
    DELETE FROM {outbox} AS outbox USING fresh, turn
    WHERE outbox.clock = fresh.clock AND outbox.entity_id = fresh.entity_id
        AND outbox.seq = fresh.seq AND outbox.entity = fresh.entity
), placed AS (
    INSERT INTO {feed} (position, clock, entity_id, seq, entity)
    SELECT turn.position + row_number() OVER (ORDER BY clock, entity_id, seq),
        clock, entity_id, seq, entity
    FROM fresh, turn
), moved AS (
    UPDATE {sequencer} AS sequencer SET batch = sequencer.batch + 1,
        position = sequencer.position + turn.events
    FROM turn WHERE sequencer.batch = turn.batch
    RETURNING sequencer.position, turn.events
)
SELECT true AS same_cluster, true AS all_known,
    coalesce(moved.position, seen.position) AS position,
    EXISTS (SELECT FROM held) AND NOT EXISTS (SELECT FROM turn) AS raced,
    coalesce(moved.events >= $2, false) AS more,
    CASE WHEN moved.position IS NOT NULL THEN pg_notify('{CHANNEL}', $1)::text END AS told
FROM seen LEFT JOIN moved ON true",
        sequencer = names.shared(SEQUENCER),
        outbox = names.shared(OUTBOX),
        feed = names.shared(FEED),
    )
}
