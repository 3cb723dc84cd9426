//! TODO

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

/// With a payload that somebody looks into.
pub(crate) fn event_row(row: &SqliteRow, context: &EntityContext) -> Result<EventRow, Error> {
    let Json(payload) = row.try_get("data").map_err(failed)?;
    row_with(row, context, After::of(row, context)?, payload)
}

/// With a payload as it is stored.
pub(crate) fn stored_row(row: &SqliteRow, context: &EntityContext) -> Result<StoredRow, Error> {
    let payload = payload_text(row)?;
    row_with(row, context, After::of(row, context)?, payload)
}

/// What an event comes after.
pub(crate) struct After {
    pub(crate) entity_id: Uuid,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) prior_state: StateSet,
}

impl After {
    fn of(row: &SqliteRow, context: &EntityContext) -> Result<Self, Error> {
        let parent_id: Option<Hyphenated> = row.try_get("parent_id").map_err(failed)?;
        Ok(Self {
            entity_id: id(row, "entity_id")?,
            parent_id: parent_id.map(Uuid::from),
            prior_state: state(row, "prior_state", context)?,
        })
    }
}

pub(crate) fn row_with<P>(
    row: &SqliteRow,
    context: &EntityContext,
    after: After,
    payload: P,
) -> Result<EventRow<P>, Error> {
    let Json(metadata) = row.try_get("metadata").map_err(failed)?;
    Ok(EventRow {
        event_id: id(row, "event_id")?,
        entity_id: after.entity_id,
        seq: Seq::new(count(row, "seq")?),
        log_seq: log_seq(row)?,
        parent_id: after.parent_id,
        event_type: event_type(row, "event_type", context)?,
        prior_state: after.prior_state,
        state: state(row, "state", context)?,
        generation: Generation::new(count(row, "version")?),
        recorded_at: time(row, "recorded_at")?,
        payload,
        metadata,
    })
}

pub(crate) fn payload_text(row: &SqliteRow) -> Result<PayloadText, Error> {
    row.try_get("data").map(PayloadText).map_err(failed)
}

/// The point in time as the last parameter of a statement.
pub(crate) fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    as_of: AsOf,
) -> Query<'q, Sqlite, SqliteArguments> {
    match as_of {
        AsOf::Seq(seq) => query.bind(i64::from(seq.get())),
        AsOf::LogSeq(log_seq) => query.bind(search::bigint(log_seq.get())),
        AsOf::Time(time) => query.bind(time_text(AsOf::bounded_time(time))),
    }
}

/// What only the database knows of an event that it is given.
pub(crate) fn log_seq(row: &SqliteRow) -> Result<LogSeq, Error> {
    let log_seq: i64 = row.try_get("clock").map_err(failed)?;
    Ok(LogSeq::new(log_seq.unsigned_abs()))
}

pub(crate) fn count(row: &SqliteRow, column: &str) -> Result<u32, Error> {
    let value: i32 = row.try_get(column).map_err(failed)?;
    // The tables hold only positive ones.
    Ok(value.unsigned_abs())
}

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

pub(crate) fn rules_changed(context: &EntityContext) -> Error {
    Error::RulesChanged {
        entity: context.names.entity(),
    }
}

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

pub(crate) fn id(row: &SqliteRow, column: &str) -> Result<Uuid, Error> {
    let id: Hyphenated = row.try_get(column).map_err(failed)?;
    Ok(id.into())
}

pub(crate) fn time(row: &SqliteRow, column: &str) -> Result<DateTime<Utc>, Error> {
    row.try_get(column).map_err(failed)
}

/// RFC 3339 with microseconds and always the same width, so that texts sort as times do.
pub(crate) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
