//! The feed by an outbox: a trigger notes what is inserted into a log, the sequencer empties it.
//!
//! Who appends to an entity has seen the event before, so a snapshot that has an event in the outbox
//! has those before it in its stream, there or in the feed already. The clock, drawn under the
//! entity's lock, is the order of what one snapshot finds. No number of a transaction is looked at.

use crate::store::contract::names::{Names, literal, quoted};
use crate::store::sql::statements::{FEED_ENTITIES, OUTBOX, SEQUENCER};

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

/// Whoever inserts, and however. It runs with the owner's rights, for nobody else may insert into the
/// outbox.
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
