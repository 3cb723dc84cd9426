//! Schemas of entities, pages, problems and dry runs.

use serde_json::{Value, json};

use super::events;
use super::operation::reference;
use crate::machine::MachineDescription;
use crate::options::limits::Limits;

/// Returns the schemas that all machines share.
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
                    "pointer": {
                        "type": "string", "description": "JSON pointer into the body (RFC 6901).",
                    },
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

/// Returns the schema of an event's metadata.
fn metadata() -> Value {
    let text =
        |description: &str| json!({ "type": ["string", "null"], "description": description });
    json!({
        "type": "object",
        "description": "Actor and cause of the event.",
        "properties": {
            "actor": text("Actor that caused the event."),
            "roles": {
                "type": "array", "items": { "type": "string" },
                "description": "Roles of the actor.",
            },
            "correlationId": text("Correlation: the trace of the request."),
            "causationId": text("Causation: the id of the request."),
        },
        "required": ["roles"],
        "additionalProperties": false,
    })
}

/// Returns the schema of a problem.
fn problem(text: &Value) -> Value {
    let errors = json!({
        "description": "For a body, a list; for a query, the reasons by parameter.",
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
        "description": "Problem (RFC 9457); further members depend on its type.",
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
                "type": "object",
                "properties": {
                    "errors": errors,
                    "hasMore": {
                        "type": "boolean",
                        "description": "Whether a body has more faults than the 100 that are listed.",
                    },
                },
                "required": ["errors"],
            },
        },
        "required": [
            "type", "title", "status", "detail", "code", "message", "retryable", "context",
        ],
    })
}

/// Returns the schemas of a machine's entities, pages and dry runs.
pub(crate) fn schemas(machine: &MachineDescription, limits: &Limits) -> Vec<(String, Value)> {
    let title = machine.title();
    let names: Vec<&str> = machine.events.iter().map(|event| event.name).collect();
    let event_type = reference(&format!("{title}EventType"));
    let state = json!({ "type": "array", "items": event_type });
    let head = head(machine, &event_type, &state);
    vec![
        (
            format!("{title}EventType"),
            json!({ "type": "string", "enum": names }),
        ),
        (format!("{title}Standing"), head.clone()),
        (title.clone(), entity(machine, &event_type, head)),
        (format!("{title}Data"), data(machine)),
        (
            format!("{title}EventPage"),
            page(&events::of_page(machine), limits),
        ),
        (
            format!("{title}Page"),
            page(&reference(&format!("{title}Standing")), limits),
        ),
        (
            format!("{title}Validation"),
            validation(&event_type, &state),
        ),
    ]
}

/// Returns the schema of the answer to an append for a client that may not read the entity.
pub(crate) fn receipt(machine: &MachineDescription) -> (String, Value) {
    let schema = json!({
        "type": "object",
        "description": "Stored event, for a client that may not read the entity.",
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            (machine.names.entity_id.clone()): machine.id_schema(),
            "eventType": reference(&format!("{}EventType", machine.title())),
        },
        "required": ["id", machine.names.entity_id, "eventType"],
        "additionalProperties": false,
    });
    (format!("{}Receipt", machine.title()), schema)
}

/// Returns the schema of a head: state, version, sequence and times of an entity.
fn head(machine: &MachineDescription, event_type: &Value, state: &Value) -> Value {
    let time = json!({ "type": "string", "format": "date-time" });
    json!({
        "type": "object",
        "properties": {
            "id": machine.id_schema(),
            "state": state,
            "version": { "type": "integer", "minimum": 1 },
            "sequence": {
                "type": "integer", "minimum": 1, "description": "Number of events of the entity.",
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

/// Adds the data and the next events to the schema of a head.
fn entity(machine: &MachineDescription, event_type: &Value, mut head: Value) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let next = json!({
        "type": "object",
        "properties": { "eventType": event_type, "requires": texts, "roles": texts },
        "required": ["eventType", "requires", "roles"],
        "description": "Event that may follow, its required fields, and the roles that may cause it; \
            without roles, anybody may.",
    });
    head["properties"]["data"] = reference(&format!("{}Data", machine.title()));
    head["properties"]["nextEvents"] = json!({ "type": "array", "items": next });
    let has_timers = (machine.machine.rules()).any(|(_, rule)| rule.timer.is_some());
    if has_timers {
        head["properties"]["due"] = json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "eventType": event_type,
                    "at": { "type": "string", "format": "date-time" },
                },
                "required": ["eventType", "at"],
            },
            "description": "Events that are written by themselves unless something happens before, and \
                when, the earliest first; absent as of the past, and for a reader who may not see what they depend on.",
        });
    }
    if let Some(required) = head["required"].as_array_mut() {
        required.extend(["data".into(), "nextEvents".into()]);
    }
    head
}

/// Returns the schema of a dry run's report.
fn validation(event_type: &Value, state: &Value) -> Value {
    let report = json!({
        "type": "object",
        "properties": {
            "eventType": { "description": "Event type of the request." },
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
            "legal": { "type": "boolean", "description": "Whether all events are legal." },
            "state": state,
            "events": { "type": "array", "items": report },
        },
        "required": ["legal", "state", "events"],
    })
}

/// Returns the schema of an entity's data.
fn data(machine: &MachineDescription) -> Value {
    json!({ "type": "object", "properties": machine.data })
}

/// Returns the schema of a page of a search.
fn page(item: &Value, limits: &Limits) -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        "properties": {
            "offset": count,
            "limit": { "type": "integer", "minimum": 0, "maximum": limits.max_page_size },
            "count": count,
            "items": { "type": "array", "items": item },
            "_links": reference("Links"),
        },
        "required": ["offset", "limit", "count", "items", "_links"],
    })
}
