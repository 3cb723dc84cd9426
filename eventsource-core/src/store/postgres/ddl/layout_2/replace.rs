//! Last transaction of the step: the copy takes the place of the log.

use crate::store::contract::names::{literal, quoted};
use crate::store::postgres::ddl::layout_2::begin::drop_schema;
use crate::store::postgres::ddl::layout_2::copy::insert;
use crate::store::postgres::ddl::layout_2::shared_rights;
use crate::store::postgres::ddl::layout_2::step::{Step, tables};
use crate::store::postgres::ddl::parts::{
    assert_fingerprint_sql, begin_migration_sql, insert_event_types, register,
};
use crate::store::postgres::ddl::{
    append_only, catch_up, counter, domain, guards, json_fault, keys, outbox, rights, snapshots,
    tables as table, view,
};
use crate::store::postgres::sqlstates::LAYOUT_REFUSED;
use crate::store::sql::statements::SEQUENCER;

/// Attempts to lock the log, each of which stops others for a third of a second at most.
const ATTEMPTS: u32 = 200;

/// Returns the transaction.
///
/// The sequencer's batch is the fence of whoever computed positions from what is replaced here: they
/// are not written then.
pub(super) fn transaction(step: &Step<'_>) -> String {
    let (migration, names) = (step.migration, &step.migration.names);
    let (options, steps) = (&migration.options, &step.steps);
    format!(
        "
-- 5. The copy takes the place of the log, with the events that have come since, and gets triggers,
-- views, functions and rights. Others wait for this transaction.
{begin}{at_old}
SELECT {as_owner};
{lock}{rest}{grants}DROP VIEW IF EXISTS {view}, {entity_view};
DROP TABLE {log}, {progress};
{old_guards}{moved}{heads}{keys}{functions}{guards}{outbox}{json_fault}
{counter}{catch_up}{views}{rights}{snapshots}
{event_types}{register}{shared_rights}UPDATE {sequencer} SET batch = batch + 1;
{drop_schema}COMMIT;
",
        begin = begin_migration_sql(migration),
        at_old = assert_fingerprint_sql(migration, step.registered),
        as_owner = step.as_owner(),
        lock = lock(step),
        rest = rest(step),
        grants = keep_grants(step),
        view = names.view(),
        entity_view = names.entity_view(),
        log = names.log(),
        progress = step.progress(),
        old_guards = drop_guards(step),
        moved = set_schema(step),
        heads = table::set_storage_of_heads(names, options),
        keys = keys::create(names, options),
        functions = append_only::create(names),
        guards = guards::create(names, options),
        outbox = match options.has_outbox() {
            true => outbox::fill(names),
            false => String::new(),
        },
        json_fault = json_fault::create(names),
        counter = match steps.counter {
            true => counter::none_uncounted(names) + &counter::create(names, true),
            false => String::new(),
        },
        catch_up = catch_up::create(names, options),
        views = view::replace(migration, &steps.codes),
        rights = rights::grant(migration),
        snapshots = snapshots::create(migration),
        event_types = insert_event_types(migration, steps),
        register = register(migration, steps),
        shared_rights = shared_rights::revoke(migration),
        sequencer = names.shared(SEQUENCER),
        drop_schema = drop_schema(&step.scratch.names),
    )
}

/// Returns the SQL that locks log, heads and views against everybody.
///
/// Whoever comes later waits behind it, so it gives up soon and lets them pass. When the log is
/// locked, those who have one of the others are nearly done, or wait for the log themselves: then all
/// locks are given back at once. A vacuum ends only for who waits longer, so it goes first, by a lock
/// that stops nobody else.
fn lock(step: &Step<'_>) -> String {
    let names = &step.migration.names;
    format!(
        "SET LOCAL lock_timeout = '60s';
LOCK TABLE {heads}, {log} IN SHARE UPDATE EXCLUSIVE MODE;
DO $$ BEGIN
    FOR attempt IN 1..{ATTEMPTS} LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '300ms', true);
            LOCK TABLE {log} IN ACCESS EXCLUSIVE MODE;
            PERFORM set_config('lock_timeout', '30ms', true);
            LOCK TABLE {heads}, {view}, {entity_view} IN ACCESS EXCLUSIVE MODE;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            NULL;
        END;
        PERFORM pg_sleep(0.2 + 0.3 * random());
    END LOOP;
    RAISE EXCEPTION 'transactions keep the log of {entity} locked: migrate when they have ended'
        USING ERRCODE = 'lock_not_available';
END $$;
SET LOCAL lock_timeout = '5s';
",
        log = names.log(),
        heads = names.heads(),
        view = names.view(),
        entity_view = names.entity_view(),
        entity = names.entity(),
    )
}

/// Returns the SQL that copies the events that have come since the last batch.
fn rest(step: &Step<'_>) -> String {
    format!(
        "SET LOCAL enable_seqscan = off;
DO $rest$ DECLARE
    start bigint;
    copied bigint;
BEGIN
            SELECT through INTO STRICT start FROM {progress};
            IF start > {last_drawn} THEN
                RAISE EXCEPTION 'log sequences were set back' USING ERRCODE = '{LAYOUT_REFUSED}';
            END IF;
{insert}{compare}
END $rest$;
SET LOCAL enable_seqscan TO DEFAULT;
",
        progress = step.progress(),
        last_drawn = step.last_drawn(),
        insert = insert(step, "clock > start"),
        compare = compare_since(step),
    )
}

/// Returns the statement that fails if an event of the time of the step is not in the copy, which
/// happens if somebody inserts with a log sequence of another statement.
///
/// With an outbox events have no ids of transactions.
fn compare_since(step: &Step<'_>) -> String {
    if step.migration.options.has_outbox() {
        return String::new();
    }
    format!(
        "
            IF (SELECT count(*) FROM {log} WHERE xid >= (SELECT since FROM {progress}))
                <> (SELECT count(*) FROM {copy} WHERE xid >= (SELECT since FROM {progress}))
            THEN
                RAISE EXCEPTION 'events have come with log sequences that were drawn before: migrate again'
                    USING ERRCODE = '{LAYOUT_REFUSED}';
            END IF;",
        log = step.migration.names.log(),
        copy = step.scratch.names.log(),
        progress = step.progress(),
    )
}

/// Returns the SQL that lets roles that others have let read the log read the copy.
fn keep_grants(step: &Step<'_>) -> String {
    format!(
        "DO $$ DECLARE statement text; BEGIN
    FOR statement IN SELECT format('GRANT SELECT ON %s TO %s', {copy}::regclass, grantee::regrole)
        FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid = {log}::regclass AND privilege_type = 'SELECT' AND grantee <> 0
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
",
        copy = literal(&step.scratch.names.log()),
        log = literal(&step.migration.names.log()),
    )
}

/// Returns the SQL that drops what is left of the triggers, which are made anew.
fn drop_guards(step: &Step<'_>) -> String {
    let names = &step.migration.names;
    let triggers: String = step
        .heads()
        .iter()
        .flat_map(|heads| {
            ["keeps_heads", "leads_heads"].map(|trigger| {
                format!(
                    "DROP TRIGGER IF EXISTS {} ON {heads};\n",
                    names.of_log(trigger)
                )
            })
        })
        .collect();
    let function = |suffix| names.qualified(&names.of_log_unquoted(suffix));
    let mut functions = vec![function("moves_head"), function("leads_heads")];
    if step.migration.options.has_outbox() {
        functions.push(outbox::fill_function(names));
    }
    format!("{triggers}DROP FUNCTION {}();\n", functions.join("(), "))
}

/// Returns the SQL that moves the copy to the schema of the log.
fn set_schema(step: &Step<'_>) -> String {
    let (scratch, names) = (&step.scratch, &step.scratch.names);
    let schema = quoted(step.migration.options.schema_or_public());
    let moved: String = tables(scratch, names.log_unquoted(), names.log())
        .iter()
        .map(|table| format!("ALTER TABLE {table} SET SCHEMA {schema};\n"))
        .collect();
    format!(
        "ALTER TYPE {row} SET SCHEMA {schema};
ALTER DOMAIN {domain} SET SCHEMA {schema};
{moved}",
        row = domain::row(names),
        domain = domain::domain(names, &step.steps.fingerprint),
    )
}
