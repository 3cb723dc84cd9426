//! Schemas of what is made of events.

use serde_json::{Value, json};

use super::operation::reference;
use crate::machine::Described;
use crate::options::limits::Limits;

/// What does not depend on the machine.
pub(crate) fn shared() -> Vec<(String, Value)> {
    let text = json!({ "type": "string" });
    let named = |name: &str, schema: Value| (name.to_owned(), schema);
    vec![
        named("Problem", problem(&text)),
        named(
            "Fault",
            json!({
                "type": "object",
                "properties": {
                    "field": text,
                    "pointer": { "type": "string", "description": "Where in the body (RFC 6901)." },
                    "message": text,
                    "reasons": { "type": "array", "items": text },
                },
                "required": ["field", "message", "reasons"],
            }),
        ),
        named(
            "Link",
            json!({
                "type": "object", "properties": { "href": text }, "required": ["href"],
            }),
        ),
        named("Metadata", metadata()),
        named(
            "Links",
            json!({ "type": "object", "additionalProperties": reference("Link") }),
        ),
    ]
}

/// What is told of an event beside what happened.
fn metadata() -> Value {
    let told =
        |description: &str| json!({ "type": ["string", "null"], "description": description });
    json!({
        "type": "object",
        "description": "Who caused the event, and why.",
        "properties": {
            "actor": told("Who did it."),
            "roles": {
                "type": "array", "items": { "type": "string" },
                "description": "In which roles.",
            },
            "correlationId": told("What it belongs to: the trace of the request."),
            "causationId": told("What led to it: the request."),
        },
        "required": ["roles"],
        "additionalProperties": false,
    })
}

fn problem(text: &Value) -> Value {
    let errors = json!({
        "description": "Of a body a list; of a query the reasons by parameter.",
        "oneOf": [
            { "type": "array", "items": reference("Fault") },
            {
                "type": "object",
                "additionalProperties": { "type": "array", "items": text },
            },
        ],
    });
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457), with further members by its type.",
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": text,
            "status": { "type": "integer" },
            "detail": text,
            "code": { "type": "integer" },
            "message": text,
            "retryable": {
                "type": "boolean",
                "description": "Whether the same request may succeed later.",
            },
            "context": {
                "type": "object", "properties": { "errors": errors }, "required": ["errors"],
            },
        },
        "required": [
            "type", "title", "status", "detail", "code", "message", "retryable", "context",
        ],
    })
}

/// What the events of a machine add up to.
pub(crate) fn of(machine: &Described, limits: &Limits) -> Vec<(String, Value)> {
    let title = machine.title();
    let names: Vec<&str> = machine.events.iter().map(|event| event.name).collect();
    let event_type = reference(&format!("{title}EventType"));
    let state = json!({ "type": "array", "items": event_type });
    let standing = standing(machine, &event_type, &state);
    vec![
        (
            format!("{title}EventType"),
            json!({ "type": "string", "enum": names }),
        ),
        (format!("{title}Standing"), standing.clone()),
        (title.clone(), entity(machine, &event_type, standing)),
        (format!("{title}Data"), data(machine)),
        (
            format!("{title}EventPage"),
            page(&format!("{title}Event"), limits),
        ),
        (
            format!("{title}Page"),
            page(&format!("{title}Standing"), limits),
        ),
        (
            format!("{title}Validation"),
            validation(&event_type, &state),
        ),
    ]
}

/// Where an entity stands.
fn standing(machine: &Described, event_type: &Value, state: &Value) -> Value {
    let time = json!({ "type": "string", "format": "date-time" });
    json!({
        "type": "object",
        "properties": {
            "id": machine.id_schema(),
            "state": state,
            "version": { "type": "integer", "minimum": 1 },
            "sequence": {
                "type": "integer", "minimum": 1, "description": "How many events it has.",
            },
            "lastEventType": event_type,
            "createdAt": time,
            "updatedAt": time,
        },
        "required": [
            "id", "state", "version", "sequence", "lastEventType", "createdAt", "updatedAt",
        ],
    })
}

/// The same, with what its events have said and what may happen next.
fn entity(machine: &Described, event_type: &Value, mut standing: Value) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let next = json!({
        "type": "object",
        "properties": { "eventType": event_type, "requires": texts, "roles": texts },
        "required": ["eventType", "requires", "roles"],
        "description": "Which event may follow, the fields that it must have, and who may do it: \
            anybody if there are no roles.",
    });
    standing["properties"]["data"] = reference(&format!("{}Data", machine.title()));
    standing["properties"]["nextEvents"] = json!({ "type": "array", "items": next });
    if let Some(required) = standing["required"].as_array_mut() {
        required.extend(["data".into(), "nextEvents".into()]);
    }
    standing
}

/// What a dry run reports.
fn validation(event_type: &Value, state: &Value) -> Value {
    let report = json!({
        "type": "object",
        "properties": {
            "eventType": { "description": "As it was given." },
            "legal": { "type": "boolean" },
            "state": state,
            "autoTransitions": { "type": "array", "items": event_type },
            "problem": reference("Problem"),
        },
        "required": ["legal", "state", "autoTransitions"],
    });
    json!({
        "type": "object",
        "properties": {
            "legal": { "type": "boolean", "description": "Whether all are." },
            "state": state,
            "events": { "type": "array", "items": report },
        },
        "required": ["legal", "state", "events"],
    })
}

/// The latest value of every field, from when on there is one.
fn data(machine: &Described) -> Value {
    json!({ "type": "object", "properties": machine.data })
}

fn page(item: &str, limits: &Limits) -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        "properties": {
            "offset": count,
            "limit": { "type": "integer", "minimum": 0, "maximum": limits.max_page_size },
            "count": count,
            "items": { "type": "array", "items": reference(item) },
            "_links": reference("Links"),
        },
        "required": ["offset", "limit", "count", "items", "_links"],
    })
}
