//! First migration of an entity: all its tables.

use crate::Error;
use crate::store::contract::migration::{Migration, MigrationSteps};
use crate::store::contract::names::{literal, quoted};
use crate::store::postgres::ddl::parts::{begin_migration_sql, insert_event_types, register};
use crate::store::postgres::ddl::shared::create_shared;
use crate::store::postgres::ddl::{
    append, catch_up, counter, data_indexes, feed, guards, rights, snapshots, tables, unique, view,
};
use crate::store::postgres::sqlstates::OTHER_FINGERPRINT;
use crate::store::sql::statements::MACHINES;

/// Returns the SQL of the migration, one transaction.
pub(crate) fn text(migration: &Migration, steps: &MigrationSteps) -> Result<String, Error> {
    Ok(format!(
        "-- The tables of '{entity}', which enforce its rules (fingerprint {fingerprint}).
{begin}
{body}COMMIT;
",
        entity = migration.names.entity(),
        fingerprint = steps.fingerprint,
        begin = begin_migration_sql(migration),
        body = body(migration, steps)?,
    ))
}

/// Returns the statements without the transaction.
pub(crate) fn body(migration: &Migration, steps: &MigrationSteps) -> Result<String, Error> {
    let names = &migration.names;
    let options = &migration.options;
    let (guards, in_feed) = if options.citus {
        (String::new(), String::new())
    } else {
        (
            guards::create(names, options),
            feed::create_for(names, options) + &catch_up::create(names, options),
        )
    };
    Ok(format!(
        "{none_yet}
{create_schema}{shared}
{tables}{data_indexes}{counter}{guards}{in_feed}{unique}{view}{append}{rights}{snapshots}
{event_types}{register}",
        none_yet = none_yet(migration),
        create_schema = create_schema(options.schema_or_public()),
        shared = create_shared(names, options),
        tables = tables::create(migration, steps),
        data_indexes = data_indexes::create(migration, &steps.codes)?,
        counter = if steps.counter {
            counter::create(names, !options.citus)
        } else {
            String::new()
        },
        unique = unique::create(migration, &steps.codes),
        view = view::create(migration, &steps.codes),
        append = append::create::create(migration, &steps.codes),
        rights = rights::grant(migration),
        snapshots = snapshots::create(migration),
        event_types = insert_event_types(migration, steps),
        register = register(migration, steps),
    ))
}

/// Returns the SQL that creates the schema unless it exists.
///
/// `CREATE SCHEMA IF NOT EXISTS` would need the right to create one even if it exists.
pub(crate) fn create_schema(schema: &str) -> String {
    format!(
        "DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = {literal}) THEN
        CREATE SCHEMA {quoted};
    END IF;
END $$;
",
        literal = literal(schema),
        quoted = quoted(schema),
    )
}

/// Returns the SQL that fails if the entity is registered already.
fn none_yet(migration: &Migration) -> String {
    let names = &migration.names;
    let machines = names.shared(MACHINES);
    format!(
        "DO $$ BEGIN
    IF to_regclass({machines_literal}) IS NOT NULL THEN
        IF EXISTS (SELECT FROM {machines} WHERE entity = {entity}) THEN
            RAISE EXCEPTION 'the tables of {plain} exist already' USING ERRCODE = '{OTHER_FINGERPRINT}';
        END IF;
    END IF;
END $$;",
        machines_literal = literal(&machines),
        entity = literal(names.entity()),
        plain = names.entity(),
    )
}
