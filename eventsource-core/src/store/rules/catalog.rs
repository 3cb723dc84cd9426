//! Comparison of a schema with the one that a migration would create.

use std::collections::BTreeMap;

use crate::store::contract::schema_difference::{DifferenceKind, SchemaDifference, SchemaObject};

/// Objects of a schema, by table, kind and name.
pub(crate) type Catalog = BTreeMap<(String, SchemaObject, String), CatalogEntry>;

/// Object of a schema: its definition, and whether it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CatalogEntry {
    pub(crate) definition: String,
    pub(crate) enabled: bool,
    pub(crate) valid: bool,
}

/// Returns the differences of `actual` from `expected`.
///
/// Other objects than the expected ones are no difference, except rights on tables for which
/// `has_exact_rights` returns true.
pub(crate) fn compare(
    expected: &Catalog,
    actual: &Catalog,
    has_exact_rights: impl Fn(&str) -> bool,
) -> Vec<SchemaDifference> {
    let contains = |catalog: &Catalog, table: &String| {
        [
            SchemaObject::Table,
            SchemaObject::View,
            SchemaObject::Sequence,
            SchemaObject::Domain,
        ]
        .map(|object| (table.clone(), object, table.clone()))
        .iter()
        .any(|key| catalog.contains_key(key))
    };
    let difference =
        |(table, object, name): &(String, SchemaObject, String), kind| SchemaDifference {
            object: *object,
            table: table.clone(),
            name: name.clone(),
            kind,
        };
    let mut found = Vec::new();
    for (key, entry) in expected {
        // A missing table or domain is one difference, not one for each of its constraints.
        let (table, _, name) = key;
        if table != name && contains(expected, table) && !contains(actual, table) {
            continue;
        }
        let kind = match actual.get(key) {
            None => DifferenceKind::Missing,
            Some(there) if there.definition != entry.definition => DifferenceKind::Different {
                expected: entry.definition.clone(),
                actual: there.definition.clone(),
            },
            Some(there) if entry.enabled && !there.enabled => DifferenceKind::Disabled,
            Some(there) if entry.valid && !there.valid => DifferenceKind::NotValidated,
            Some(_) => continue,
        };
        found.push(difference(key, kind));
    }
    for key in actual.keys() {
        let (table, object, _) = key;
        if *object == SchemaObject::Right && has_exact_rights(table) && !expected.contains_key(key)
        {
            found.push(difference(key, DifferenceKind::Unexpected));
        }
    }
    found
}
