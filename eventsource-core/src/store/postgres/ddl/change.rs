//! Migration to other rules: the log is checked by a new domain beside the old one, then by it alone.
//!
//! There are three transactions, so that no lock that blocks appends is held while the log is read.
//! If one of them fails, both the old and the new rules hold, and the next migration begins by
//! dropping what is left.

use crate::store::contract::migration::{Migration, MigrationSteps};
use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::parts::{
    assert_fingerprint_sql, begin_migration_sql, insert_event_types, register, upgrade_sql,
};
use crate::store::postgres::ddl::{counter, domain, keys, rights, unique, view};

/// Returns the SQL of the transactions; one is enough if the rules are the same.
pub(crate) fn text(
    migration: &Migration,
    registered: &SchemaVersion,
    steps: &MigrationSteps,
) -> String {
    let names = &migration.names;
    let begin = begin_migration_sql(migration);
    let at_old = assert_fingerprint_sql(migration, registered);
    let shared = upgrade_sql(migration);
    let (before, replaced) = if registered.fingerprint == steps.fingerprint {
        (
            format!(
                "-- The rules of '{}' stay (fingerprint {}).\n{begin}{at_old}\n{shared}",
                names.entity(),
                steps.fingerprint
            ),
            String::new(),
        )
    } else {
        let log = names.log();
        let next = next_check(names, &steps.fingerprint);
        let legal = names.of_log(domain::CHECK);
        (
            format!(
                "-- The rules of '{entity}' change, from fingerprint {old}
-- to {new}.
-- 1. The new rules hold for new events.
{begin}{at_old}
{shared}{drop_left}{create}ALTER TABLE {log}
    ADD CONSTRAINT {next} CHECK ({is_legal}) NOT VALID;
COMMIT;

-- 2. And for the old ones. If not, this fails: the new constraint is to be dropped then.
{begin}ALTER TABLE {log} VALIDATE CONSTRAINT {next};
COMMIT;

-- 3. The new rules hold alone.
{begin}{at_old}
",
                entity = names.entity(),
                old = registered.fingerprint,
                new = steps.fingerprint,
                drop_left = drop_left(names),
                create = domain::create_domain(names, steps),
                is_legal = domain::is_legal(names, &steps.fingerprint),
            ),
            format!(
                "ALTER TABLE {log} DROP CONSTRAINT IF EXISTS {legal};
ALTER TABLE {log} RENAME CONSTRAINT {next} TO {legal};
{unused}",
                unused = domain::drop_unused(names),
            ),
        )
    };
    format!(
        "{before}{wait}{replaced}{counter}{unique}{view}{rights}
{event_types}{register}COMMIT;
",
        counter = if steps.counter {
            let create = counter::create(names, !migration.options.citus);
            counter::none_uncounted(names) + &create
        } else {
            String::new()
        },
        unique = unique::replace(migration, &steps.codes, registered.unique),
        wait = match registered.has_keys_of_all() {
            true => keys::wait_for_earlier(names),
            false => String::new(),
        },
        view = view::replace(migration, &steps.codes),
        rights = rights::grant(migration),
        event_types = insert_event_types(migration, steps),
        register = register(migration, steps),
    )
}

/// Returns the SQL that drops the new constraint and its domain after a migration that failed.
pub(crate) fn rollback_sql(migration: &Migration) -> String {
    format!(
        "{}{}COMMIT;",
        begin_migration_sql(migration),
        drop_left(&migration.names)
    )
}

/// Returns the SQL that drops constraints and domains left by an earlier migration.
fn drop_left(names: &Names) -> String {
    let prefix = names.of_log_unquoted(NEXT).replace('_', "\\_");
    format!(
        "DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = {log}::regclass AND contype = 'c' AND conname LIKE {pattern}
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', {log}::regclass, name);
    END LOOP;
END $$;
{unused}",
        log = literal(&names.log()),
        pattern = literal(&format!("{prefix}\\_%")),
        unused = domain::drop_unused(names),
    )
}

/// Suffix of the name of a new CHECK until it replaces the old one, before the fingerprint.
const NEXT: &str = "next";

/// Returns the quoted name of a new CHECK until it replaces the old one.
fn next_check(names: &Names, fingerprint: &str) -> String {
    let fingerprint: String = fingerprint.chars().take(8).collect();
    names.of_log(&format!("{NEXT}_{fingerprint}_{}", domain::CHECK))
}
