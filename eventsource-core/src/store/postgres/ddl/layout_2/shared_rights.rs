//! Rights to the tables that all entities share, which programs of layout 1 write themselves.

use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, literal, quoted};
use crate::store::sql::statements::{
    COUNTERS, EARLIER_KEYS, FEED, FEED_ENTITIES, LOG_SEQ, MACHINES, OUTBOX, SEQUENCER,
};

/// Returns the query whether a machine of the schema has layout 1 still.
pub(crate) fn some_left(names: &Names) -> String {
    format!(
        "SELECT EXISTS (SELECT FROM {} WHERE NOT starts_with(fingerprint, 'layout '))",
        names.shared(MACHINES)
    )
}

/// Returns the SQL that takes the rights to write from everybody but the owner, once all machines of
/// the schema have left layout 1.
pub(super) fn revoke(migration: &Migration) -> String {
    let names = &migration.names;
    let tables = [
        EARLIER_KEYS,
        COUNTERS,
        FEED,
        FEED_ENTITIES,
        SEQUENCER,
        OUTBOX,
        LOG_SEQ,
    ]
    .map(literal)
    .join(", ");
    format!(
        "-- Programs of layout 1 write to shared tables themselves, until the last machine has left it.
DO $$ DECLARE statement text; BEGIN
    IF ({some_left}) THEN
        RETURN;
    END IF;
    FOR statement IN SELECT DISTINCT CASE relkind
            WHEN 'S' THEN format('REVOKE ALL ON SEQUENCE %s FROM %s', shared.oid::regclass, holder)
            ELSE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON %s FROM %s',
                shared.oid::regclass, holder) END
        FROM pg_class AS shared, LATERAL (
            SELECT grantee, privilege_type FROM aclexplode(relacl)
            UNION ALL
            SELECT grantee, privilege_type FROM pg_attribute, aclexplode(attacl)
            WHERE attrelid = shared.oid
        ) AS held, LATERAL (
            SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS holder
        ) AS named
        WHERE relnamespace = {schema}::regnamespace AND relname IN ({tables})
            AND grantee <> relowner AND privilege_type <> 'SELECT'
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
",
        some_left = some_left(names),
        schema = literal(&quoted(migration.options.schema_or_public())),
    )
}
