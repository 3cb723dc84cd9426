//! SQL that creates or replaces the functions, and grants the rights to call them.

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, quoted};
use crate::store::postgres::ddl::append::answered::{ANSWERED, ANSWERED_ARGUMENTS};
use crate::store::postgres::ddl::append::batch::{BATCH, BATCH_ARGUMENTS};
use crate::store::postgres::ddl::append::by_name::{BY_NAME, BY_NAME_ARGUMENTS};
use crate::store::postgres::ddl::append::each::{EACH, EACH_ARGUMENTS};
use crate::store::postgres::ddl::append::expressions::Expressions;
use crate::store::postgres::ddl::append::lock::{LOCK, LOCK_ARGUMENTS};
use crate::store::postgres::ddl::append::one::{ONE, ONE_ARGUMENTS};
use crate::store::postgres::ddl::append::outcomes::{
    AUTO_FOLLOWS, BUSY, REFUSED, REPEATED, STORED,
};
use crate::store::postgres::ddl::append::{answered, batch, by_name, each, lock, one};

/// Returns the SQL of the functions, after the tables and views that they use, and of the rights to
/// call them.
pub(crate) fn create(migration: &Migration, codes: &EventTypeCodes) -> String {
    functions(migration, codes) + &rights(migration)
}

/// Returns the SQL of the functions.
pub(crate) fn functions(migration: &Migration, codes: &EventTypeCodes) -> String {
    let rules = Expressions::new(migration, codes);
    format!(
        "
-- Appends: functions that know the rules, and have the rights to write. Outcomes of a request:
-- {STORED} stored, {REFUSED} refused, {BUSY} locked by another transaction, {REPEATED} stored before,
-- {AUTO_FOLLOWS} for the function for batches, since an auto transition follows.{answered}{lock}{one}{each}{batch}{by_name}",
        answered = answered::create(migration),
        lock = lock::create(migration),
        one = one::create(migration, &rules),
        each = each::create(migration, &rules),
        batch = batch::create(migration, &rules),
        by_name = by_name::create(migration, &rules),
    )
}

/// Returns the SQL that drops the function that depends on the view of events.
pub(crate) fn drop_by_name(names: &Names) -> String {
    format!(
        "DROP FUNCTION IF EXISTS {}({BY_NAME_ARGUMENTS});\n",
        names.function(BY_NAME)
    )
}

/// Returns the SQL that lets the writer, and nobody else, call the functions.
fn rights(migration: &Migration) -> String {
    let names = &migration.names;
    let functions = format!(
        "{}({ANSWERED_ARGUMENTS}), {}({LOCK_ARGUMENTS}), {}({ONE_ARGUMENTS}), {}({EACH_ARGUMENTS}), {}({BATCH_ARGUMENTS}), {}({BY_NAME_ARGUMENTS})",
        names.function(ANSWERED),
        names.function(LOCK),
        names.function(ONE),
        names.function(EACH),
        names.function(BATCH),
        names.function(BY_NAME),
    );
    let mut sql = format!("REVOKE ALL ON FUNCTION {functions} FROM PUBLIC;\n");
    if let Some(writer) = &migration.options.roles.writer {
        sql += &format!(
            "GRANT EXECUTE ON FUNCTION {functions} TO {};\n",
            quoted(writer)
        );
    }
    sql
}
