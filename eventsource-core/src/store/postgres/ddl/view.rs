//! Views of the log and the heads for people: names instead of numbers, fields as columns.

use crate::DataField;
use crate::payload::columns::Kind;
use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::identifier::identifier;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, literal, quoted};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::append::expressions::Expressions;
use crate::store::postgres::ddl::parts::{assert_fingerprint_sql, begin_migration_sql};
use crate::store::postgres::ddl::tables::index_states;
use crate::store::postgres::ddl::{append, rights};

/// Columns of the view of events that are not fields of payloads.
const EVENT_COLUMNS: [&str; 12] = [
    "seq",
    "clock",
    "event_id",
    "parent_id",
    "event_type",
    "prior_state",
    "state",
    "prior_version",
    "version",
    "recorded_at",
    "data",
    "metadata",
];

/// Columns of the view of entities that are not fields of the data.
const ENTITY_COLUMNS: [&str; 7] = [
    "id",
    "seq",
    "version",
    "state",
    "last_event_type",
    "created_at",
    "updated_at",
];

/// Returns the SQL that replaces the views of a database that has the rules of the program; `None`
/// if the views are up to date.
///
/// The rules may be equal and the views not: the fields of the data are no part of the rules, and
/// another version of this crate may write other views.
pub(crate) fn text(
    migration: &Migration,
    registered: &SchemaVersion,
    codes: &EventTypeCodes,
) -> Option<String> {
    let names = &migration.names;
    let views = view_fingerprint(migration, codes);
    if registered.views.as_ref() == Some(&views) {
        return None;
    }
    Some(format!(
        "-- The views of '{entity}' change, its rules (fingerprint {fingerprint}) do not.
{begin}{at}
{states}{views}{rights}COMMIT;
",
        entity = names.entity(),
        fingerprint = registered.fingerprint,
        begin = begin_migration_sql(migration),
        at = assert_fingerprint_sql(migration, registered),
        states = index_states(names, &migration.options),
        views = replace(migration, codes),
        rights = rights::grant(migration),
    ))
}

/// Returns the SQL that replaces the views, and the functions that append, of which one returns rows
/// of a view; it fails if views of others depend on them.
pub(crate) fn replace(migration: &Migration, codes: &EventTypeCodes) -> String {
    let names = &migration.names;
    format!(
        "{drop_by_name}DROP VIEW IF EXISTS {view}, {entity_view};\n{views}{append}",
        drop_by_name = append::create::drop_by_name(names),
        view = names.view(),
        entity_view = names.entity_view(),
        views = create(migration, codes),
        append = append::create::create(migration, codes),
    )
}

/// Returns the SQL of both views and of the comment with their fingerprint.
pub(crate) fn create(migration: &Migration, codes: &EventTypeCodes) -> String {
    format!(
        "{views}COMMENT ON VIEW {view} IS {mark};\n",
        views = create_views(migration, codes),
        view = migration.names.entity_view(),
        mark = literal(&view_fingerprint(migration, codes)),
    )
}

/// Returns the fingerprint of the views and functions: a hash of their text without the schema.
pub(crate) fn view_fingerprint(migration: &Migration, codes: &EventTypeCodes) -> String {
    let without_schema = Migration {
        names: Names::new(None, migration.names.entity()),
        ..migration.clone()
    };
    let views = create_views(&without_schema, codes);
    let text = views + &append::create::functions(&without_schema, codes);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("eventsource views {hash:016x}")
}

/// Returns the SQL of both views.
fn create_views(migration: &Migration, codes: &EventTypeCodes) -> String {
    let (events, entities) = (
        events_view(migration, codes),
        entities_view(migration, codes),
    );
    format!("{events}{entities}")
}

/// Returns the SQL of the view of entities: the head, and the latest value of each field of the data.
fn entities_view(migration: &Migration, codes: &EventTypeCodes) -> String {
    let names = &migration.names;
    let (log, id) = (names.log(), names.id_column());
    let fields: String = migration
        .data
        .iter()
        .map(|(field, kind)| {
            let others = migration.data.iter().map(|(other, _)| other.name());
            let name = column_name(field.name(), &ENTITY_COLUMNS, others);
            let value = field_value(field, codes);
            format!(
                ",
    (SELECT {typed} FROM (
        SELECT event.seq, {value} AS value
        FROM {log} AS event WHERE event.{id} = head.id
    ) AS given WHERE json_typeof(value) <> 'null' ORDER BY seq DESC LIMIT 1) AS {name}",
                typed = json_column("value", *kind),
                name = quoted(&name),
            )
        })
        .collect();
    format!(
        "
-- The entities to be read by people: where each stands, and the latest value of each field.
CREATE VIEW {view} AS
SELECT
    head.id,
    head.seq,
    head.version,
    {state} AS state,
    {last} AS last_event_type,
    head.created_at,
    head.updated_at{fields}
FROM {heads} AS head;
",
        view = names.entity_view(),
        state = Expressions::new(migration, codes).names("head.state"),
        last = event_type(migration, codes, "head.last_event_type"),
        heads = names.heads(),
    )
}

/// Returns the expression of the value that an event gives a field of the data: JSON, or null.
fn field_value(field: &DataField, codes: &EventTypeCodes) -> String {
    let arms: String = field
        .sources()
        .iter()
        .map(|source| {
            let number = codes.number(source.event());
            let value = match source.payload_field() {
                Some(name) => format!("event.data -> {}", literal(name)),
                None => "event.data".to_owned(),
            };
            format!(" WHEN {number} THEN {value}")
        })
        .collect();
    format!("CASE event.event_type{arms} END")
}

/// Returns the SQL of the view of events.
fn events_view(migration: &Migration, codes: &EventTypeCodes) -> String {
    let names = &migration.names;
    let (view, log, id) = (names.view(), names.log(), names.id_column());
    let mut fields = String::new();
    for (field, kind) in &migration.fields {
        let others = migration.fields.iter().map(|(other, _)| other.as_str());
        let name = column_name(field, &EVENT_COLUMNS, others);
        fields += &format!(
            "    {} AS {},\n",
            field_column(&literal(field), *kind),
            quoted(&name)
        );
    }
    format!(
        "
-- The log to be read by people.
CREATE VIEW {view} AS
SELECT
    event.{id},
    event.seq,
    event.clock,
    event.event_id,
    (SELECT prior.event_id FROM {log} AS prior
        WHERE prior.{id} = event.{id} AND prior.seq = event.seq - 1) AS parent_id,
    {event_type} AS event_type,
    {prior_state} AS prior_state,
    {state} AS state,
    event.version,
    event.recorded_at,
{fields}    event.data::jsonb AS data,
    event.metadata::jsonb AS metadata
FROM {log} AS event;
",
        event_type = event_type(migration, codes, "event.event_type"),
        prior_state = Expressions::new(migration, codes).names("event.prior_state"),
        state = Expressions::new(migration, codes).names("event.state"),
    )
}

/// Returns the name of the column for a field: its name, with a prefix if another column has it, and
/// shortened to what Postgres keeps of a name.
fn column_name<'a>(
    field: &str,
    reserved: &[&str],
    others: impl Iterator<Item = &'a str> + Clone,
) -> String {
    let mut name = field.to_owned();
    while reserved.contains(&name.as_str())
        || (name != field && others.clone().any(|other| other == name))
    {
        name.insert_str(0, "data_");
    }
    identifier(&name)
}

/// Returns the expression of the name of an event type.
fn event_type(migration: &Migration, codes: &EventTypeCodes, column: &str) -> String {
    let names: String = migration
        .machine
        .rules()
        .map(|(event, rule)| {
            let number = codes.number(event);
            format!("\n        WHEN {number} THEN {}", literal(&rule.name))
        })
        .collect();
    format!("CASE {column}{names}\n    END")
}

/// Returns the expression of a payload field as a column of this kind.
///
/// A value of another kind, which only other programs write, is null instead of an error.
fn field_column(field: &str, kind: Kind) -> String {
    match kind {
        Kind::Text => format!("event.data ->> {field}"),
        _ => json_column(&format!("(event.data -> {field})"), kind),
    }
}

/// Returns the expression of a JSON value as a column of this kind.
///
/// JSON is shown as `jsonb`, which people can compare.
fn json_column(value: &str, kind: Kind) -> String {
    match kind {
        Kind::Text => format!("{value} #>> '{{}}'"),
        Kind::Json => format!("{value}::jsonb"),
        _ => format!("CASE json_typeof({value}) {} END", cast_arm(value, kind)),
    }
}

/// Returns the CASE arm that casts a value of the right JSON type.
fn cast_arm(value: &str, kind: Kind) -> String {
    let (json, sql) = match kind {
        Kind::Boolean => ("boolean", "boolean"),
        Kind::Integer => ("number", "bigint"),
        Kind::Float => ("number", "double precision"),
        _ => ("number", "numeric"),
    };
    format!("WHEN '{json}'\n        THEN {value}::jsonb::{sql}")
}
