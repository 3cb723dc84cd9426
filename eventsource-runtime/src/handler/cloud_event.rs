//! Events as other systems read them: CloudEvents 1.0 in JSON.

use chrono::SecondsFormat;
use eventsource_core::{Event, EventType, PayloadError, RecordedEvent, to_payload};
use serde::Serialize;
use serde_json::{Map, Value};

/// Media type of [`CloudEvent`].
pub(crate) const MEDIA_TYPE: &str = "application/cloudevents+json";

/// Event in the JSON format of CloudEvents 1.0.
#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    time: String,
    datacontenttype: &'static str,
    /// Extension: the sequence of the event within its subject.
    seq: u32,
    /// Extension: the request or business case that the event belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlationid: Option<&'a str>,
    /// Extension: the command or event that caused the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<&'a str>,
    data: Map<String, Value>,
}

/// Writes an event, from this source, as CloudEvents 1.0 in JSON.
///
/// Only what the log says forever is written, so that each attempt sends the same bytes.
pub(crate) fn cloud_event<E: Event>(
    event: &RecordedEvent<E>,
    source: &str,
) -> Result<String, PayloadError> {
    let event_type = event.event.event_type().name();
    let envelope = CloudEvent {
        specversion: "1.0",
        id: event.id.to_string(),
        source,
        kind: format!("{}.{event_type}", E::ENTITY),
        subject: event.entity_id.to_string(),
        time: (event.recorded_at).to_rfc3339_opts(SecondsFormat::Micros, true),
        datacontenttype: "application/json",
        seq: event.seq.get(),
        correlationid: event.metadata.correlation_id.as_deref(),
        causationid: event.metadata.causation_id.as_deref(),
        data: to_payload(&event.event)?,
    };
    serde_json::to_string(&envelope).map_err(|source| PayloadError {
        event_type,
        field: None,
        source,
    })
}

/// Returns the source of a machine's events where none is named.
pub(crate) fn default_source<E: Event>() -> String {
    format!("/{}", E::ENTITY)
}
