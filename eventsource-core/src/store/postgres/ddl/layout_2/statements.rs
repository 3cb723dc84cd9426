//! Statements of the step, in their order.

use crate::Error;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::layout_2::step::{Step, scratch};
use crate::store::postgres::ddl::layout_2::{begin, copy, replace};
use crate::store::postgres::ddl::parts::begin_migration_sql;

/// Returns the statements, each to be sent by itself: a loop that commits cannot be sent with others.
///
/// If one of them fails, nothing has changed for those who read and write.
pub(crate) fn statements(
    migration: &Migration,
    registered: &SchemaVersion,
) -> Result<Vec<String>, Error> {
    if migration.options.citus {
        return Err(migration.refused(
            "tables of layout 1 on Citus stay so: export the events, and import them into tables of \
             another schema",
        ));
    }
    if !migration.machine.unique_fields().is_empty() {
        return Err(migration.refused(
            "tables of layout 1 get no unique fields: migrate to the rules without `unique(..)` first",
        ));
    }
    let step = Step::new(migration, registered)?;
    Ok(vec![
        lock(&migration.names),
        begin::transaction(&step),
        copy::batches(
            &step,
            "2. Events are copied in batches, while others are appended.",
        ),
        copy::indexes(&step)?,
        copy::batches(&step, "4. And those that have come meanwhile."),
        copy::compare(&step),
        replace::transaction(&step),
        unlock(&migration.names),
    ])
}

/// Returns the SQL that lets others take the step.
pub(crate) fn unlock(names: &Names) -> String {
    format!(
        "SELECT pg_advisory_unlock(hashtextextended({}, 0));\nRESET statement_timeout;\n",
        literal(&lock_name(names))
    )
}

/// Returns the SQL that removes the copy of a step that failed.
pub(crate) fn rollback_sql(migration: &Migration) -> String {
    let scratch = scratch(migration);
    format!(
        "{begin}{drop_left}{drop_schema}COMMIT;",
        begin = begin_migration_sql(migration),
        drop_left = begin::drop_left(&scratch.names),
        drop_schema = begin::drop_schema(&scratch.names),
    )
}

/// Returns the SQL that waits for others who take this step, and keeps them waiting until the session
/// ends.
fn lock(names: &Names) -> String {
    format!(
        "-- The tables of '{entity}' get layout 2: JSON as it was sent, rules in a domain, and functions
-- that append. A copy of the log takes its place, while events are appended to it. If this ends before
-- its time, begin again. Send the statements one by one, as psql does.
-- Those who take this step wait for each other.
SET statement_timeout = 0;
BEGIN;
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_lock(hashtextextended({lock}, 0));
COMMIT;
",
        entity = names.entity(),
        lock = literal(&lock_name(names)),
    )
}

fn lock_name(names: &Names) -> String {
    format!("eventsource layout {}", names.log())
}
