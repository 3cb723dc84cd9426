//! Event of an append: checked, and written as the text that is stored.

use crate::payload::limits::MAX_APPEND_BYTES;
use crate::payload::text::{from_payload_text, to_payload_text};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::request::RequestEvent;
use crate::store::contract::text_checks::{check_lossy, check_open_fields, check_payload};
use crate::store::rules::plan::missing_field;
use crate::{Error, Event, EventType};

/// Returns the event of a request, and the event as it will be read, if it can be.
pub(crate) fn request_event<E: Event>(
    rules: &PlanRules,
    event: &E,
) -> Result<(RequestEvent, Option<E>), Error> {
    let event_type = event.event_type();
    let payload = to_payload_text(event)?;
    if payload.len() > MAX_APPEND_BYTES {
        return Err(too_large().into());
    }
    let scanned = check_payload(event_type.name(), &payload)?;
    if rules.fields[event_type.index().get()].is_none() {
        check_open_fields(rules.entity, event_type.name(), &scanned.fields)?;
    }
    let read = from_payload_text(event_type, &payload);
    if scanned.has_null {
        check_lossy(event, read.as_ref().ok())?;
    }
    let has_value = |name: &str| {
        let mut fields = scanned.fields.iter();
        fields.any(|field| field.name == name && field.has_value())
    };
    let missing_field = missing_field(rules, event_type.index(), has_value);
    let event = RequestEvent {
        event_type: event_type.index(),
        missing_field,
        is_readable: read.is_ok(),
        payload,
    };
    Ok((event, read.ok()))
}

/// Refuses an append whose payloads are too large together.
pub(super) fn too_large() -> InvalidInput {
    let max_bytes = MAX_APPEND_BYTES;
    InvalidInput::new(
        "the sum of the payloads of the append",
        InputProblem::TooLong { max_bytes },
    )
}
