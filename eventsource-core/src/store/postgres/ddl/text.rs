//! Migration as SQL text: `migrate` runs it, or a person does.

use crate::Error;
use crate::store::contract::migration::Migration;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::data_indexes::{self as indexes, ExistingIndexes};
use crate::store::postgres::ddl::parts::{begin_migration_sql, upgrade_sql};
use crate::store::postgres::ddl::{change, create, layout_2, view};
use crate::store::rules::checks::Columns;

/// Returns the SQL that migrates from the `registered` version to the rules of the program; `None`
/// if the database enforces them already.
pub(crate) fn text(
    migration: &Migration,
    registered: Option<&SchemaVersion>,
) -> Result<Option<String>, Error> {
    let statements = statements(migration, registered)?;
    Ok(statements.map(|statements| statements.concat()))
}

/// Returns the text in parts, each to be sent by itself.
pub(crate) fn statements(
    migration: &Migration,
    registered: Option<&SchemaVersion>,
) -> Result<Option<Vec<String>>, Error> {
    if migration.options.citus && !migration.machine.unique_fields().is_empty() {
        return Err(migration.refused(
            "unique fields need a trigger, and tables on Citus have none: leave `unique(..)` out, or \
             use another schema",
        ));
    }
    if let Some(earlier) = registered.filter(|registered| registered.needs_new_log()) {
        return layout_2::statements::statements(migration, earlier).map(Some);
    }
    if let Some(earlier) = registered.filter(|registered| registered.has_keys_of_all()) {
        let steps = migration.steps_from_any_rules(earlier, Columns::OfValue)?;
        return Ok(Some(vec![change::text(migration, earlier, &steps)]));
    }
    let Some(steps) = migration.steps(registered, Columns::OfValue)? else {
        let Some(registered) = registered else {
            return Ok(None);
        };
        let codes = migration.codes(&registered.codes)?;
        let text = view::text(migration, registered, &codes);
        return Ok(text.map(|text| vec![text]));
    };
    Ok(Some(vec![match registered {
        None => create::text(migration, &steps)?,
        Some(registered) => change::text(migration, registered, &steps),
    }]))
}

/// Returns the SQL that creates the tables within a transaction that has begun.
pub(crate) fn create_sql(
    migration: &Migration,
    registered: SchemaVersion,
) -> Result<String, Error> {
    let steps = migration.steps_from_scratch(registered, Columns::OfValue)?;
    create::body(migration, &steps)
}

/// Returns the statements that build the indexes for searches by the data, for tables with this
/// registered version.
pub(crate) fn data_indexes(
    migration: &Migration,
    registered: &SchemaVersion,
) -> Result<Vec<String>, Error> {
    let codes = migration.codes(&registered.codes)?;
    indexes::statements(migration, &codes, &ExistingIndexes::new())
}

/// Returns the transaction that adds what earlier versions of the crate did not create.
pub(crate) fn upgrade_transaction_sql(migration: &Migration) -> String {
    format!(
        "{}{}COMMIT;\n",
        begin_migration_sql(migration),
        upgrade_sql(migration)
    )
}
