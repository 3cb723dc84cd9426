//! Rules as the planner of an append needs them.

use eventsource_model::{EventIndex, Machine};

use crate::{IdFormat, PayloadError};

/// Machine together with the facts about payloads that the planner of an append needs.
pub(crate) struct PlanRules {
    /// State machine.
    pub(crate) machine: &'static Machine,
    /// Name of the entity type.
    pub(crate) entity: &'static str,
    /// Format of entity ids.
    pub(crate) id: IdFormat,
    /// Payload fields of each event type, by its index; `None` if any field is accepted.
    pub(crate) fields: Vec<Option<&'static [&'static str]>>,
    /// Auto transitions that may follow each event type, in some state or other, by its index.
    #[cfg(feature = "postgres")]
    pub(crate) autos: Vec<Vec<EventIndex>>,
    /// Proof that the event type can read the text of a payload: no other is stored.
    pub(crate) read: fn(EventIndex, &str) -> Result<(), PayloadError>,
    /// Conversion of the text of a payload to the event and back, for a text that the event type may
    /// write in another way.
    ///
    /// An error if the event type cannot read it: such a payload must not be stored.
    pub(crate) rewrite: fn(EventIndex, &str) -> Result<String, PayloadError>,
}
