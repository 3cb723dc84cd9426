//! Events from rows.
//!
//! Values are decoded by the positions of their columns from the binary format of the server:
//! looking up each by its name and checking its type would take longer than all the rest of reading
//! a long stream.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use sqlx::postgres::{PgRow, PgValueFormat};
use sqlx::{Column, Row, ValueRef};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::rows::{EventRow, PayloadText};
use crate::store::contract::stream_range::PreviousEvent;
use crate::store::contract::unreadable_event::{UnreadableEvent, UnreadableReason};
use crate::{Generation, LogSeq, Metadata, Seq};

/// Returns the event of a row whose columns from `first` on begin with its place in the stream, with
/// its payload as JSON text.
pub(crate) fn stored(row: &PgRow, context: &EntityContext, first: usize) -> ReadRow<PayloadText> {
    let columns = Columns { row, next: first };
    let event = columns.with_place(context);
    match event {
        Ok(event) => Ok(event.map_payload(|payload| PayloadText(payload.to_owned()))),
        Err(reason) => Err(unreadable_with_place(columns, context, reason)),
    }
}

/// Returns the event of a row without its place in the stream, which the caller knows.
pub(crate) fn without_place<'r>(
    row: &'r PgRow,
    context: &EntityContext,
    entity_id: Uuid,
) -> ReadRow<&'r str> {
    let columns = Columns { row, next: 0 };
    let event = columns.event(context, entity_id, None, StateSet::EMPTY);
    event.map_err(|reason| unreadable(columns, context, entity_id, reason))
}

/// Returns id and state of the event of a row, for the event after it.
pub(crate) fn previous(row: &PgRow, context: &EntityContext) -> PreviousEvent {
    const STATE: usize = 4;
    PreviousEvent {
        event_id: Columns { row, next: 0 }.uuid().unwrap_or_default(),
        state: Columns { row, next: STATE }.state(context),
    }
}

/// Returns what can be decoded of an event whose columns begin with its place in the stream.
fn unreadable_with_place(
    mut columns: Columns<'_>,
    context: &EntityContext,
    reason: UnreadableReason,
) -> Box<UnreadableEvent> {
    let entity_id = columns.uuid().unwrap_or_default();
    let parent_id = columns.uuid_or_null().unwrap_or_default();
    let _prior_state = columns.state(context);
    let mut event = unreadable(columns, context, entity_id, reason);
    event.parent_id = parent_id.map(Into::into);
    event
}

/// Returns what can be decoded of an event.
fn unreadable(
    mut columns: Columns<'_>,
    context: &EntityContext,
    entity_id: Uuid,
    reason: UnreadableReason,
) -> Box<UnreadableEvent> {
    let id = columns.uuid().unwrap_or_default().into();
    let seq = Seq::new(columns.count().unwrap_or_default());
    let log_seq = columns.log_seq().unwrap_or_default();
    let event_type = columns.event_type(context).ok();
    let state = columns.state(context);
    let generation = Generation::new(columns.count().unwrap_or_default());
    let recorded_at = columns.time().unwrap_or_default();
    let payload = columns.json_text().ok().map(str::to_owned);
    Box::new(UnreadableEvent {
        id,
        entity: context.names.entity(),
        entity_id: entity_id.into(),
        formatted_entity_id: context.rules.id.format(entity_id.into()),
        seq,
        log_seq,
        parent_id: None,
        event_type: event_type.map(|index| context.rules.machine.name_of(index).to_owned()),
        generation,
        recorded_at,
        metadata: columns.metadata().unwrap_or_default(),
        reason,
        payload,
        state,
    })
}

/// Columns of a row, decoded one after the other.
#[derive(Clone, Copy)]
struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
}

/// Value of a column, or why it cannot be decoded.
type Decoded<T> = Result<T, UnreadableReason>;

impl<'r> Columns<'r> {
    /// Decodes the place in the stream, and then the columns of an event.
    fn with_place(mut self, context: &EntityContext) -> Decoded<EventRow<&'r str>> {
        let entity_id = self.uuid()?;
        let parent_id = self.uuid_or_null()?;
        let prior_state = self.state(context)?;
        self.event(context, entity_id, parent_id, prior_state)
    }

    /// Decodes the columns of [`COLUMNS`](crate::store::sql::statements::COLUMNS).
    fn event(
        mut self,
        context: &EntityContext,
        entity_id: Uuid,
        parent_id: Option<Uuid>,
        prior_state: StateSet,
    ) -> Decoded<EventRow<&'r str>> {
        Ok(EventRow {
            event_id: self.uuid()?,
            entity_id,
            seq: Seq::new(self.count()?),
            log_seq: self.log_seq()?,
            parent_id,
            event_type: self.event_type(context)?,
            prior_state,
            state: self.state(context)?,
            generation: Generation::new(self.count()?),
            recorded_at: self.time()?,
            payload: self.json_text()?,
            metadata: self.metadata()?,
        })
    }

    /// Creates the reason for the column that was decoded last.
    fn fault(&self, error: impl ToString) -> UnreadableReason {
        let last = self.row.columns().get(self.next - 1);
        UnreadableReason::column(last.map_or("", Column::name), error)
    }

    fn value(&mut self) -> Decoded<Option<&'r [u8]>> {
        let value = self.row.try_get_raw(self.next);
        self.next += 1;
        let value = value.map_err(|error| self.fault(error))?;
        if value.is_null() {
            return Ok(None);
        }
        match value.format() {
            PgValueFormat::Binary => {
                let bytes = value.as_bytes().map(Some);
                bytes.map_err(|error| self.fault(error))
            }
            // Only statements that are not prepared return texts.
            PgValueFormat::Text => Err(self.fault("it came in text format, binary was expected")),
        }
    }

    fn bytes(&mut self) -> Decoded<&'r [u8]> {
        let value = self.value()?;
        value.ok_or_else(|| self.fault("it is null"))
    }

    fn fixed<const SIZE: usize>(&mut self) -> Decoded<[u8; SIZE]> {
        let bytes = self.bytes()?;
        self.sized(bytes)
    }

    fn sized<const SIZE: usize>(&self, bytes: &[u8]) -> Decoded<[u8; SIZE]> {
        let other = |_| self.fault("it has the wrong number of bytes for its type");
        bytes.try_into().map_err(other)
    }

    fn uuid(&mut self) -> Decoded<Uuid> {
        self.fixed().map(Uuid::from_bytes)
    }

    fn uuid_or_null(&mut self) -> Decoded<Option<Uuid>> {
        let value = self.value()?;
        value
            .map(|value| self.sized(value).map(Uuid::from_bytes))
            .transpose()
    }

    /// Decodes a non-negative integer; a CHECK keeps others out of the tables.
    fn count(&mut self) -> Decoded<u32> {
        self.fixed()
            .map(|value| i32::from_be_bytes(value).unsigned_abs())
    }

    fn log_seq(&mut self) -> Decoded<LogSeq> {
        self.fixed()
            .map(|value| LogSeq::new(i64::from_be_bytes(value).unsigned_abs()))
    }

    fn event_type(&mut self, context: &EntityContext) -> Decoded<EventIndex> {
        let code = i16::from_be_bytes(self.fixed()?);
        context.codes.read_event_type(code.into())
    }

    fn state(&mut self, context: &EntityContext) -> Decoded<StateSet> {
        let stored = i64::from_be_bytes(self.fixed()?);
        context.codes.read_state(stored)
    }

    fn time(&mut self) -> Decoded<DateTime<Utc>> {
        /// Epoch of Postgres in microseconds of the Unix epoch.
        const YEAR_2000: i64 = 946_684_800_000_000;
        let micros = i64::from_be_bytes(self.fixed()?).checked_add(YEAR_2000);
        let time = micros.and_then(DateTime::from_timestamp_micros);
        time.ok_or_else(|| self.fault("the time is out of range"))
    }

    /// Decodes a `json`, which is its text.
    fn json_text(&mut self) -> Decoded<&'r str> {
        let bytes = self.bytes()?;
        str::from_utf8(bytes).map_err(|error| self.fault(error))
    }

    fn metadata(&mut self) -> Decoded<Metadata> {
        match self.json_text()? {
            "{}" => Ok(Metadata::default()),
            text => Metadata::of_text(text).map_err(|error| self.fault(error)),
        }
    }
}
