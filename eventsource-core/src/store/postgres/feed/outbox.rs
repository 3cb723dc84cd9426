//! The feed by an outbox: a trigger notes what is inserted into a log, the sequencer empties it.
//!
//! Who appends to an entity has seen the event before, so a snapshot that has an event in the outbox
//! has those before it in its stream, there or in the feed already. The clock, drawn under the
//! entity's lock, is the order of what one snapshot finds. No number of a transaction is looked at.

use crate::store::names::{Names, literal, quoted};
use crate::store::statements::{FEED, FEED_ENTITIES, OUTBOX, SEQUENCER};

use super::delta::CHANNEL;

pub(super) fn create_shared(names: &Names) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {outbox} (
    clock bigint NOT NULL,
    entity_id uuid NOT NULL,
    seq integer NOT NULL,
    entity smallint NOT NULL,
    PRIMARY KEY (clock, entity_id, seq, entity)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE TABLE IF NOT EXISTS {sequencer} (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position bigint NOT NULL CHECK (position >= 0),
    batch bigint NOT NULL
);
INSERT INTO {sequencer} (position, batch) VALUES (0, 0) ON CONFLICT DO NOTHING;",
        outbox = names.shared(OUTBOX),
        sequencer = names.shared(SEQUENCER),
    )
}

/// Whoever inserts, and however. It runs with the owner's rights, for nobody else may insert into the
/// outbox.
pub(super) fn fill(names: &Names) -> String {
    format!(
        "CREATE FUNCTION {fill}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {outbox} (clock, entity_id, seq, entity)
    SELECT stored.clock, stored.{id}, stored.seq, known.number
    FROM stored, {entities} AS known WHERE known.entity = {entity};
    RETURN NULL;
END $$;
CREATE TRIGGER {trigger} AFTER INSERT ON {log} REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION {fill}();
",
        fill = names.qualified(&names.of_log_unquoted("outbox")),
        trigger = quoted(&names.of_log_unquoted("outbox")),
        outbox = names.shared(OUTBOX),
        entities = names.shared(FEED_ENTITIES),
        entity = literal(names.entity()),
        id = names.id_column(),
        log = names.log(),
    )
}

/// The statement of a batch; see [`delta`](super::delta) for what its parts are, and for the fence.
/// What is in the outbox beyond the batch stays there: what comes before it can only be placed
/// sooner.
pub(super) fn batch(names: &Names) -> String {
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
