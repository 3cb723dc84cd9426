//! Events and entities as JSON resources.

use axum::http::HeaderMap;
use chrono::{DateTime, SecondsFormat, Utc};
use eventsource_core::{
    EntityId, Error, Event, EventId, EventResult, EventType, Folded, Generation, Head, LogSeq,
    Metadata, PayloadError, RecordedEvent, Seq, State, Timers, UnreadableEvent, UnreadableReason,
    payload_fields, to_payload,
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
    let mut fields = to_payload(&recorded.event)?;
    // A payload that takes any field keeps their spelling.
    if payload_fields::<E>(recorded.event.event_type()).is_some() {
        let own = fields.into_iter();
        fields = own
            .map(|(field, value)| (wire_field(&field), value))
            .collect();
    }
    Ok(Envelope::of(recorded).around(fields, names, headers))
}

/// Builds the resource of an event of a page or a stream.
///
/// One that cannot be read has the fields of every event and `unreadable`, which says why.
pub(crate) fn event_result<E: Event>(
    names: &WireNames,
    event: &EventResult<E>,
    headers: &HeaderMap,
) -> Value {
    let because = match event {
        Ok(recorded) => match self::event(names, recorded, headers) {
            Ok(resource) => return resource,
            Err(_) => "The event cannot be written as JSON.",
        },
        Err(unreadable) => unreadable_because(&unreadable.reason),
    };
    let fields = Map::from_iter([("unreadable".to_owned(), because.into())]);
    Envelope::of_result(event).around(fields, names, headers)
}

/// Returns the type of an event; `None` if the program does not have it.
pub(crate) fn event_type<E: Event>(event: &EventResult<E>) -> Option<E::Type> {
    match event {
        Ok(recorded) => Some(recorded.event.event_type()),
        Err(unreadable) => unreadable.event_type.as_ref()?.parse().ok(),
    }
}

/// Builds the resource of an event whose fields the reader may not see.
pub(crate) fn envelope<E: Event>(
    names: &WireNames,
    recorded: &RecordedEvent<E>,
    headers: &HeaderMap,
) -> Value {
    let because = unreadable_because(&UnreadableReason::Hidden);
    let fields = Map::from_iter([("unreadable".to_owned(), because.into())]);
    Envelope::of(recorded).around(fields, names, headers)
}

/// Builds the answer to the append of an event that the client may not read at all: its ids and type.
pub(crate) fn receipt<E: Event>(names: &WireNames, recorded: &RecordedEvent<E>) -> Value {
    json!({
        "id": recorded.id,
        (names.entity_id.clone()): names.format_id(recorded.entity_id),
        "eventType": recorded.event.event_type().name(),
    })
}

/// Says why an event cannot be read, without what is stored.
pub(crate) fn unreadable_because(reason: &UnreadableReason) -> &'static str {
    match reason {
        UnreadableReason::Payload { .. } => "The stored payload does not fit the event type.",
        UnreadableReason::Hidden => "The fields of the event are not for this reader.",
        UnreadableReason::UnknownEventType { .. } => {
            "The event type, or one in the state, is not known to this service."
        }
        _ => "What is stored cannot be decoded.",
    }
}

/// Fields that every event has beside its payload.
pub(crate) struct Envelope<'a> {
    id: EventId,
    pub(crate) log_seq: LogSeq,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) seq: Seq,
    generation: Generation,
    parent_id: Option<EventId>,
    pub(crate) entity_id: EntityId,
    event_type: Option<&'a str>,
    metadata: &'a Metadata,
}

impl<'a> Envelope<'a> {
    fn of<E: Event>(recorded: &'a RecordedEvent<E>) -> Self {
        Self {
            id: recorded.id,
            log_seq: recorded.log_seq,
            recorded_at: recorded.recorded_at,
            seq: recorded.seq,
            generation: recorded.generation,
            parent_id: recorded.parent_id,
            entity_id: recorded.entity_id,
            event_type: Some(recorded.event.event_type().name()),
            metadata: &recorded.metadata,
        }
    }

    /// Returns the fields of an event of a page or a stream.
    pub(crate) fn of_result<E: Event>(event: &'a EventResult<E>) -> Self {
        match event {
            Ok(recorded) => Self::of(recorded),
            Err(unreadable) => Self::of_unreadable(unreadable),
        }
    }

    fn of_unreadable(event: &'a UnreadableEvent) -> Self {
        Self {
            id: event.id,
            log_seq: event.log_seq,
            recorded_at: event.recorded_at,
            seq: event.seq,
            generation: event.generation,
            parent_id: event.parent_id,
            entity_id: event.entity_id,
            event_type: event.event_type.as_deref(),
            metadata: &event.metadata,
        }
    }

    /// Builds the resource of an event with these fields.
    fn around(
        self,
        mut fields: Map<String, Value>,
        names: &WireNames,
        headers: &HeaderMap,
    ) -> Value {
        let mut insert = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        insert("id", json!(self.id));
        insert("clock", json!(self.log_seq));
        insert("createdTimestamp", json!(unix_seconds(self.recorded_at)));
        insert("sequence", json!(self.seq));
        insert("version", json!(self.generation));
        insert("parentId", json!(self.parent_id));
        insert(&names.entity_id, json!(names.format_id(self.entity_id)));
        insert("eventType", json!(self.event_type));
        let mut metadata = metadata(self.metadata);
        if skips_nulls(headers) {
            fields.retain(|_, value| !value.is_null());
            metadata.retain(|_, value| !value.is_null());
        }
        fields.insert("metadata".to_owned(), metadata.into());
        fields.into()
    }
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
    folded: &Folded<E, E::Data>,
) -> Result<Value, Error> {
    let head = &folded.head;
    let mut resource = head_resource(names, head);
    let data = serde_json::to_value(&folded.value).map_err(|source| PayloadError {
        event_type: head.last_event_type.name(),
        field: None,
        source,
    })?;
    resource["data"] = match data {
        Value::Object(fields) => fields
            .into_iter()
            // What the reader may not see is absent, not null.
            .filter(|(field, _)| !folded.hidden_fields.contains(&field.as_str()))
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

/// Lists the events that are due, the earliest first.
pub(crate) fn due<E: Event>(timers: &Timers<E>) -> Value {
    let due = timers.due().into_iter();
    due.map(|due| json!({ "eventType": due.event.name(), "at": time(due.at) }))
        .collect()
}

/// Lists the event types that a client may append next, with their required fields and roles.
fn next_events<E: Event>(state: State<E::Type>) -> Vec<Value> {
    let available = E::Type::available(state).into_iter();
    available
        .filter(|event_type| !event_type.is_internal())
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
