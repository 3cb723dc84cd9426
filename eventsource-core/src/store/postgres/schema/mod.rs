//! A migration as text: what `migrate` runs, and what a person can run instead.

mod change;
mod create;
mod data_indexes;
mod guards;
mod rights;
mod tables;
mod view;

use super::{feed, snapshots};
use crate::Error;
use crate::store::migration::{Migration, Registered, Steps};
use crate::store::names::literal;
use crate::store::rules::rules_check_by_number;
use crate::store::statements::{EVENT_TYPES, MACHINES};

/// The condition of an error that the text raises when the database is not where it was thought to
/// be.
pub(super) const NOT_AT: &str = "ES001";

/// The text that takes a database from `registered` to the program's rules; `None` if there is
/// nothing to do.
pub(crate) fn text(
    migration: &Migration,
    registered: Option<&Registered>,
) -> Result<Option<String>, Error> {
    let Some(steps) = migration.steps(registered, rules_check_by_number)? else {
        let Some(registered) = registered else {
            return Ok(None);
        };
        let numbers = migration.numbers(&registered.numbers)?;
        return Ok(view::text(migration, registered, &numbers));
    };
    Ok(Some(match registered {
        None => create::text(migration, &steps)?,
        Some(registered) => change::text(migration, registered, &steps),
    }))
}

/// The text that makes the tables anew within a transaction, where there are none.
pub(super) fn anew(migration: &Migration, registered: Registered) -> Result<String, Error> {
    let steps = migration.steps_anew(registered, rules_check_by_number)?;
    create::body(migration, &steps)
}

pub(super) use change::withdraw;
pub(super) use data_indexes::{There, statements as data_index_statements};
pub(super) use tables::BY_STATE;
pub(crate) use view::mark;

/// The statements that build the indexes for searches by the data, on tables that have registered
/// these rules.
pub(crate) fn data_indexes(
    migration: &Migration,
    registered: &Registered,
) -> Result<Vec<String>, Error> {
    let numbers = migration.numbers(&registered.numbers)?;
    data_index_statements(migration, &numbers, &There::new())
}

/// Begins a transaction in which nobody else migrates.
///
/// Whatever the server's default is: a transaction that has waited for a lock must see what the one
/// before it has done.
fn begin(migration: &Migration) -> String {
    let role = match &migration.options.roles.owner {
        Some(owner) => format!("SET LOCAL ROLE {};\n", crate::store::names::quoted(owner)),
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

/// Nothing, if the database is where it was thought to be.
fn at(migration: &Migration, registered: &Registered) -> String {
    let names = &migration.names;
    format!(
        "DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM {machines} WHERE entity = {entity} AND fingerprint = {fingerprint})
    THEN
        RAISE EXCEPTION 'the rules of {plain} are other ones by now' USING ERRCODE = '{NOT_AT}';
    END IF;
END $$;",
        machines = names.shared(MACHINES),
        entity = literal(names.entity()),
        fingerprint = literal(&registered.fingerprint),
        plain = names.entity(),
    )
}

/// What the tables did not have at first.
fn later(migration: &Migration) -> String {
    feed::add_later_columns(&migration.names)
        + &snapshots::create(migration)
        + &tables::index_states(&migration.names, &migration.options)
}

/// The same as a migration of its own.
pub(super) fn upgrade(migration: &Migration) -> String {
    format!("{}{}COMMIT;\n", begin(migration), later(migration))
}

/// The names that the numbers stand for.
fn insert_event_types(migration: &Migration, steps: &Steps) -> String {
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

/// The rules that the tables enforce from now on.
fn register(migration: &Migration, steps: &Steps) -> String {
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
        fingerprint = literal(&steps.fingerprint),
        rules = literal(&rules),
    )
}
