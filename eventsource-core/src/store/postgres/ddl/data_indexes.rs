//! Indexes for searches by the data.
//!
//! Each is on the very expression by which a search looks, which has the numbers of the event types in
//! it; so its name has a hash of that. If the expression changes, the new index is built beside the old
//! one, and then takes its place. A hash index: values have any length, and are asked for as a whole.

use std::collections::BTreeMap;

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::quoted;
use crate::store::postgres::data_expression::value;
use crate::store::postgres::ddl::tables::partition_names;
use crate::{DataField, Error};

/// The indexes that there are, by name, and whether they are valid.
pub(crate) type There = BTreeMap<String, bool>;

/// With the tables, while they are empty.
pub(crate) fn create(migration: &Migration, codes: &EventTypeCodes) -> Result<String, Error> {
    let mut sql = String::new();
    for field in migration.indexed()? {
        let index = Index::of(migration, codes, field);
        sql += &format!(
            "-- For searches by '{}'.\nCREATE INDEX {} ON {} {};\n",
            field.name().replace(['\n', '\r'], " "),
            quoted(&index.name),
            migration.names.log(),
            index.by,
        );
    }
    Ok(sql)
}

/// What is to be done on tables that are there, a statement each; in no transaction, so that nobody
/// who writes is kept waiting while an index is built.
pub(crate) fn statements(
    migration: &Migration,
    codes: &EventTypeCodes,
    there: &There,
) -> Result<Vec<String>, Error> {
    let names = &migration.names;
    let mut all = Vec::new();
    for field in migration.indexed()? {
        let index = Index::of(migration, codes, field);
        if there.get(&index.name) != Some(&true) {
            let parts = partition_names(names, &migration.options, names.log_unquoted());
            let parts: Vec<String> = parts.collect();
            if parts.is_empty() {
                concurrently(
                    &mut all,
                    migration,
                    there,
                    &index.name,
                    &names.log(),
                    &index.by,
                );
            } else {
                in_parts(&mut all, migration, there, &index, &parts);
            }
        }
        let others = there.keys().filter(|name| index.replaces(name));
        let how = match migration.options.partitions {
            // What is in parts can only be dropped at once, which is a moment.
            Some(_) => "DROP INDEX IF EXISTS",
            None => "DROP INDEX CONCURRENTLY IF EXISTS",
        };
        all.extend(others.map(|name| format!("{how} {}", names.qualified(name))));
    }
    Ok(all)
}

/// First an index of the whole that is not valid and holds nothing, then one of each part: with the
/// last of them it becomes valid.
fn in_parts(
    all: &mut Vec<String>,
    migration: &Migration,
    there: &There,
    index: &Index,
    parts: &[String],
) {
    let names = &migration.names;
    if !there.contains_key(&index.name) {
        all.push(format!(
            "CREATE INDEX IF NOT EXISTS {} ON ONLY {} {}",
            quoted(&index.name),
            names.log(),
            index.by
        ));
    }
    for (number, part) in parts.iter().enumerate() {
        let (_, name) = names.hashed(&format!("p{number}_data_{}", index.field), &index.by);
        if there.get(&name) != Some(&true) {
            concurrently(all, migration, there, &name, part, &index.by);
        }
        all.push(format!(
            "ALTER INDEX {} ATTACH PARTITION {}",
            names.qualified(&index.name),
            names.qualified(&name)
        ));
    }
}

/// What was not finished is built anew.
fn concurrently(
    all: &mut Vec<String>,
    migration: &Migration,
    there: &There,
    name: &str,
    table: &str,
    by: &str,
) {
    if there.contains_key(name) {
        let name = migration.names.qualified(name);
        all.push(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"));
    }
    all.push(format!(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS {} ON {table} {by}",
        quoted(name)
    ));
}

struct Index {
    field: &'static str,
    name: String,
    /// What the names of its predecessors begin with.
    prefix: String,
    by: String,
}

impl Index {
    fn of(migration: &Migration, codes: &EventTypeCodes, field: &'static DataField) -> Self {
        let by = format!("USING hash (({}))", value(codes, field, ""));
        let suffix = format!("data_{}", field.name());
        let (prefix, name) = migration.names.hashed(&suffix, &by);
        Self {
            field: field.name(),
            name,
            prefix,
            by,
        }
    }

    /// Whether it is of the same field, with another expression.
    fn replaces(&self, name: &str) -> bool {
        let hash = name.strip_prefix(&self.prefix);
        let hash = hash.filter(|hash| hash.len() == 8 && *name != self.name);
        hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}
