//! TODO

use eventsource_model::{EventIndex, Machine};

use crate::store::contract::rows::Payload;
use crate::{IdFormat, PayloadError};

/// The machine as the planner sees it: with what it must know of the payloads.
pub(crate) struct PlanRules {
    pub(crate) machine: &'static Machine,
    pub(crate) entity: &'static str,
    pub(crate) id: IdFormat,
    /// By event index: the payload's field names, `None` if any field goes.
    pub(crate) fields: Vec<Option<&'static [&'static str]>>,
    /// A payload as the event type writes it; an error if it cannot read it. What is not read back
    /// must not be stored.
    pub(crate) normalize: fn(EventIndex, Payload) -> Result<Payload, PayloadError>,
}
