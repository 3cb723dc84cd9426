//! The JSON Schema of the events as bodies have them.

use serde_json::{Map, Value, json};

use super::described::{Described, DescribedEvent};

/// Draft 2020-12, of every event: what `POST` takes.
pub(crate) fn draft(machine: &Described) -> Value {
    let titles = machine.events.iter();
    let any: Vec<Value> = titles
        .map(|event| json!({ "$ref": format!("#/$defs/{}", event.title) }))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/api/v1/machine/{}/schema", machine.entity),
        "title": format!("{}Event", machine.title()),
        "oneOf": any,
        "$defs": Value::Object(bodies(machine, "").collect()),
    })
}

/// The body of each event, by its title with `prefix` before it.
pub(crate) fn bodies<'a>(
    machine: &'a Described,
    prefix: &'a str,
) -> impl Iterator<Item = (String, Value)> + 'a {
    machine
        .events
        .iter()
        .map(move |event| (format!("{prefix}{}", event.title), body(machine, event)))
}

fn body(machine: &Described, event: &DescribedEvent) -> Value {
    let mut properties = Map::new();
    properties.insert(
        machine.names.entity_id.clone(),
        json!({
            "type": "string",
            "description": "The entity; if missing, an initial event creates one.",
            "format": "uuid",
        }),
    );
    properties.insert(
        "eventType".to_owned(),
        json!({ "type": "string", "const": event.name }),
    );
    properties.extend(event.properties.clone());
    let mut required = vec!["eventType".to_owned()];
    if !event.initial {
        required.push(machine.names.entity_id.clone());
    }
    required.extend(event.required.iter().cloned());
    json!({
        "type": "object",
        "title": event.title,
        "properties": properties,
        "required": required,
        "additionalProperties": event.open,
    })
}
