//! Heads from rows, and values as SQLite stores them.

use chrono::{DateTime, SecondsFormat, Utc};
use eventsource_model::{EventIndex, StateSet};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::HeadRow;
use crate::store::sql::search;
use crate::store::sqlite::errors::failed;
use crate::{Error, Generation, LogSeq, Seq};

/// Returns the head of a row.
pub(crate) fn head_row(row: &SqliteRow, context: &EntityContext) -> Result<HeadRow, Error> {
    Ok(HeadRow {
        entity_id: id(row, "id")?,
        seq: Seq::new(count(row, "seq")?),
        generation: Generation::new(count(row, "version")?),
        state: state(row, context)?,
        last_event_type: event_type(row, "last_event_type", context)?,
        last_event_id: id(row, "last_event_id")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
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

/// Returns the state of a head.
fn state(row: &SqliteRow, context: &EntityContext) -> Result<StateSet, Error> {
    let stored = row.try_get("state").map_err(failed)?;
    let state = context.codes.read_state(stored);
    state.map_err(|reason| reason.of_other_row(context))
}

/// Returns the event type of a column.
pub(crate) fn event_type(
    row: &SqliteRow,
    column: &str,
    context: &EntityContext,
) -> Result<EventIndex, Error> {
    let code = row.try_get(column).map_err(failed)?;
    let event_type = context.codes.read_event_type(code);
    event_type.map_err(|reason| reason.of_other_row(context))
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
