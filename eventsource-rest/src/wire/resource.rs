//! Events and entities as JSON resources.

use axum::http::HeaderMap;
use chrono::{DateTime, SecondsFormat, Utc};
use eventsource_core::{
    Error, Event, EventType, Head, Metadata, PayloadError, RecordedEvent, State, payload_fields,
    to_payload,
};
use serde_json::{Map, Value, json};

use crate::wire::names::{WireNames, wire_field};

/// Builds the resource of an event: its own fields and those of its payload, side by side.
///
/// Fields that are null are left out if the request has `X-Response-Skip-Null`.
///
/// # Errors
/// [`Error::Payload`] if the payload cannot be written as JSON.
pub(crate) fn event<E: Event>(
    names: &WireNames,
    recorded: &RecordedEvent<E>,
    headers: &HeaderMap,
) -> Result<Value, Error> {
    let mut resource = to_payload(&recorded.event)?;
    // A payload that takes any field keeps their spelling.
    if payload_fields::<E>(recorded.event.event_type()).is_some() {
        let fields = resource.into_iter();
        resource = fields
            .map(|(field, value)| (wire_field(&field), value))
            .collect();
    }
    let mut insert = |name: &str, value: Value| resource.insert(name.to_owned(), value);
    insert("id", json!(recorded.id));
    insert("clock", json!(recorded.log_seq));
    insert(
        "createdTimestamp",
        json!(unix_seconds(recorded.recorded_at)),
    );
    insert("sequence", json!(recorded.seq));
    insert("version", json!(recorded.generation));
    insert("parentId", json!(recorded.parent_id));
    insert(&names.entity_id, json!(names.format_id(recorded.entity_id)));
    insert("eventType", json!(recorded.event.event_type().name()));
    let mut metadata = metadata(&recorded.metadata);
    if skips_nulls(headers) {
        resource.retain(|_, value| !value.is_null());
        metadata.retain(|_, value| !value.is_null());
    }
    resource.insert("metadata".to_owned(), metadata.into());
    Ok(resource.into())
}

/// Builds the metadata of an event: its actor, roles, correlation and causation.
///
/// The idempotency key is left out: another client could use it to replay the request.
fn metadata(metadata: &Metadata) -> Map<String, Value> {
    [
        ("actor", json!(metadata.actor)),
        ("roles", json!(metadata.roles)),
        ("correlationId", json!(metadata.correlation_id)),
        ("causationId", json!(metadata.causation_id)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Builds the resource of an entity: its head, its data and the events that may follow.
///
/// # Errors
/// [`Error::Payload`] if the data cannot be written as JSON.
pub(crate) fn entity<E: Event>(
    names: &WireNames,
    head: &Head<E>,
    data: &E::Data,
) -> Result<Value, Error> {
    let mut resource = head_resource(names, head);
    let data = serde_json::to_value(data).map_err(|source| PayloadError {
        event_type: head.last_event_type.name(),
        field: None,
        source,
    })?;
    resource["data"] = match data {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(field, value)| (wire_field(&field), value))
            .collect(),
        other => other,
    };
    resource["nextEvents"] = next_events::<E>(head.state).into();
    Ok(resource)
}

/// Builds the resource of a head: state, version, sequence and times of an entity.
pub(crate) fn head_resource<E: Event>(names: &WireNames, head: &Head<E>) -> Value {
    json!({
        "id": names.format_id(head.id),
        "state": head.state,
        "version": head.generation,
        "sequence": head.seq,
        "lastEventType": head.last_event_type.name(),
        "createdAt": time(head.created_at),
        "updatedAt": time(head.updated_at),
    })
}

/// Lists the event types that may follow, with their required fields and roles.
fn next_events<E: Event>(state: State<E::Type>) -> Vec<Value> {
    E::Type::available(state)
        .into_iter()
        .map(|event_type| {
            let requires: Vec<String> = event_type.requires().map(wire_field).collect();
            let roles: Vec<&str> = event_type.roles().collect();
            json!({ "eventType": event_type.name(), "requires": requires, "roles": roles })
        })
        .collect()
}

/// Formats a time as RFC 3339, to the microsecond.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Converts a time to Unix seconds, exact to the microsecond until about the year 2255.
#[allow(
    clippy::cast_precision_loss,
    reason = "microseconds since 1970 fit 53 bits until about 2255"
)]
fn unix_seconds(time: DateTime<Utc>) -> f64 {
    time.timestamp_micros() as f64 / 1e6
}

/// Returns whether `X-Response-Skip-Null` is given and neither empty nor `false`.
fn skips_nulls(headers: &HeaderMap) -> bool {
    headers
        .get("x-response-skip-null")
        .is_some_and(|value| !value.is_empty() && !value.as_bytes().eq_ignore_ascii_case(b"false"))
}
