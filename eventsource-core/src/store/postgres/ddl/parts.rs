//! Statements that every migration has.

use crate::store::contract::layout;
use crate::store::contract::migration::{Migration, MigrationSteps};
use crate::store::contract::names::literal;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::{feed, keys, snapshots, tables};
use crate::store::postgres::sqlstates::OTHER_FINGERPRINT;
use crate::store::sql::statements::{EVENT_TYPES, MACHINES};

/// Returns the SQL that begins a transaction and waits for other migrations to end.
///
/// The isolation level is given, whatever the server's default is: after waiting for the lock, the
/// transaction must see the changes of the one before it.
pub(crate) fn begin_migration_sql(migration: &Migration) -> String {
    begin_as_owner_sql(&migration.options)
}

/// Returns the same for tables with these options.
pub(crate) fn begin_as_owner_sql(options: &SchemaOptions) -> String {
    let role = match &options.roles.owner {
        Some(owner) => format!(
            "SET LOCAL ROLE {};\n",
            crate::store::contract::names::quoted(owner)
        ),
        None => String::new(),
    };
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED;
-- Migrations wait for each other, however long that takes; nobody else is to wait for one.
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(hashtextextended('eventsource migration', 0));
SET LOCAL lock_timeout = '5s';
{role}"
    )
}

/// Returns the SQL that fails unless the database still has this registered version.
pub(crate) fn assert_fingerprint_sql(migration: &Migration, registered: &SchemaVersion) -> String {
    let names = &migration.names;
    format!(
        "DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM {machines} WHERE entity = {entity} AND fingerprint = {fingerprint})
    THEN
        RAISE EXCEPTION 'the rules of {plain} are other ones by now' USING ERRCODE = '{OTHER_FINGERPRINT}';
    END IF;
END $$;",
        machines = names.shared(MACHINES),
        entity = literal(names.entity()),
        fingerprint = literal(&registered.registered_text()),
        plain = names.entity(),
    )
}

/// Returns the SQL that adds what earlier versions of the crate did not create.
pub(crate) fn upgrade_sql(migration: &Migration) -> String {
    feed::add_later_columns(&migration.names)
        + &keys::create(&migration.names, &migration.options)
        + &snapshots::create(migration)
        + &tables::index_states(&migration.names, &migration.options)
        + &tables::index_event_ids(migration)
}

/// Returns the SQL that registers the numbers of new event types.
pub(crate) fn insert_event_types(migration: &Migration, steps: &MigrationSteps) -> String {
    let names = &migration.names;
    let rows: Vec<String> = steps
        .new_event_types
        .iter()
        .map(|(name, number)| {
            let entity = literal(names.entity());
            format!("\n    ({entity}, {number}, {})", literal(name))
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "INSERT INTO {} (entity, number, name) VALUES{};\n",
        names.shared(EVENT_TYPES),
        rows.join(",")
    )
}

/// Returns the SQL that registers the rules that the tables enforce.
pub(crate) fn register(migration: &Migration, steps: &MigrationSteps) -> String {
    let names = &migration.names;
    // A machine is names, flags and formulas: it always has a JSON form.
    let rules = serde_json::to_string(&steps.rules).unwrap_or_default();
    format!(
        "INSERT INTO {machines} (entity, fingerprint, rules, migrated_at) VALUES
    ({entity}, {fingerprint}, {rules}, now())
ON CONFLICT (entity) DO UPDATE
SET fingerprint = excluded.fingerprint, rules = excluded.rules, migrated_at = excluded.migrated_at;
",
        machines = names.shared(MACHINES),
        entity = literal(names.entity()),
        fingerprint = literal(&layout::registered_text(layout::LAYOUT, &steps.fingerprint)),
        rules = literal(&rules),
    )
}
