//! Rights of the roles: as few as each needs.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, quoted};
use crate::store::postgres::ddl::tables::partition_names;
use crate::store::sql::statements::{
    CATCH_UP, COUNTERS, EVENT_TYPES, FEED, FEED_ENTITIES, IDEMPOTENCY, LOG_SEQ, MACHINES, OUTBOX,
    SEQUENCER,
};

/// Returns the SQL that revokes all rights and grants those of the roles.
pub(crate) fn grant(migration: &Migration) -> String {
    let (names, options) = (&migration.names, &migration.options);
    let roles = &options.roles;
    let (heads, log) = (names.heads(), names.log());
    let (view, entities_view) = (names.view(), names.entity_view());
    let (machines, event_types, idempotency) = (
        names.shared(MACHINES),
        names.shared(EVENT_TYPES),
        names.shared(IDEMPOTENCY),
    );
    let (log_seq, feed, entities, sequencer) = (
        names.shared(LOG_SEQ),
        names.shared(FEED),
        names.shared(FEED_ENTITIES),
        names.shared(SEQUENCER),
    );
    let schema = quoted(options.schema_or_public());
    let mut from = vec!["PUBLIC".to_owned()];
    from.extend(
        [&roles.writer, &roles.reader]
            .into_iter()
            .flatten()
            .map(|role| quoted(role)),
    );
    let from = from.join(", ");
    let mut own = vec![
        heads.clone(),
        log.clone(),
        view.clone(),
        entities_view.clone(),
    ];
    own.extend(partition_names(names, options, names.entity().to_owned()));
    own.extend(partition_names(names, options, names.log_unquoted()));
    let own = own.join(", ");
    // Tables that entities share may be granted to the same roles for another entity; those of the
    // feed, which only its function writes, are granted alike to all roles.
    let mut sql = format!(
        "
-- Rights: what is not granted here, only the owner has.
REVOKE ALL ON {machines}, {event_types}, {idempotency} FROM PUBLIC;
REVOKE ALL ON {feed}, {entities}, {sequencer} FROM {from};
REVOKE ALL ON SEQUENCE {log_seq} FROM PUBLIC;
REVOKE ALL ON {own} FROM {from};
"
    );
    let outbox = names.shared(OUTBOX);
    if options.has_outbox() {
        sql += &format!("REVOKE ALL ON {outbox} FROM {from};\n");
    }
    let counters = names.shared(COUNTERS);
    if migration.counts {
        sql += &format!("REVOKE ALL ON {counters} FROM PUBLIC;\n");
    }
    if let Some(writer) = &roles.writer {
        let writer = quoted(writer);
        sql += &format!(
            "GRANT USAGE ON SCHEMA {schema} TO {writer};
GRANT SELECT ON {machines}, {event_types}, {idempotency}, {heads}, {log}, {view}, {entities_view} TO {writer};
GRANT SELECT ON {feed}, {entities}, {sequencer} TO {writer};
\"
        );
        if !options.citus {
            let catch_up = names.shared(CATCH_UP);
            sql += &format!("GRANT EXECUTE ON FUNCTION {catch_up}(bigint) TO {writer};\n");
        }
        if migration.counts {
            sql += &format!("GRANT SELECT ON {counters} TO {writer};\n");
        }
    }
    if let Some(reader) = &roles.reader {
        let reader = quoted(reader);
        sql += &format!(
            "GRANT USAGE ON SCHEMA {schema} TO {reader};
GRANT SELECT ON {machines}, {event_types}, {heads}, {log}, {view}, {entities_view} TO {reader};
GRANT SELECT ON {feed}, {entities}, {sequencer} TO {reader};
"
        );
        if migration.counts {
            sql += &format!("GRANT SELECT ON {counters} TO {reader};\n");
        }
    }
    sql
}
