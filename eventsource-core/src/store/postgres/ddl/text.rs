//! A migration as text: what `migrate` runs, and what a person can run instead.

use crate::Error;
use crate::store::contract::migration::Migration;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::data_indexes::{There, statements};
use crate::store::postgres::ddl::parts::{begin, later};
use crate::store::postgres::ddl::{change, create, view};
use crate::store::rules::checks::rules_check_by_number;

/// The text that takes a database from `registered` to the program's rules; `None` if there is
/// nothing to do.
pub(crate) fn text(
    migration: &Migration,
    registered: Option<&SchemaVersion>,
) -> Result<Option<String>, Error> {
    let Some(steps) = migration.steps(registered, rules_check_by_number)? else {
        let Some(registered) = registered else {
            return Ok(None);
        };
        let codes = migration.codes(&registered.codes)?;
        return Ok(view::text(migration, registered, &codes));
    };
    Ok(Some(match registered {
        None => create::text(migration, &steps)?,
        Some(registered) => change::text(migration, registered, &steps),
    }))
}

/// The text that makes the tables anew within a transaction, where there are none.
pub(crate) fn create_sql(
    migration: &Migration,
    registered: SchemaVersion,
) -> Result<String, Error> {
    let steps = migration.steps_from_scratch(registered, rules_check_by_number)?;
    create::body(migration, &steps)
}

/// The statements that build the indexes for searches by the data, on tables that have registered
/// these rules.
pub(crate) fn data_indexes(
    migration: &Migration,
    registered: &SchemaVersion,
) -> Result<Vec<String>, Error> {
    let codes = migration.codes(&registered.codes)?;
    statements(migration, &codes, &There::new())
}

/// The same as a migration of its own.
pub(crate) fn upgrade(migration: &Migration) -> String {
    format!("{}{}COMMIT;\n", begin(migration), later(migration))
}
