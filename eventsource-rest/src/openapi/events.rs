//! Schemas of events: as requests send them, and as responses return them.

use serde_json::{Map, Value, json};

use super::operation::reference;
use crate::machine::{EventDescription, MachineDescription, bodies};

/// Returns the schemas of a machine's events, by name:
///
/// * `NewTaskCreated`, `NewTaskEvent`: in a request, with the entity in the body;
/// * `NextTaskCreated`, `NextTaskEvent`: in a request to the entity of the path;
/// * `TaskCreated`, `TaskEvent`: in a response;
/// * `UnreadableTaskEvent`: in a page, an event that cannot be read.
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
    schemas.push((unreadable_name(machine), unreadable(machine)));
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

/// Returns the name of the schema of an event that cannot be read.
fn unreadable_name(machine: &MachineDescription) -> String {
    format!("Unreadable{}Event", machine.title())
}

/// Returns the schema of an event of a page: one that can be read, or one that cannot.
pub(crate) fn of_page(machine: &MachineDescription) -> Value {
    let readable = reference(&format!("{}Event", machine.title()));
    json!({ "anyOf": [readable, reference(&unreadable_name(machine))] })
}

/// Returns the schema of an event that cannot be read.
fn unreadable(machine: &MachineDescription) -> Value {
    let event_type = json!({
        "type": ["string", "null"],
        "description": "Type of the event; null if the service does not have it.",
    });
    let mut properties = envelope(machine, event_type);
    properties.insert(
        "unreadable".to_owned(),
        json!({ "type": "string", "description": "Why the fields of the event are absent." }),
    );
    let mut required = always(machine).to_vec();
    required.push("unreadable");
    // A null is left out, if the request asks for that.
    required.retain(|name| *name != "eventType");
    json!({
        "type": "object",
        "title": unreadable_name(machine),
        "description": "Stored event that the service cannot read: it has its place, but none of the \
            fields of its type.",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Returns the schema of a recorded event.
fn recorded(machine: &MachineDescription, event: &EventDescription) -> Value {
    let mut properties = event.properties.clone();
    let event_type = json!({ "type": "string", "const": event.name });
    properties.extend(envelope(machine, event_type));
    let required: Vec<&str> = always(machine)
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

/// Returns the fields that every event of a response has, of which [`always`] are never left out.
fn envelope(machine: &MachineDescription, event_type: Value) -> Map<String, Value> {
    let id = machine.names.entity_id.clone();
    let fields = [
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
        ("eventType", event_type),
        ("metadata", reference("Metadata")),
    ];
    let fields = fields.into_iter();
    fields
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// Returns the names of the fields that every event of a response has.
fn always(machine: &MachineDescription) -> [&str; 8] {
    [
        "id",
        "clock",
        "createdTimestamp",
        "sequence",
        "version",
        &machine.names.entity_id,
        "eventType",
        "metadata",
    ]
}
