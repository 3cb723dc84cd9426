//! Unique fields: a table of who has which value, and the triggers that keep it.
//!
//! As on Postgres; values are compared as SQLite does, objects and arrays as text.

use eventsource_model::{Machine, UniqueField};

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::names::{Names, literal, quoted};

/// Returns the SQL of the table and the triggers; nothing without unique fields.
pub(crate) fn create(names: &Names, machine: &Machine, codes: &EventTypeCodes) -> String {
    let fields = machine.unique_fields();
    if fields.is_empty() {
        return String::new();
    }
    let mut sql = format!(
        "
CREATE TABLE {table} (
    field TEXT NOT NULL,
    value ANY NOT NULL,
    entity_id TEXT NOT NULL,
    PRIMARY KEY (field, value),
    UNIQUE (entity_id, field)
) STRICT;",
        table = names.unique(),
    );
    for (number, field) in fields.iter().enumerate() {
        sql += &trigger(names, field, codes, number);
    }
    sql
}

/// Returns the SQL that drops the table; the triggers are dropped with the log.
pub(crate) fn drop(names: &Names) -> String {
    format!("DROP TABLE IF EXISTS {};\n", names.unique())
}

/// Returns the prefix of the names of the triggers.
pub(crate) fn trigger_prefix(names: &Names) -> String {
    format!("{}_", names.of_log_unquoted("unique"))
}

fn trigger(names: &Names, field: &UniqueField, codes: &EventTypeCodes, number: usize) -> String {
    let (table, id) = (names.unique(), names.id_column());
    let (name, value) = (literal(&field.name), value(field, codes, "NEW."));
    format!(
        "
CREATE TRIGGER {trigger} AFTER INSERT ON {log} WHEN {value} IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'the value of a unique field is taken') WHERE EXISTS (
        SELECT 1 FROM {table} WHERE field = {name} AND value = {value} AND entity_id <> NEW.{id});
    DELETE FROM {table} WHERE entity_id = NEW.{id} AND field = {name} AND value <> {value};
    INSERT INTO {table} (field, value, entity_id) SELECT {name}, {value}, NEW.{id}
    WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE entity_id = NEW.{id} AND field = {name});
END;",
        trigger = quoted(&format!("{}{number}", trigger_prefix(names))),
        log = names.log(),
    )
}

/// Returns the SQL that fills the table with the values of all entities.
pub(crate) fn fill(names: &Names, machine: &Machine, codes: &EventTypeCodes) -> String {
    let fields = machine.unique_fields().iter();
    let fill = fields.map(|field| {
        format!(
            "INSERT INTO {table} (field, value, entity_id) {last};\n",
            table = names.unique(),
            last = last(names, field, codes),
        )
    });
    fill.collect()
}

/// Returns the query of values that several entities have, with the field and the entities; at most
/// ten of each field.
pub(crate) fn select_taken_twice(
    names: &Names,
    machine: &Machine,
    codes: &EventTypeCodes,
) -> Vec<String> {
    let fields = machine.unique_fields().iter();
    let select = fields.map(|field| {
        format!(
            "SELECT field || ' ' || substr(json_quote(value), 1, 100) || ': '
    || substr(group_concat(entity_id, ', '), 1, 188)
FROM ({last}) GROUP BY value HAVING count(*) > 1 ORDER BY value LIMIT 10",
            last = last(names, field, codes),
        )
    });
    select.collect()
}

/// Returns the query of the last value of each entity.
fn last(names: &Names, field: &UniqueField, codes: &EventTypeCodes) -> String {
    let (log, id) = (names.log(), names.id_column());
    format!(
        "SELECT {name} AS field, value, entity_id FROM (
    SELECT {value} AS value, {id} AS entity_id, max(seq) FROM {log}
    WHERE {value} IS NOT NULL GROUP BY {id})",
        name = literal(&field.name),
        value = value(field, codes, ""),
    )
}

/// Returns the expression of the value that an event sets; null if it sets none.
pub(crate) fn value(field: &UniqueField, codes: &EventTypeCodes, row: &str) -> String {
    let arms = field.set_by.iter().map(|(event, from)| {
        let number = codes.number(*event);
        format!(" WHEN {number} THEN {row}data ->> {}", path(from))
    });
    format!("CASE {row}event_type{} END", arms.collect::<String>())
}

/// Returns the path of a payload field as an SQL literal.
pub(crate) fn path(field: &str) -> String {
    literal(&format!("$.\"{field}\""))
}
