//! JSON Schema of the events, as bodies of requests.

use serde_json::{Map, Value, json};

use super::description::{EventDescription, MachineDescription};

/// Returns the JSON Schema (draft 2020-12) of all events that `POST` accepts.
pub(crate) fn json_schema(machine: &MachineDescription) -> Value {
    let alternatives: Vec<Value> = machine
        .for_clients()
        .map(|event| json!({ "$ref": format!("#/$defs/{}", event.title) }))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/api/v1/machine/{}/schema", machine.entity),
        "title": format!("{}Event", machine.title()),
        "oneOf": alternatives,
        "$defs": Value::Object(bodies(machine, "", true).collect()),
    })
}

/// Returns the schema of each event's body, named by `prefix` and the event's title.
///
/// Without `with_id`, for paths that name the entity, the entity id is left out.
pub(crate) fn bodies<'a>(
    machine: &'a MachineDescription,
    prefix: &'a str,
    with_id: bool,
) -> impl Iterator<Item = (String, Value)> + 'a {
    machine.for_clients().map(move |event| {
        let name = format!("{prefix}{}", event.title);
        (name.clone(), body(machine, event, name, with_id))
    })
}

/// Returns the schema of one event's body.
fn body(
    machine: &MachineDescription,
    event: &EventDescription,
    title: String,
    with_id: bool,
) -> Value {
    let mut properties = Map::new();
    let id = &machine.names.entity_id;
    if with_id {
        let mut schema = machine.id_schema();
        schema["description"] = "The entity; if missing, an initial event creates one.".into();
        properties.insert(id.clone(), schema);
    }
    properties.insert(
        "eventType".to_owned(),
        json!({ "type": "string", "const": event.name }),
    );
    properties.extend(event.properties.clone());
    let mut required = vec!["eventType".to_owned()];
    if with_id && !event.initial {
        required.push(id.clone());
    }
    required.extend(event.required.iter().cloned());
    json!({
        "type": "object",
        "title": title,
        "properties": properties,
        "required": required,
        "additionalProperties": event.open,
    })
}
