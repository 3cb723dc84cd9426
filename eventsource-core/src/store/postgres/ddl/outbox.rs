//! Outbox of the feed: a trigger records each event that is inserted, the sequencer moves it on.
//!
//! An append sees the event before its own, so a snapshot that contains an event in the outbox
//! contains the earlier ones of its stream, in the outbox or in the feed. The log sequence, drawn
//! under the lock of the entity, orders the events of one snapshot. Transaction ids play no part.

use crate::store::contract::names::{Names, literal, quoted};
use crate::store::postgres::ddl::feed_text::{head, notify};
use crate::store::sql::statements::{FEED, FEED_ENTITIES, OUTBOX, SEQUENCER};

/// Returns the SQL of the outbox and of the row of the sequencer.
pub(crate) fn create_shared(names: &Names) -> String {
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

/// Returns the SQL of the trigger that fills the outbox, whichever statement inserts events.
///
/// Its function runs with the rights of the owner: no other role may insert into the outbox, or use
/// it as a trigger of its own table.
pub(crate) fn fill(names: &Names) -> String {
    format!(
        "CREATE FUNCTION {fill}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {outbox} (clock, entity_id, seq, entity)
    SELECT stored.clock, stored.{id}, stored.seq, known.number
    FROM stored, {entities} AS known WHERE known.entity = {entity};
    RETURN NULL;
END $$;
{revoke}CREATE TRIGGER {trigger} AFTER INSERT ON {log} REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION {fill}();
",
        fill = fill_function(names),
        revoke = revoke_fill(names),
        trigger = quoted(&names.of_log_unquoted("outbox")),
        outbox = names.shared(OUTBOX),
        entities = names.shared(FEED_ENTITIES),
        entity = literal(names.entity()),
        id = names.id_column(),
        log = names.log(),
    )
}

/// Returns the name of the function that fills the outbox.
pub(crate) fn fill_function(names: &Names) -> String {
    names.qualified(&names.of_log_unquoted("outbox"))
}

/// Returns the SQL that keeps others from using the function that fills the outbox.
pub(crate) fn revoke_fill(names: &Names) -> String {
    format!(
        "REVOKE ALL ON FUNCTION {}() FROM PUBLIC;\n",
        fill_function(names)
    )
}

/// Returns the function that moves a batch from the outbox into the feed; its parts are those of
/// [`catch_up`](crate::store::postgres::ddl::catch_up).
///
/// Events beyond the batch stay in the outbox: their predecessors get positions earlier.
pub(crate) fn catch_up(names: &Names) -> String {
    format!(
        "{head}
    has_moved boolean;
BEGIN
    WITH seen AS MATERIALIZED (
        SELECT batch, position FROM {sequencer} WHERE id = 1
    ), fresh AS MATERIALIZED (
        SELECT * FROM {outbox} ORDER BY clock, entity_id, seq LIMIT most
    ), held AS MATERIALIZED (
        SELECT batch FROM {sequencer} WHERE id = 1 AND EXISTS (SELECT FROM fresh)
        FOR UPDATE SKIP LOCKED
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
        FROM turn WHERE sequencer.id = 1 AND sequencer.batch = turn.batch
        RETURNING sequencer.position, turn.events
    )
    SELECT coalesce(moved.position, seen.position),
        -- Another call was faster, or there are more events than fit a batch.
        EXISTS (SELECT FROM held) AND NOT EXISTS (SELECT FROM turn)
            OR coalesce(moved.events >= most, false),
        moved.position IS NOT NULL
    INTO STRICT last_position, more, has_moved FROM seen LEFT JOIN moved ON true;
    IF has_moved THEN
        {notify}
    END IF;
    RETURN NEXT;
END $$",
        head = head(names),
        sequencer = names.shared(SEQUENCER),
        outbox = names.shared(OUTBOX),
        feed = names.shared(FEED),
        notify = notify(names),
    )
}
