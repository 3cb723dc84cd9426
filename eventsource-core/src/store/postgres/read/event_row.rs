//! Events from rows.
//!
//! Values are decoded by the positions of their columns from the binary format of the server:
//! looking up each by its name and checking its type would take longer than all the rest of reading
//! a long stream.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use sqlx::postgres::{PgRow, PgValueFormat};
use sqlx::{Row, ValueRef};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::{EventRow, PayloadText, StoredRow};
use crate::store::contract::stream_range::PreviousEvent;
use crate::store::postgres::errors::failed;
use crate::{Error, Generation, LogSeq, Metadata, Seq};

/// Returns the event of a row whose columns from `first` on begin with its place in the stream, with
/// its payload as JSON text.
pub(crate) fn stored(
    row: &PgRow,
    context: &EntityContext,
    first: usize,
) -> Result<StoredRow, Error> {
    let event = with_place(row, context, first)?;
    Ok(event.map_payload(|payload| PayloadText(payload.to_owned())))
}

/// Returns the event of a row whose columns from `first` on begin with its place in the stream.
fn with_place<'r>(
    row: &'r PgRow,
    context: &EntityContext,
    first: usize,
) -> Result<EventRow<&'r str>, Error> {
    let mut columns = Columns { row, next: first };
    let entity_id = columns.uuid()?;
    let parent_id = columns.uuid_or_null()?;
    let prior_state = state(i64::from_be_bytes(columns.fixed()?), context)?;
    columns.event(context, entity_id, parent_id, prior_state)
}

/// Returns the event of a row without its place in the stream, which the caller knows.
pub(crate) fn without_place<'r>(
    row: &'r PgRow,
    context: &EntityContext,
    entity_id: Uuid,
) -> Result<EventRow<&'r str>, Error> {
    Columns { row, next: 0 }.event(context, entity_id, None, StateSet::EMPTY)
}

/// Returns id and state of the event of a row, for the event after it.
pub(crate) fn previous(row: &PgRow, context: &EntityContext) -> Result<PreviousEvent, Error> {
    const STATE: usize = 4;
    let stored = Columns { row, next: STATE }.fixed()?;
    Ok(PreviousEvent {
        event_id: Columns { row, next: 0 }.uuid()?,
        state: state(i64::from_be_bytes(stored), context)?,
    })
}

/// Decodes a stored state.
pub(crate) fn state(stored: i64, context: &EntityContext) -> Result<StateSet, Error> {
    let state = context.codes.decode(stored);
    state.ok_or_else(|| rules_changed(context))
}

/// Decodes a stored event type.
pub(crate) fn event_type(number: i16, context: &EntityContext) -> Result<EventIndex, Error> {
    let event_type = context.codes.index(number);
    event_type.ok_or_else(|| rules_changed(context))
}

fn rules_changed(context: &EntityContext) -> Error {
    Error::RulesChanged {
        entity: context.names.entity(),
    }
}

/// Columns of a row, decoded one after the other.
struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Columns<'r> {
    /// Decodes the columns of [`COLUMNS`](crate::store::sql::statements::COLUMNS).
    fn event(
        mut self,
        context: &EntityContext,
        entity_id: Uuid,
        parent_id: Option<Uuid>,
        prior_state: StateSet,
    ) -> Result<EventRow<&'r str>, Error> {
        Ok(EventRow {
            event_id: self.uuid()?,
            entity_id,
            seq: Seq::new(self.count()?),
            log_seq: LogSeq::new(i64::from_be_bytes(self.fixed()?).unsigned_abs()),
            parent_id,
            event_type: event_type(i16::from_be_bytes(self.fixed()?), context)?,
            prior_state,
            state: state(i64::from_be_bytes(self.fixed()?), context)?,
            generation: Generation::new(self.count()?),
            recorded_at: self.time()?,
            payload: self.json_text()?,
            metadata: self.metadata()?,
        })
    }

    fn value(&mut self) -> Result<Option<&'r [u8]>, Error> {
        let value = self.row.try_get_raw(self.next).map_err(failed)?;
        self.next += 1;
        if value.is_null() {
            return Ok(None);
        }
        match value.format() {
            PgValueFormat::Binary => value.as_bytes().map(Some).map_err(Error::undecodable),
            // Only statements that are not prepared return texts.
            PgValueFormat::Text => Err(Error::database(
                "a column came in text format, binary was expected",
            )),
        }
    }

    fn bytes(&mut self) -> Result<&'r [u8], Error> {
        let null = || Error::database("a column that is never null is null");
        self.value()?.ok_or_else(null)
    }

    fn fixed<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], Error> {
        fixed(self.bytes()?)
    }

    fn uuid(&mut self) -> Result<Uuid, Error> {
        self.fixed().map(Uuid::from_bytes)
    }

    fn uuid_or_null(&mut self) -> Result<Option<Uuid>, Error> {
        let value = self.value()?;
        value
            .map(|value| fixed(value).map(Uuid::from_bytes))
            .transpose()
    }

    /// Decodes a non-negative integer; a CHECK keeps others out of the tables.
    fn count(&mut self) -> Result<u32, Error> {
        self.fixed()
            .map(|value| i32::from_be_bytes(value).unsigned_abs())
    }

    fn time(&mut self) -> Result<DateTime<Utc>, Error> {
        /// Epoch of Postgres in microseconds of the Unix epoch.
        const YEAR_2000: i64 = 946_684_800_000_000;
        let micros = i64::from_be_bytes(self.fixed()?).checked_add(YEAR_2000);
        let time = micros.and_then(DateTime::from_timestamp_micros);
        time.ok_or_else(|| Error::database("a time is out of range"))
    }

    /// Decodes a `json`, which is its text.
    fn json_text(&mut self) -> Result<&'r str, Error> {
        str::from_utf8(self.bytes()?).map_err(|error| Error::undecodable(error.into()))
    }

    fn metadata(&mut self) -> Result<Metadata, Error> {
        match self.json_text()? {
            "{}" => Ok(Metadata::default()),
            text => Metadata::of_text(text).map_err(|error| Error::undecodable(error.into())),
        }
    }
}

fn fixed<const SIZE: usize>(bytes: &[u8]) -> Result<[u8; SIZE], Error> {
    let other = || Error::database("a column has the wrong number of bytes for its type");
    bytes.try_into().map_err(|_| other())
}
