//! Migration to other rules: new constraints are added beside the old ones, then replace them.
//!
//! There are three transactions, so that no lock that blocks appends is held while the log is read.
//! If one of them fails, both the old and the new rules hold, and the next migration begins by
//! dropping the constraints that are left.

use crate::store::contract::migration::{Migration, MigrationSteps};
use crate::store::contract::names::literal;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::parts::{
    assert_fingerprint_sql, begin_migration_sql, insert_event_types, register, upgrade_sql,
};
use crate::store::postgres::ddl::tables::{constraint_pattern, drop_checks, next_constraint};
use crate::store::postgres::ddl::{counter, rights, view};

/// Returns the SQL of the three transactions.
pub(crate) fn text(
    migration: &Migration,
    registered: &SchemaVersion,
    steps: &MigrationSteps,
) -> String {
    let names = &migration.names;
    let log = names.log();
    let next = |suffix: &str| next_constraint(names, &steps.fingerprint, suffix);
    let list = |change: &dyn Fn(&str, &str) -> String| -> String {
        let changes: Vec<String> = steps
            .checks
            .iter()
            .map(|(suffix, condition)| change(suffix, condition))
            .collect();
        changes.join(",\n    ")
    };
    let each = |change: &dyn Fn(&str) -> String| -> String {
        let changes = steps.checks.iter();
        changes
            .map(|(suffix, _)| format!("ALTER TABLE {log} {};\n", change(suffix)))
            .collect()
    };
    format!(
        "-- The rules of '{entity}' change, from fingerprint {old}
-- to {new}.
-- 1. The new rules hold for new events.
{begin}{at_old}
{shared}{drop_left}ALTER TABLE {log}
    {add};
COMMIT;

-- 2. And for the old ones. If not, this fails: the new constraints are to be dropped then.
{begin}{validate}COMMIT;

-- 3. The new rules hold alone.
{begin}{at_old}
{drop_old}{rename}{counter}{view}{rights}
{event_types}{register}COMMIT;
",
        entity = names.entity(),
        old = registered.fingerprint,
        new = steps.fingerprint,
        begin = begin_migration_sql(migration),
        at_old = assert_fingerprint_sql(migration, registered),
        shared = upgrade_sql(migration),
        drop_left = drop_left(migration),
        add = list(&|suffix, condition| format!(
            "ADD CONSTRAINT {} CHECK ({condition}) NOT VALID",
            next(suffix)
        )),
        validate = each(&|suffix| format!("VALIDATE CONSTRAINT {}", next(suffix))),
        drop_old = drop_checks(
            &log,
            &format!(
                "conname LIKE {} OR conname IN ({}, {})",
                constraint_pattern(names, "requires_"),
                literal(&names.of_log_unquoted("rules")),
                literal(&names.of_log_unquoted("version")),
            )
        ),
        rename = each(&|suffix| format!(
            "RENAME CONSTRAINT {} TO {}",
            next(suffix),
            names.of_log(suffix)
        )),
        counter = if steps.counter {
            let create = counter::create(names, !migration.options.citus);
            counter::none_uncounted(names) + &create
        } else {
            String::new()
        },
        view = view::replace(migration, &steps.codes),
        rights = rights::grant(migration),
        event_types = insert_event_types(migration, steps),
        register = register(migration, steps),
    )
}

/// Returns the SQL that drops the new constraints after a migration that failed.
pub(crate) fn rollback_sql(migration: &Migration) -> String {
    format!(
        "{}{}COMMIT;",
        begin_migration_sql(migration),
        drop_left(migration)
    )
}

/// Returns the SQL that drops constraints left by an earlier migration.
fn drop_left(migration: &Migration) -> String {
    let names = &migration.names;
    drop_checks(
        &names.log(),
        &format!("conname LIKE {}", constraint_pattern(names, "next_")),
    )
}
