//! Indexes for searches by the data.
//!
//! Each is on the expression that a search uses, which contains the numbers of the event types; its
//! name has a hash of the expression. If the expression changes, the new index is built beside the
//! old one and then replaces it. They are hash indexes: values have any length, and searches compare
//! whole values.

use std::collections::BTreeMap;

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::quoted;
use crate::store::postgres::data_expression::value;
use crate::store::postgres::ddl::tables::partition_names;
use crate::{DataField, Error};

/// Existing indexes by name, with whether each is valid.
pub(crate) type ExistingIndexes = BTreeMap<String, bool>;

/// Returns the SQL that creates the indexes together with the tables.
pub(crate) fn create(migration: &Migration, codes: &EventTypeCodes) -> Result<String, Error> {
    let mut sql = String::new();
    for field in migration.indexed()? {
        let index = Index::of(migration, codes, field);
        sql += &format!(
            "-- For searches by '{}'.\nCREATE INDEX {} ON {} {};\n",
            field.name().replace(['\n', '\r'], " "),
            quoted(&index.name),
            migration.names.log(),
            index.method,
        );
    }
    Ok(sql)
}

/// Returns the statements that bring the indexes to existing tables.
///
/// Each runs outside of a transaction, so that appends do not wait while an index is built.
pub(crate) fn statements(
    migration: &Migration,
    codes: &EventTypeCodes,
    existing: &ExistingIndexes,
) -> Result<Vec<String>, Error> {
    let names = &migration.names;
    let mut all = Vec::new();
    for field in migration.indexed()? {
        let index = Index::of(migration, codes, field);
        if existing.get(&index.name) != Some(&true) {
            let parts = partition_names(names, &migration.options, names.log_unquoted());
            let parts: Vec<String> = parts.collect();
            if parts.is_empty() {
                push_concurrent(
                    &mut all,
                    migration,
                    existing,
                    &index.name,
                    &names.log(),
                    &index.method,
                );
            } else {
                push_partitioned(&mut all, migration, existing, &index, &parts);
            }
        }
        let others = existing.keys().filter(|name| index.replaces(name));
        let how = match migration.options.partitions {
            // An index of a partitioned table cannot be dropped concurrently; it takes a moment.
            Some(_) => "DROP INDEX IF EXISTS",
            None => "DROP INDEX CONCURRENTLY IF EXISTS",
        };
        all.extend(others.map(|name| format!("{how} {}", names.qualified(name))));
    }
    Ok(all)
}

/// Adds the statements for a partitioned table: an empty index of the table, then one of each
/// partition, the last of which makes it valid.
fn push_partitioned(
    all: &mut Vec<String>,
    migration: &Migration,
    existing: &ExistingIndexes,
    index: &Index,
    parts: &[String],
) {
    let names = &migration.names;
    if !existing.contains_key(&index.name) {
        all.push(format!(
            "CREATE INDEX IF NOT EXISTS {} ON ONLY {} {}",
            quoted(&index.name),
            names.log(),
            index.method
        ));
    }
    for (number, part) in parts.iter().enumerate() {
        let (_, name) = names.hashed(&format!("p{number}_data_{}", index.field), &index.method);
        if existing.get(&name) != Some(&true) {
            push_concurrent(all, migration, existing, &name, part, &index.method);
        }
        all.push(format!(
            "ALTER INDEX {} ATTACH PARTITION {}",
            names.qualified(&index.name),
            names.qualified(&name)
        ));
    }
}

/// Adds the statements that build one index; an invalid one, left by a failed build, is dropped.
fn push_concurrent(
    all: &mut Vec<String>,
    migration: &Migration,
    existing: &ExistingIndexes,
    name: &str,
    table: &str,
    method: &str,
) {
    if existing.contains_key(name) {
        let name = migration.names.qualified(name);
        all.push(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"));
    }
    all.push(format!(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS {} ON {table} {method}",
        quoted(name)
    ));
}

/// Index of a data field.
struct Index {
    field: &'static str,
    name: String,
    /// Prefix of the names of the indexes of this field.
    prefix: String,
    /// Method and expression.
    method: String,
}

impl Index {
    fn of(migration: &Migration, codes: &EventTypeCodes, field: &'static DataField) -> Self {
        let method = format!("USING hash (({}))", value(codes, field, ""));
        let suffix = format!("data_{}", field.name());
        let (prefix, name) = migration.names.hashed(&suffix, &method);
        Self {
            field: field.name(),
            name,
            prefix,
            method,
        }
    }

    /// Checks whether `name` is an index of this field with another expression.
    fn replaces(&self, name: &str) -> bool {
        let hash = name.strip_prefix(&self.prefix);
        let hash = hash.filter(|hash| hash.len() == 8 && *name != self.name);
        hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}
