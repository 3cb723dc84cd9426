//! Rights of the roles: as few as each needs.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::quoted;
use crate::store::postgres::ddl::tables::partition_names;
use crate::store::sql::statements::{
    CATCH_UP, COUNTERS, EARLIER_KEYS, EVENT_TYPES, FEED, FEED_ENTITIES, KEYS, LOG_SEQ, MACHINES,
    OUTBOX, SEQUENCER,
};

/// Returns the SQL that revokes all rights and grants those of the roles.
pub(crate) fn grant(migration: &Migration) -> String {
    let (names, options) = (&migration.names, &migration.options);
    let roles = &options.roles;
    let (heads, log) = (names.heads(), names.log());
    let (view, entities_view) = (names.view(), names.entity_view());
    let (machines, event_types) = (names.shared(MACHINES), names.shared(EVENT_TYPES));
    let keys = [KEYS, EARLIER_KEYS]
        .map(|table| names.shared(table))
        .join(", ");
    let log_seq = names.shared(LOG_SEQ);
    let schema = quoted(options.schema_or_public());
    let from = all_roles(migration);
    let mut own = vec![
        heads.clone(),
        log.clone(),
        view.clone(),
        entities_view.clone(),
    ];
    if !migration.machine.unique_fields().is_empty() {
        own.push(names.unique());
    }
    own.extend(partition_names(names, options, names.entity().to_owned()));
    own.extend(partition_names(names, options, names.log_unquoted()));
    let own = own.join(", ");
    // Tables that entities share may be granted to the same roles for another entity.
    let mut sql = format!(
        "
-- Rights: what is not granted here, only the owner has.
REVOKE ALL ON {machines}, {event_types}, {keys} FROM PUBLIC;
REVOKE ALL ON SEQUENCE {log_seq} FROM PUBLIC;
REVOKE ALL ON {own} FROM {from};
"
    );
    let counters = names.shared(COUNTERS);
    if migration.counts {
        sql += &format!("REVOKE ALL ON {counters} FROM PUBLIC;\n");
    }
    let unique = match migration.machine.unique_fields() {
        [] => String::new(),
        _ => format!(", {}", names.unique()),
    };
    if let Some(writer) = &roles.writer {
        let writer = quoted(writer);
        sql += &format!(
            "GRANT USAGE ON SCHEMA {schema} TO {writer};
GRANT SELECT ON {machines}, {event_types}, {keys}, {heads}, {log}, {view}, {entities_view}{unique} TO {writer};
"
        );
        if migration.counts {
            sql += &format!("GRANT SELECT ON {counters} TO {writer};\n");
        }
    }
    if let Some(reader) = &roles.reader {
        let reader = quoted(reader);
        sql += &format!(
            "GRANT USAGE ON SCHEMA {schema} TO {reader};
GRANT SELECT ON {machines}, {event_types}, {heads}, {log}, {view}, {entities_view}{unique} TO {reader};
"
        );
        if migration.counts {
            sql += &format!("GRANT SELECT ON {counters} TO {reader};\n");
        }
    }
    if let Some(worker) = &roles.worker {
        let worker = quoted(worker);
        sql += &format!(
            "GRANT USAGE ON SCHEMA {schema} TO {worker};
GRANT SELECT ON {machines}, {event_types}, {heads}, {log}, {view}, {entities_view} TO {worker};
"
        );
    }
    sql + &of_feed(migration)
}

/// Returns the SQL of the rights to the feed: everybody reads, and the writer may call the function
/// that gives positions, which alone writes.
fn of_feed(migration: &Migration) -> String {
    let (names, options) = (&migration.names, &migration.options);
    let (feed, entities, sequencer) = (
        names.shared(FEED),
        names.shared(FEED_ENTITIES),
        names.shared(SEQUENCER),
    );
    // Programs of layout 1, of other machines, have rights to write here.
    let mut sql = format!("REVOKE ALL ON {feed}, {entities}, {sequencer} FROM PUBLIC;\n");
    if options.has_outbox() {
        let outbox = names.shared(OUTBOX);
        sql += &format!("REVOKE ALL ON {outbox} FROM PUBLIC;\n");
    }
    let roles = &options.roles;
    for role in [&roles.writer, &roles.reader, &roles.worker]
        .into_iter()
        .flatten()
    {
        let role = quoted(role);
        sql += &format!("GRANT SELECT ON {feed}, {entities}, {sequencer} TO {role};\n");
    }
    let sequencing = [&roles.writer, &roles.worker].into_iter().flatten();
    for role in sequencing.filter(|_| !options.citus) {
        let (catch_up, role) = (names.shared(CATCH_UP), quoted(role));
        sql += &format!("GRANT EXECUTE ON FUNCTION {catch_up}(bigint) TO {role};\n");
    }
    sql
}

/// Returns all who may have had rights, as a list for SQL.
fn all_roles(migration: &Migration) -> String {
    let roles = &migration.options.roles;
    let mut all = vec!["PUBLIC".to_owned()];
    all.extend(
        [&roles.writer, &roles.reader, &roles.worker]
            .into_iter()
            .flatten()
            .map(|role| quoted(role)),
    );
    all.join(", ")
}
