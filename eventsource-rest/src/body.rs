//! The body of an append: which event, of which entity.

use eventsource_core::{EntityId, Error, Event, EventType, from_payload};
use serde_json::{Map, Value};

use crate::names::{Field, Names, find_field, wire_field};
use crate::problem::{Fault, Problem};

const EVENT_TYPE: &str = "eventType";
const MISSING: &str = "Missing data for required field.";
const NULL: &str = "Field may not be null.";

/// Reads a body, telling all of its faults at once.
///
/// As in microcosm, a body that is not a JSON object counts as an empty one.
pub(crate) fn read<E: Event>(names: &Names, body: &[u8]) -> Result<(EntityId, E), Problem> {
    let mut body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let mut faults = Vec::new();
    let entity_id = take(&mut body, &names.entity_id, &mut faults, |text| {
        text.parse().map_err(|_| "Not a valid UUID.".to_owned())
    });
    let event_type: Option<E::Type> = take(&mut body, EVENT_TYPE, &mut faults, |text| {
        text.parse()
            .map_err(|_| format!("Invalid enum member {text}"))
    });
    let Some(event_type) = event_type else {
        // Which fields it may have is not known.
        return Err(Problem::body(faults));
    };
    let mut payload = Map::new();
    for (name, value) in body {
        match find_field::<E>(event_type, &name) {
            Field::Own(field) => {
                payload.insert(field, value);
            }
            Field::Foreign => faults.push(Fault::new(
                &name,
                format!("Event type '{event_type}' does not have the field '{name}'"),
            )),
            Field::Unknown => faults.push(Fault::new(name, "Unknown field.")),
        }
    }
    let mut complete = true;
    for field in event_type.requires() {
        if payload.get(field).is_none_or(Value::is_null) {
            complete = false;
            faults.push(Fault {
                message: format!("Missing required field: '{field}'"),
                field: wire_field(field),
                reasons: vec![missing(event_type, field)],
            });
        }
    }
    if !complete {
        return Err(Problem::body(faults));
    }
    match (from_payload(event_type, payload), entity_id) {
        (Ok(event), Some(entity_id)) if faults.is_empty() => Ok((entity_id, event)),
        (Ok(_), _) => Err(Problem::body(faults)),
        (Err(error), _) => {
            let field = error
                .field
                .as_deref()
                .map_or_else(|| "_schema".to_owned(), wire_field);
            faults.push(Fault::new(field, error.source.to_string()));
            Err(Problem::body(faults))
        }
    }
}

/// As the store says it, for it checks the same.
fn missing<T: EventType>(event_type: T, field: &str) -> String {
    let error = Error::MissingField {
        event_type: event_type.name().to_owned(),
        field: field.to_owned(),
    };
    error.to_string()
}

fn take<T>(
    body: &mut Map<String, Value>,
    name: &str,
    faults: &mut Vec<Fault>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let parsed = match body.remove(name) {
        None => Err(MISSING.to_owned()),
        Some(Value::Null) => Err(NULL.to_owned()),
        Some(Value::String(text)) => parse(&text),
        Some(other) => parse(&other.to_string()),
    };
    parsed
        .map_err(|reason| faults.push(Fault::new(name, reason)))
        .ok()
}
