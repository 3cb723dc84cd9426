//! Typed heads and events from the rows of a driver.

use crate::payload::text::from_payload_text;
use crate::store::contract::request::AppendedRow;
use crate::store::contract::rows::{EventRow, HeadRow, PayloadText};
use crate::{Error, Event, EventType, Head, PayloadError, RecordedEvent, State};

fn event_type<E: Event>(index: eventsource_model::EventIndex) -> Result<E::Type, Error> {
    E::Type::from_index(index).ok_or_else(|| Error::database("an event type out of range"))
}

/// Returns the head of a row.
pub(crate) fn head<E: Event>(row: HeadRow) -> Result<Head<E>, Error> {
    Ok(Head {
        id: row.entity_id.into(),
        seq: row.seq,
        generation: row.generation,
        state: State::from_set(row.state),
        last_event_type: event_type::<E>(row.last_event_type)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Payload as a driver returns it: JSON text.
pub(crate) trait StoredPayload {
    /// Deserializes the payload of an event of this type.
    fn into_event<E: Event>(self, event_type: E::Type) -> Result<E, PayloadError>;
}

impl StoredPayload for &str {
    fn into_event<E: Event>(self, event_type: E::Type) -> Result<E, PayloadError> {
        from_payload_text(event_type, self)
    }
}

impl StoredPayload for PayloadText {
    fn into_event<E: Event>(self, event_type: E::Type) -> Result<E, PayloadError> {
        from_payload_text(event_type, &self.0)
    }
}

/// Returns the event of a row.
pub(crate) fn recorded<E: Event, P: StoredPayload>(
    row: EventRow<P>,
) -> Result<RecordedEvent<E>, Error> {
    recorded_with(row, |event_type, payload| {
        Ok(payload.into_event(event_type)?)
    })
}

/// Returns the event of a row that an append has stored, which is the next of those `sent` unless the
/// row has a payload.
pub(crate) fn appended<E: Event>(
    row: AppendedRow,
    sent: &mut impl Iterator<Item = E>,
) -> Result<RecordedEvent<E>, Error> {
    recorded_with(row, |event_type, payload| match payload {
        Some(payload) => Ok(payload.into_event(event_type)?),
        None => sent
            .next()
            .ok_or_else(|| Error::database("more events were stored than asked for")),
    })
}

fn recorded_with<E: Event, P>(
    row: EventRow<P>,
    decode: impl FnOnce(E::Type, P) -> Result<E, Error>,
) -> Result<RecordedEvent<E>, Error> {
    Ok(RecordedEvent {
        id: row.event_id.into(),
        entity_id: row.entity_id.into(),
        seq: row.seq,
        log_seq: row.log_seq,
        parent_id: row.parent_id.map(Into::into),
        prior_state: State::from_set(row.prior_state),
        state: State::from_set(row.state),
        generation: row.generation,
        recorded_at: row.recorded_at,
        event: decode(event_type::<E>(row.event_type)?, row.payload)?,
        metadata: row.metadata,
    })
}
