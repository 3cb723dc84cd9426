//! Schemas of events: as requests send them, and as responses return them.

use serde_json::{Map, Value, json};

use super::operation::reference;
use crate::machine::{EventDescription, MachineDescription, bodies};

/// Returns the schemas of a machine's events, by name:
///
/// * `NewTaskCreated`, `NewTaskEvent`: in a request, with the entity in the body;
/// * `NextTaskCreated`, `NextTaskEvent`: in a request to the entity of the path;
/// * `TaskCreated`, `TaskEvent`: in a response.
///
/// Requests have no internal events.
pub(crate) fn schemas(machine: &MachineDescription) -> Vec<(String, Value)> {
    let mut schemas: Vec<(String, Value)> = Vec::new();
    for (prefix, with_id) in [("New", true), ("Next", false)] {
        schemas.extend(bodies(machine, prefix, with_id));
        schemas.push(one_of(machine, prefix, machine.for_clients()));
    }
    let recorded = |event: &EventDescription| (event.title.clone(), recorded(machine, event));
    schemas.extend(machine.events.iter().map(recorded));
    schemas.push(one_of(machine, "", machine.events.iter()));
    schemas
}

/// Returns the schema of any event, with `eventType` as the discriminator.
fn one_of<'a>(
    machine: &MachineDescription,
    prefix: &str,
    events: impl Iterator<Item = &'a EventDescription> + Clone,
) -> (String, Value) {
    let name = |event: &EventDescription| format!("{prefix}{}", event.title);
    let path = |event: &EventDescription| format!("#/components/schemas/{}", name(event));
    let title = format!("{prefix}{}Event", machine.title());
    if events.clone().next().is_none() {
        // Only the program itself appends.
        return (title, json!({ "not": {} }));
    }
    let mapping: Map<String, Value> = events
        .clone()
        .map(|event| (event.name.to_owned(), path(event).into()))
        .collect();
    let schema = json!({
        "oneOf": events.map(|event| reference(&name(event))).collect::<Vec<_>>(),
        "discriminator": { "propertyName": "eventType", "mapping": mapping },
    });
    (title, schema)
}

/// Returns the schema of a recorded event.
fn recorded(machine: &MachineDescription, event: &EventDescription) -> Value {
    let mut properties = event.properties.clone();
    let id = machine.names.entity_id.clone();
    for (name, schema) in [
        ("id", json!({ "type": "string", "format": "uuid" })),
        (
            "clock",
            json!({
                "type": "integer",
                "description": "Insertion number in the log; numbers may be missing.",
            }),
        ),
        (
            "createdTimestamp",
            json!({ "type": "number", "description": "Time of recording, in seconds since 1970." }),
        ),
        (
            "sequence",
            json!({
                "type": "integer", "minimum": 1,
                "description": "Number of the event within its entity, from 1.",
            }),
        ),
        ("version", json!({ "type": "integer", "minimum": 1 })),
        (
            "parentId",
            json!({
                "type": ["string", "null"], "format": "uuid",
                "description": "Id of the previous event of the entity.",
            }),
        ),
        (id.as_str(), machine.id_schema()),
        (
            "eventType",
            json!({ "type": "string", "const": event.name }),
        ),
        ("metadata", reference("Metadata")),
    ] {
        properties.insert(name.to_owned(), schema);
    }
    let always = [
        "id",
        "clock",
        "createdTimestamp",
        "sequence",
        "version",
        &id,
        "eventType",
        "metadata",
    ];
    let required: Vec<&str> = always
        .into_iter()
        .chain(event.required.iter().map(String::as_str))
        .collect();
    json!({
        "type": "object",
        "title": event.title,
        "properties": properties,
        "required": required,
        "additionalProperties": event.open,
    })
}
