//! Rules as the planner of an append needs them.

use eventsource_model::{EventIndex, Machine};

use crate::store::contract::rows::Payload;
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
    /// Conversion of a payload to the event and back.
    ///
    /// An error if the event type cannot read it: such a payload must not be stored.
    pub(crate) normalize: fn(EventIndex, Payload) -> Result<Payload, PayloadError>,
}
