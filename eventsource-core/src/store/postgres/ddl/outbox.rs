//! Outbox of the feed: a trigger records each event that is inserted, the sequencer moves it on.
//!
//! An append sees the event before its own, so a snapshot that contains an event in the outbox
//! contains the earlier ones of its stream, in the outbox or in the feed. The log sequence, drawn
//! under the lock of the entity, orders the events of one snapshot. Transaction ids play no part.

use crate::store::contract::names::{Names, literal, quoted};
use crate::store::sql::statements::{FEED_ENTITIES, OUTBOX, SEQUENCER};

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
/// Its function runs with the rights of the owner: no other role may insert into the outbox.
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
