//! Schemas of the events: as they are sent, and as they are told.

use serde_json::{Map, Value, json};

use super::operation::reference;
use crate::machine::{Described, DescribedEvent, bodies};

/// The events of a machine, by the names of their schemas:
///
/// * `NewTaskCreated`, `NewTaskEvent`: sent with the entity in the body;
/// * `NextTaskCreated`, `NextTaskEvent`: sent to the entity of the path;
/// * `TaskCreated`, `TaskEvent`: told.
pub(crate) fn of(machine: &Described) -> Vec<(String, Value)> {
    let mut schemas: Vec<(String, Value)> = Vec::new();
    for (prefix, named) in [("New", true), ("Next", false)] {
        schemas.extend(bodies(machine, prefix, named));
        schemas.push(either(machine, prefix));
    }
    let told = |event: &DescribedEvent| (event.title.clone(), told(machine, event));
    schemas.extend(machine.events.iter().map(told));
    schemas.push(either(machine, ""));
    schemas
}

/// Any event, told apart by `eventType`.
fn either(machine: &Described, prefix: &str) -> (String, Value) {
    let name = |event: &DescribedEvent| format!("{prefix}{}", event.title);
    let path = |event: &DescribedEvent| format!("#/components/schemas/{}", name(event));
    let events = machine.events.iter();
    let mapping: Map<String, Value> = events
        .clone()
        .map(|event| (event.name.to_owned(), path(event).into()))
        .collect();
    let schema = json!({
        "oneOf": events.map(|event| reference(&name(event))).collect::<Vec<_>>(),
        "discriminator": { "propertyName": "eventType", "mapping": mapping },
    });
    (format!("{prefix}{}Event", machine.title()), schema)
}

fn told(machine: &Described, event: &DescribedEvent) -> Value {
    let mut properties = event.properties.clone();
    let id = machine.names.entity_id.clone();
    for (name, schema) in [
        ("id", json!({ "type": "string", "format": "uuid" })),
        (
            "clock",
            json!({ "type": "integer", "description": "Its place in the order of writing." }),
        ),
        (
            "createdTimestamp",
            json!({ "type": "number", "description": "When it was recorded: seconds since 1970." }),
        ),
        (
            "sequence",
            json!({
                "type": "integer", "minimum": 1,
                "description": "Its place among the events of its entity.",
            }),
        ),
        ("version", json!({ "type": "integer", "minimum": 1 })),
        (
            "parentId",
            json!({
                "type": ["string", "null"], "format": "uuid",
                "description": "The event before it.",
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
