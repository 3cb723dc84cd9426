//! The log for people who read it with SQL: names instead of numbers, fields as columns.

use crate::payload_types::Kind;
use crate::store::migration::{Migration, Steps};
use crate::store::names::{literal, quoted};

/// What every event has.
const OWN: [&str; 12] = [
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

/// Views of others that stand on this one are in the way, and the change is refused then.
pub(super) fn replace(migration: &Migration, steps: &Steps) -> String {
    let names = &migration.names;
    format!(
        "DROP VIEW IF EXISTS {};\n{}",
        names.view(),
        create(migration, steps)
    )
}

pub(super) fn create(migration: &Migration, steps: &Steps) -> String {
    let names = &migration.names;
    let (view, log, id) = (names.view(), names.log(), names.id_column());
    let mut fields = String::new();
    for (field, kind) in &migration.fields {
        let is_taken = |name: &str| {
            OWN.contains(&name) || migration.fields.iter().any(|(other, _)| other == name)
        };
        let mut name = field.clone();
        while OWN.contains(&name.as_str()) || (name != *field && is_taken(&name)) {
            name.insert_str(0, "data_");
        }
        fields += &format!(
            "    {} AS {},\n",
            column(&literal(field), *kind),
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
{fields}    event.data,
    event.metadata
FROM {log} AS event;
",
        event_type = event_type(migration, steps),
        prior_state = state(migration, steps, "prior_state"),
        state = state(migration, steps, "state"),
    )
}

fn event_type(migration: &Migration, steps: &Steps) -> String {
    let names: String = migration
        .machine
        .rules()
        .map(|(event, rule)| {
            let number = steps.numbers.number(event);
            format!("\n        WHEN {number} THEN {}", literal(&rule.name))
        })
        .collect();
    format!("CASE event.event_type{names}\n    END")
}

/// The names in a state, sorted as they are everywhere.
fn state(migration: &Migration, steps: &Steps, column: &str) -> String {
    let mut names: Vec<(&str, i16)> = migration
        .machine
        .rules()
        .map(|(event, rule)| (rule.name.as_ref(), steps.numbers.number(event)))
        .collect();
    names.sort_unstable();
    let names: Vec<String> = names
        .into_iter()
        .map(|(name, number)| {
            let bit = (1_u64 << number).cast_signed();
            format!(
                "\n        CASE WHEN (event.{column} & {bit}) <> 0 THEN {} END",
                literal(name)
            )
        })
        .collect();
    format!("array_remove(ARRAY[{}\n    ], NULL)", names.join(","))
}

/// A value of another kind, as only other programs write it, is null instead of an error.
fn column(field: &str, kind: Kind) -> String {
    let of = |json: &str, sql: &str| {
        format!(
            "CASE jsonb_typeof(event.data -> {field}) WHEN '{json}'
        THEN (event.data -> {field}){sql} END"
        )
    };
    match kind {
        Kind::Boolean => of("boolean", "::boolean"),
        Kind::Integer => of("number", "::bigint"),
        Kind::Numeric => of("number", "::numeric"),
        Kind::Float => of("number", "::double precision"),
        Kind::Text => format!("event.data ->> {field}"),
        Kind::Json => format!("event.data -> {field}"),
    }
}
