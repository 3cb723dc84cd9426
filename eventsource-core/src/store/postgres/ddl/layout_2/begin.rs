//! Beginning of the step: what would make it fail later, and the empty copy.

use crate::store::contract::names::{Names, literal, quoted};
use crate::store::postgres::ddl::layout_2::step::{Step, progress};
use crate::store::postgres::ddl::parts::{assert_fingerprint_sql, begin_migration_sql};
use crate::store::postgres::ddl::{domain, feed, tables};
use crate::store::postgres::sqlstates::LAYOUT_REFUSED;
use crate::store::sql::statements::LOG_SEQ;

/// Returns the first transaction.
pub(super) fn transaction(step: &Step<'_>) -> String {
    let (migration, scratch) = (step.migration, &step.scratch);
    format!(
        "
-- 1. An empty copy of the log, in a schema of its own: its names are those of the log already.
{begin}{at_old}
{checks}SELECT {as_owner};
{drop_left}{feed}{domain}{log}CREATE TABLE {progress} (through bigint NOT NULL, events bigint NOT NULL, since xid8 NOT NULL);
INSERT INTO {progress} VALUES (-1, 0, pg_snapshot_xmin(pg_current_snapshot()));
COMMIT;
",
        begin = begin_migration_sql(migration),
        at_old = assert_fingerprint_sql(migration, step.registered),
        checks = checks(step),
        as_owner = step.as_owner(),
        drop_left = drop_left(&scratch.names),
        feed = feed::add_later_columns(&migration.names),
        domain = domain::create(&scratch.names, &step.steps),
        log = tables::log_without_keys(
            scratch,
            &step.steps,
            &migration.names.shared(LOG_SEQ)
        ),
        progress = step.progress(),
    )
}

/// Returns the SQL that fails if the step cannot end well, and creates the schema of the copy.
///
/// The owner of the tables has to own what is made, whoever migrates. Objects of others on the log
/// would be lost with it, or keep it from being dropped.
fn checks(step: &Step<'_>) -> String {
    let (migration, names) = (step.migration, &step.migration.names);
    let schema = step.scratch.options.schema_or_public();
    format!(
        "DO $$ DECLARE
    log CONSTANT regclass NOT NULL := {log};
    owner CONSTANT name NOT NULL := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = log);
    own CONSTANT regclass[] NOT NULL := ARRAY[{views}]::regclass[];
    logs CONSTANT oid[] NOT NULL := ARRAY(SELECT inhrelid FROM pg_inherits WHERE inhparent = log)
        || log::oid;
    split bigint;
    foreign_objects text;
BEGIN
    IF NOT pg_has_role(owner, 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of table %', log USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT count(*) INTO split FROM pg_inherits WHERE inhparent = log;
    IF split <> {partitions} THEN
        RAISE EXCEPTION 'the log has % hash partitions, the options {partitions}: migrate with `hash_partitions(%)`',
            split, split USING ERRCODE = '{LAYOUT_REFUSED}';
    END IF;
    IF EXISTS (SELECT FROM pg_sequence WHERE seqrelid = {log_seq}::regclass
        AND (seqcache <> 1 OR seqincrement < 1 OR seqcycle))
    THEN
        RAISE EXCEPTION '% is no sequence that grows one by one: ALTER SEQUENCE % INCREMENT 1 CACHE 1 NO CYCLE',
            {log_seq}, {log_seq} USING ERRCODE = '{LAYOUT_REFUSED}';
    END IF;
    SELECT string_agg(DISTINCT object, ', ') INTO foreign_objects FROM (
        SELECT 'view ' || ev_class::regclass::text FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid
        WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass
            AND (refobjid = ANY (logs) OR refobjid = ANY (own))
            AND ev_class <> refobjid AND ev_class <> ALL (own)
        UNION ALL
        SELECT 'index ' || indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = ANY (logs) AND NOT starts_with(relname, {prefix})
        UNION ALL
        SELECT 'trigger ' || quote_ident(tgname) FROM pg_trigger
        WHERE tgrelid = ANY (logs) AND NOT tgisinternal AND NOT starts_with(tgname, {prefix})
        UNION ALL
        SELECT 'constraint ' || quote_ident(conname) || ' of ' || conrelid::regclass::text FROM pg_constraint
        WHERE confrelid = ANY (logs) AND conparentid = 0
        UNION ALL
        SELECT 'publication ' || quote_ident(pubname) FROM pg_publication_rel
            JOIN pg_publication ON pg_publication.oid = prpubid WHERE prrelid = ANY (logs)
        UNION ALL
        SELECT 'policy ' || quote_ident(polname) FROM pg_policy WHERE polrelid = ANY (logs)
    ) AS found (object);
    IF foreign_objects IS NOT NULL THEN
        RAISE EXCEPTION 'a new log takes the place of %, on which there are objects of others (%): drop them, migrate, and create them again',
            log, foreign_objects USING ERRCODE = '{LAYOUT_REFUSED}';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = {schema}) THEN
        IF NOT has_database_privilege(current_database(), 'CREATE') THEN
            RAISE EXCEPTION 'the role % may not create the schema of the copy: let one who may run `CREATE SCHEMA {quoted_schema} AUTHORIZATION %`, and migrate',
                current_user, quote_ident(owner) USING ERRCODE = '{LAYOUT_REFUSED}';
        END IF;
        EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', {schema}, owner);
    ELSIF NOT has_schema_privilege(owner, {schema}, 'CREATE') THEN
        RAISE EXCEPTION 'the role % may not create tables in the schema of the copy: let its owner run `GRANT ALL ON SCHEMA {quoted_schema} TO %`, and migrate',
            owner, quote_ident(owner) USING ERRCODE = '{LAYOUT_REFUSED}';
    END IF;
END $$;
",
        log = literal(&names.log()),
        views = [names.view(), names.entity_view()]
            .map(|view| literal(&view))
            .join(", "),
        partitions = migration.options.partitions.map_or(0, std::num::NonZeroU16::get),
        log_seq = literal(&names.shared(LOG_SEQ)),
        // Longer names are shortened.
        prefix = literal(&names.log_unquoted().chars().take(40).collect::<String>()),
        schema = literal(schema),
        quoted_schema = quoted(schema).replace('%', "%%").replace('\'', "''"),
    )
}

/// Returns the SQL that drops what a step that failed has left.
pub(super) fn drop_left(scratch: &Names) -> String {
    format!(
        "DROP TABLE IF EXISTS {log}, {progress};
{domains}DROP TYPE IF EXISTS {row};
",
        log = scratch.log(),
        progress = progress(scratch),
        domains = domain::drop_unused(scratch),
        row = domain::row(scratch),
    )
}

/// Returns the SQL that drops the schema of the copy, unless something is in it or it is another's.
///
/// Looks first, since `DROP SCHEMA` locks what is in the schema before it fails: the copy of another
/// machine may be there.
pub(super) fn drop_schema(scratch: &Names) -> String {
    let schema = scratch.schema().unwrap_or_default();
    format!(
        "DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_namespace AS copies WHERE nspname = {literal}
        AND pg_has_role(nspowner, 'USAGE')
        AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = copies.oid)
        AND NOT EXISTS (SELECT FROM pg_type WHERE typnamespace = copies.oid)
        AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = copies.oid))
    THEN
        DROP SCHEMA {quoted};
    END IF;
END $$;
",
        literal = literal(schema),
        quoted = quoted(schema),
    )
}
