//! Event in the form of an export and an import.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::payload::text::to_payload_text;
use crate::store::contract::payload_json::PayloadJson;
use crate::{EntityId, Event, EventId, EventType, Metadata, PayloadError, Seq};

/// Event in the form that an [`Export`](crate::Export) writes and an [`Import`](crate::Import)
/// reads; as JSON, one line.
///
/// States, generations and log sequences are not part of it: an import computes them.
///
/// ```
/// # mod example {
/// use chrono::Utc;
/// use eventsource_core::{EntityId, Event, ExportedEvent};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # pub fn main() {
/// let plain = ExportedEvent::of(EntityId::new(), &LightEvent::Lit { watts: 60 }, Utc::now()).unwrap();
/// assert_eq!(plain.event_type, "LIT");
/// let line = serde_json::to_string(&plain).unwrap();
/// assert!(line.ends_with(r#""data":{"watts":60}}"#));
/// # }
/// # }
/// # example::main();
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExportedEvent {
    /// Id of the entity that the event belongs to.
    pub entity_id: EntityId,
    /// Sequence of the event within its entity.
    ///
    /// An export always writes it. An import computes it, and rejects an event with another value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// Id of the event; an import assigns a new one if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Name of the event type, such as `ASSIGNED`.
    pub event_type: String,
    /// Time of recording, in the years 1 to 9999, stored in microseconds.
    ///
    /// An import rejects an event that was recorded before the previous one of its entity.
    pub recorded_at: DateTime<Utc>,
    /// Payload: the text of a JSON object.
    #[serde(default, skip_serializing_if = "PayloadJson::is_empty")]
    pub data: PayloadJson,
    /// Actor, correlation, causation and idempotency key.
    ///
    /// An imported idempotency key is stored, but does not make a later append a repeat.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: Metadata,
}

impl ExportedEvent {
    /// Creates an event without payload, sequence, event id and metadata.
    ///
    /// ```
    /// use chrono::Utc;
    /// use eventsource_core::{EntityId, ExportedEvent};
    ///
    /// let mut event = ExportedEvent::new(EntityId::new(), "LIT", Utc::now());
    /// event.data = serde_json::from_str(r#"{"watts": 60}"#).unwrap();
    /// ```
    #[must_use]
    pub fn new(
        entity_id: EntityId,
        event_type: impl Into<String>,
        recorded_at: DateTime<Utc>,
    ) -> Self {
        Self {
            entity_id,
            seq: None,
            event_id: None,
            event_type: event_type.into(),
            recorded_at,
            data: PayloadJson::default(),
            metadata: Metadata::default(),
        }
    }

    /// Creates an event with the payload of a typed event.
    ///
    /// # Errors
    /// As of [`to_payload`](crate::to_payload).
    pub fn of<E: Event>(
        entity_id: EntityId,
        event: &E,
        recorded_at: DateTime<Utc>,
    ) -> Result<Self, PayloadError> {
        let event_type = event.event_type().name();
        Ok(Self {
            data: PayloadJson::of_stored(to_payload_text(event)?),
            ..Self::new(entity_id, event_type, recorded_at)
        })
    }
}

/// Returns whether the metadata are empty.
fn is_default(metadata: &Metadata) -> bool {
    *metadata == Metadata::default()
}
