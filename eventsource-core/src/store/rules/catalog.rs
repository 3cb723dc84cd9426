//! TODO

use std::collections::BTreeMap;

use crate::store::contract::schema_difference::{DifferenceKind, SchemaDifference, SchemaObject};

/// What a catalog says: by table, kind and name.
pub(crate) type Catalog = BTreeMap<(String, SchemaObject, String), Entry>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) definition: String,
    pub(crate) enabled: bool,
    pub(crate) valid: bool,
}

/// What of `expected` is not so in `actual`. Rights must be those, where `own` says so of a table.
pub(crate) fn compare(
    expected: &Catalog,
    actual: &Catalog,
    own: impl Fn(&str) -> bool,
) -> Vec<SchemaDifference> {
    let whole = |catalog: &Catalog, table: &String| {
        [
            SchemaObject::EntityContext,
            SchemaObject::View,
            SchemaObject::Sequence,
        ]
        .map(|object| (table.clone(), object, table.clone()))
        .iter()
        .any(|key| catalog.contains_key(key))
    };
    let drift = |(table, object, name): &(String, SchemaObject, String), drift| SchemaDifference {
        object: *object,
        table: table.clone(),
        name: name.clone(),
        kind: drift,
    };
    let mut found = Vec::new();
    for (key, entry) in expected {
        // What is of a table that is not there need not be told.
        let (table, _, name) = key;
        if table != name && whole(expected, table) && !whole(actual, table) {
            continue;
        }
        let wrong = match actual.get(key) {
            None => DifferenceKind::Missing,
            Some(there) if there.definition != entry.definition => DifferenceKind::Different {
                expected: entry.definition.clone(),
                actual: there.definition.clone(),
            },
            Some(there) if entry.enabled && !there.enabled => DifferenceKind::Disabled,
            Some(there) if entry.valid && !there.valid => DifferenceKind::NotValidated,
            Some(_) => continue,
        };
        found.push(drift(key, wrong));
    }
    for key in actual.keys() {
        let (table, object, _) = key;
        if *object == SchemaObject::Right && own(table) && !expected.contains_key(key) {
            found.push(drift(key, DifferenceKind::Unexpected));
        }
    }
    found
}
