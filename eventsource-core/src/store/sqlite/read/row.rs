//! Heads and events from rows, and values as SQLite stores them.

use chrono::{DateTime, SecondsFormat, Utc};
use eventsource_model::{EventIndex, StateSet};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::types::Json;
use sqlx::{Row, Sqlite};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::{EventRow, HeadRow, PayloadText, StoredRow};
use crate::store::sql::search;
use crate::store::sqlite::errors::failed;
use crate::{Error, Generation, LogSeq, Seq};

/// Returns the head of a row.
pub(crate) fn head_row(row: &SqliteRow, context: &EntityContext) -> Result<HeadRow, Error> {
    Ok(HeadRow {
        entity_id: id(row, "id")?,
        seq: Seq::new(count(row, "seq")?),
        generation: Generation::new(count(row, "version")?),
        state: state(row, "state", context)?,
        last_event_type: event_type(row, "last_event_type", context)?,
        last_event_id: id(row, "last_event_id")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// Returns the event of a row, with its payload as JSON text.
pub(crate) fn stored_row(row: &SqliteRow, context: &EntityContext) -> Result<StoredRow, Error> {
    let payload = payload_text(row)?;
    event_row_with(row, context, StreamPlace::of(row, context)?, payload)
}

/// Entity of an event, with id and state of the event before it.
pub(crate) struct StreamPlace {
    pub(crate) entity_id: Uuid,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) prior_state: StateSet,
}

impl StreamPlace {
    fn of(row: &SqliteRow, context: &EntityContext) -> Result<Self, Error> {
        let parent_id: Option<Hyphenated> = row.try_get("parent_id").map_err(failed)?;
        Ok(Self {
            entity_id: id(row, "entity_id")?,
            parent_id: parent_id.map(Uuid::from),
            prior_state: state(row, "prior_state", context)?,
        })
    }
}

/// Returns the event of a row, with this place in its stream and this payload.
pub(crate) fn event_row_with<P>(
    row: &SqliteRow,
    context: &EntityContext,
    place: StreamPlace,
    payload: P,
) -> Result<EventRow<P>, Error> {
    let Json(metadata) = row.try_get("metadata").map_err(failed)?;
    Ok(EventRow {
        event_id: id(row, "event_id")?,
        entity_id: place.entity_id,
        seq: Seq::new(count(row, "seq")?),
        log_seq: log_seq(row)?,
        parent_id: place.parent_id,
        event_type: event_type(row, "event_type", context)?,
        prior_state: place.prior_state,
        state: state(row, "state", context)?,
        generation: Generation::new(count(row, "version")?),
        recorded_at: time(row, "recorded_at")?,
        payload,
        metadata,
    })
}

/// Returns the payload as JSON text.
pub(crate) fn payload_text(row: &SqliteRow) -> Result<PayloadText, Error> {
    row.try_get("data").map(PayloadText).map_err(failed)
}

/// Binds the point in time as the last parameter of a statement.
pub(crate) fn bind(
    query: Query<'_, Sqlite, SqliteArguments>,
    as_of: AsOf,
) -> Query<'_, Sqlite, SqliteArguments> {
    match as_of {
        AsOf::Seq(seq) => query.bind(i64::from(seq.get())),
        AsOf::LogSeq(log_seq) => query.bind(search::bigint(log_seq.get())),
        AsOf::Time(time) => query.bind(time_text(AsOf::bounded_time(time))),
    }
}

/// Returns the log sequence that the database gave the event.
pub(crate) fn log_seq(row: &SqliteRow) -> Result<LogSeq, Error> {
    let log_seq: i64 = row.try_get("clock").map_err(failed)?;
    Ok(LogSeq::new(log_seq.unsigned_abs()))
}

/// Returns a non-negative integer of a column.
pub(crate) fn count(row: &SqliteRow, column: &str) -> Result<u32, Error> {
    let value: i32 = row.try_get(column).map_err(failed)?;
    // A CHECK keeps negative ones out of the tables.
    Ok(value.unsigned_abs())
}

/// Returns the state of a column, in the indexes of the machine.
pub(crate) fn state(
    row: &SqliteRow,
    column: &str,
    context: &EntityContext,
) -> Result<StateSet, Error> {
    let stored = row.try_get(column).map_err(failed)?;
    context
        .codes
        .decode(stored)
        .ok_or_else(|| rules_changed(context))
}

/// Returns the error for a stored event type that the machine does not have.
pub(crate) fn rules_changed(context: &EntityContext) -> Error {
    Error::RulesChanged {
        entity: context.names.entity(),
    }
}

/// Returns the event type of a column.
pub(crate) fn event_type(
    row: &SqliteRow,
    column: &str,
    context: &EntityContext,
) -> Result<EventIndex, Error> {
    let number: i16 = row.try_get(column).map_err(failed)?;
    context
        .codes
        .index(number)
        .ok_or_else(|| rules_changed(context))
}

/// Returns the id of a column.
pub(crate) fn id(row: &SqliteRow, column: &str) -> Result<Uuid, Error> {
    let id: Hyphenated = row.try_get(column).map_err(failed)?;
    Ok(id.into())
}

/// Returns the time of a column.
pub(crate) fn time(row: &SqliteRow, column: &str) -> Result<DateTime<Utc>, Error> {
    row.try_get(column).map_err(failed)
}

/// Formats a time as it is stored: RFC 3339 of fixed width, so that texts sort as times do.
pub(crate) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
