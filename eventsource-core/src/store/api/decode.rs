//! Typed heads and events from the rows of a driver.

use std::borrow::Cow;

use crate::payload::text::from_payload_text;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::request::AppendedRow;
use crate::store::contract::rows::{EventRow, HeadRow, PayloadText};
use crate::store::contract::unreadable_event::{UnreadableEvent, UnreadableReason};
use crate::{Error, Event, EventType, Head, Page, RecordedEvent, State};

/// Event of a page or a feed: an unreadable one takes no other with it.
///
/// A caller for whom an unreadable event is an error writes `?`, which makes it
/// [`Error::Unreadable`].
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
/// for event in tasks.search().await?.items {
///     let recorded = event?;
///     println!("#{} {}", recorded.seq, recorded.state);
/// }
/// # Ok(())
/// # }
/// ```
pub type EventResult<E> = Result<RecordedEvent<E>, Box<UnreadableEvent>>;

impl<E: Event> Page<EventResult<E>> {
    /// Returns the page if all of its events can be read.
    ///
    /// # Errors
    /// [`Error::Unreadable`] with the first event that cannot be read.
    ///
    /// ```no_run
    /// # use eventsource_core::{Event, EventStore, Error};
    /// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
    /// for recorded in tasks.search().await?.readable()?.items {
    ///     println!("#{} {}", recorded.seq, recorded.state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn readable(self) -> Result<Page<RecordedEvent<E>>, Error> {
        Ok(Page {
            items: self.items.into_iter().collect::<Result<_, _>>()?,
            total: self.total,
        })
    }
}

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
    /// Returns the text.
    fn text(&self) -> &str;
}

impl StoredPayload for &str {
    fn text(&self) -> &str {
        self
    }
}

impl StoredPayload for Cow<'_, str> {
    fn text(&self) -> &str {
        self
    }
}

impl StoredPayload for PayloadText {
    fn text(&self) -> &str {
        &self.0
    }
}

/// Returns the event of a row, as far as it can be read.
pub(crate) fn recorded<E: Event, P: StoredPayload>(
    context: &EntityContext,
    row: ReadRow<P>,
) -> EventResult<E> {
    let row = row?;
    match payload(&row) {
        Ok(event) => Ok(with_event(row, event)),
        Err(reason) => Err(row.unreadable(context, reason)),
    }
}

/// Returns the event of a row that an append has stored, which is the next of those `sent` unless the
/// row has a payload.
pub(crate) fn appended<E: Event>(
    context: &EntityContext,
    mut row: AppendedRow,
    sent: &mut impl Iterator<Item = E>,
) -> Result<RecordedEvent<E>, Error> {
    if let Some(payload) = row.payload.take() {
        return Ok(recorded(context, Ok(row.map_payload(|_| payload)))?);
    }
    let event = sent
        .next()
        .ok_or_else(|| Error::database("more events were stored than asked for"))?;
    Ok(with_event(row, event))
}

/// Returns the event of a row that the planner has made of one.
pub(crate) fn stored<E: Event>(row: EventRow<Cow<'_, str>>) -> Result<RecordedEvent<E>, Error> {
    let event = from_payload_text(event_type::<E>(row.event_type)?, &row.payload)?;
    Ok(with_event(row, event))
}

/// Reads the payload of a row.
fn payload<E: Event>(row: &EventRow<impl StoredPayload>) -> Result<E, UnreadableReason> {
    let unknown = || UnreadableReason::UnknownEventType {
        code: i64::try_from(row.event_type.get()).unwrap_or(i64::MAX),
    };
    let event_type = E::Type::from_index(row.event_type).ok_or_else(unknown)?;
    Ok(from_payload_text(event_type, row.payload.text())?)
}

/// Returns the event of a row, whose payload is this.
fn with_event<E: Event, P>(row: EventRow<P>, event: E) -> RecordedEvent<E> {
    RecordedEvent {
        id: row.event_id.into(),
        entity_id: row.entity_id.into(),
        seq: row.seq,
        log_seq: row.log_seq,
        parent_id: row.parent_id.map(Into::into),
        prior_state: State::from_set(row.prior_state),
        state: State::from_set(row.state),
        generation: row.generation,
        recorded_at: row.recorded_at,
        event,
        metadata: row.metadata,
    }
}

impl<E: Event> RecordedEvent<E> {
    /// Returns the event without its fields, for a reader that may not see them.
    pub(crate) fn hidden(self) -> Box<UnreadableEvent> {
        Box::new(UnreadableEvent {
            id: self.id,
            entity: E::ENTITY,
            entity_id: self.entity_id,
            formatted_entity_id: E::ID.format(self.entity_id),
            seq: self.seq,
            log_seq: self.log_seq,
            parent_id: self.parent_id,
            event_type: Some(self.event.event_type().name().to_owned()),
            generation: self.generation,
            recorded_at: self.recorded_at,
            metadata: self.metadata,
            reason: UnreadableReason::Hidden,
            payload: None,
            state: Ok(self.state.set()),
        })
    }
}
