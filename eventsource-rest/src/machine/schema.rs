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
        "$defs": Value::Object(bodies(machine, "", true).collect()),
    })
}

/// The body of each event, by its title with `prefix` before it; without the entity for a path
/// that names it.
pub(crate) fn bodies<'a>(
    machine: &'a Described,
    prefix: &'a str,
    with_id: bool,
) -> impl Iterator<Item = (String, Value)> + 'a {
    machine.events.iter().map(move |event| {
        let name = format!("{prefix}{}", event.title);
        (name.clone(), body(machine, event, name, with_id))
    })
}

fn body(machine: &Described, event: &DescribedEvent, title: String, with_id: bool) -> Value {
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
