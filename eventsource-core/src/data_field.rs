//! Fields of the data of an entity, and the payload fields that set them.

use eventsource_model::EventIndex;

/// Field of [`Event::Data`](crate::Event::Data) with the payload fields that set it.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, EventType};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "batch")]
/// pub enum BatchEvent {
///     Received {
///         #[event(feeds = current_kg)]
///         net_kg: f64,
///     },
///     #[event(follows = Received, terminal)]
///     Cleaned {
///         #[event(feeds = current_kg)]
///         output_kg: f64,
///     },
/// }
///
/// # pub fn main() {
/// let [field] = BatchEvent::DATA_FIELDS else { unreachable!() };
/// assert_eq!(field.name(), "current_kg");
/// let from: Vec<_> = field.sources().iter().map(|source| source.payload_field()).collect();
/// assert_eq!(from, [Some("net_kg"), Some("output_kg")]);
/// assert_eq!(field.sources()[0].event(), BatchEventType::Received.index());
/// # }
/// # }
/// # example::main();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataField {
    name: &'static str,
    sources: &'static [DataSource],
}

impl DataField {
    /// Creates the field with this name; `sources` has at most one entry for each event type.
    #[must_use]
    pub const fn new(name: &'static str, sources: &'static [DataSource]) -> Self {
        Self { name, sources }
    }

    /// Returns the name of the field, in Rust and in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the sources of its values, in declaration order of the events.
    #[must_use]
    pub const fn sources(&self) -> &'static [DataSource] {
        self.sources
    }
}

/// Source of a [`DataField`]: an event type, and the field of its payload that sets the data field.
///
/// ```
/// # mod example {
/// use eventsource_core::{DataSource, Event, EventType};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # pub fn main() {
/// let source = DataSource::field(LightEventType::Lit.index(), "watts");
/// assert_eq!(LightEvent::DATA_FIELDS[0].sources(), [source]);
/// # }
/// # }
/// # example::main();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataSource {
    event: EventIndex,
    payload_field: Option<&'static str>,
}

impl DataSource {
    /// Creates a source from one field of the payload of an event type.
    #[must_use]
    pub const fn field(event: EventIndex, payload_field: &'static str) -> Self {
        Self {
            event,
            payload_field: Some(payload_field),
        }
    }

    /// Creates a source from the whole payload of an event type.
    #[must_use]
    pub const fn payload(event: EventIndex) -> Self {
        Self {
            event,
            payload_field: None,
        }
    }

    /// Returns the event type.
    #[must_use]
    pub const fn event(&self) -> EventIndex {
        self.event
    }

    /// Returns the payload field; `None` if the whole payload is the value.
    #[must_use]
    pub const fn payload_field(&self) -> Option<&'static str> {
        self.payload_field
    }
}
