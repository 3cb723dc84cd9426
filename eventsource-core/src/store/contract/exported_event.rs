//! An event outside of a store.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EntityId, Event, EventId, EventType, Metadata, PayloadError, Seq, to_payload};

/// An event outside of a store: what an [`Export`](crate::Export) gives and an
/// [`Import`](crate::Import) takes. As JSON it is one line.
///
/// ReachableStates, versions and clocks are not part of it: an import computes them.
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
    /// What it happened to.
    pub entity_id: EntityId,
    /// Its place in the stream of the entity. An export gives it. An import computes it, and
    /// refuses an event that says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// What the event is called; an import gives it a new id if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// The name of its type, such as `ASSIGNED`.
    pub event_type: String,
    /// When it was recorded, in the years 1 to 9999; kept in microseconds. Not before the event that
    /// precedes it (C19).
    pub recorded_at: DateTime<Utc>,
    /// Its payload: the fields.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// Who caused it, and why. A key for repeats is kept as it is, but is known to no append.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: Metadata,
}

impl ExportedEvent {
    /// An event with nothing but a type.
    ///
    /// ```
    /// use chrono::Utc;
    /// use eventsource_core::{EntityId, ExportedEvent};
    ///
    /// let mut event = ExportedEvent::new(EntityId::new(), "LIT", Utc::now());
    /// event.data.insert("watts".into(), 60.into());
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
            data: Map::new(),
            metadata: Metadata::default(),
        }
    }

    /// The same from a typed event.
    ///
    /// # Errors
    /// As of [`to_payload`].
    pub fn of<E: Event>(
        entity_id: EntityId,
        event: &E,
        recorded_at: DateTime<Utc>,
    ) -> Result<Self, PayloadError> {
        let event_type = event.event_type().name();
        Ok(Self {
            data: to_payload(event)?,
            ..Self::new(entity_id, event_type, recorded_at)
        })
    }
}

fn is_default(metadata: &Metadata) -> bool {
    *metadata == Metadata::default()
}
