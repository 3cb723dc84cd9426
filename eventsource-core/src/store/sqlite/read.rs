//! Heads, events and searches.

use chrono::{DateTime, SecondsFormat, Utc};
use eventsource_model::{EventIndex, StateSet};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row, Sqlite, SqlitePool};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::errors::failed;
use crate::store::as_of::AsOf;
use crate::store::backend::Table;
use crate::store::names::Names;
use crate::store::row::{
    Answered, EventRow, HeadRow, PayloadText, SearchFilter, StoredRow, Stretch,
};
use crate::store::{search_query as search, statements};
use crate::{Clock, Error, Seq, Version};

pub(super) async fn head(
    pool: &SqlitePool,
    table: &Table,
    entity_id: Uuid,
) -> Result<Option<HeadRow>, Error> {
    sqlx::query(AssertSqlSafe(statements::select_head(&table.names)))
        .bind(entity_id.hyphenated())
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| head_row(&row, table))
        .transpose()
}

pub(super) async fn head_as_of(
    pool: &SqlitePool,
    table: &Table,
    entity_id: Uuid,
    as_of: AsOf,
) -> Result<Option<HeadRow>, Error> {
    let text = statements::select_head_as_of(&table.names, as_of);
    let query = sqlx::query(AssertSqlSafe(text)).bind(entity_id.hyphenated());
    bind(query, as_of)
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| head_row(&row, table))
        .transpose()
}

/// Whether a request of this key was stored.
pub(super) async fn has_answered(
    pool: &SqlitePool,
    names: &Names,
    key: &str,
) -> Result<bool, Error> {
    let answered: Option<Json<Vec<Answered>>> =
        sqlx::query_scalar(AssertSqlSafe(statements::select_answered(names)))
            .bind(names.entity())
            .bind(key)
            .fetch_optional(pool)
            .await
            .map_err(failed)?;
    Ok(answered.is_some())
}

pub(super) async fn event(
    pool: &SqlitePool,
    table: &Table,
    event_id: Uuid,
) -> Result<Option<StoredRow>, Error> {
    sqlx::query(AssertSqlSafe(statements::select_event(&table.names)))
        .bind(event_id.hyphenated())
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| stored_row(&row, table))
        .transpose()
}

pub(super) async fn history(
    pool: &SqlitePool,
    table: &Table,
    entity_id: Uuid,
    stretch: Stretch,
) -> Result<Vec<StoredRow>, Error> {
    let text = statements::select_history(&table.names, stretch.until);
    let mut query = sqlx::query(AssertSqlSafe(text))
        .bind(entity_id.hyphenated())
        .bind(i64::from(stretch.after.get()))
        // One more, for the first event has a parent.
        .bind(search::bigint(stretch.limit.saturating_add(1)));
    if let Some(as_of) = stretch.until {
        query = bind(query, as_of);
    }
    let rows = query.fetch_all(pool).await.map_err(failed)?;
    let mut parent_id = None;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        if count(row, "seq")? > stretch.after.get() && (events.len() as u64) < stretch.limit {
            events.push(row_with(
                row,
                table,
                entity_id,
                parent_id,
                payload_text(row)?,
            )?);
        }
        parent_id = Some(id(row, "event_id")?);
    }
    Ok(events)
}

pub(super) async fn search(
    pool: &SqlitePool,
    table: &Table,
    filter: &SearchFilter,
) -> Result<(Vec<StoredRow>, Option<u64>), Error> {
    let mut page = search::page(table, filter, Uuid::hyphenated);
    let rows = page.build().fetch_all(pool).await.map_err(failed)?;
    let mut total = None;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        if filter.counted {
            let counted: i64 = row.try_get("total").map_err(failed)?;
            total = Some(counted.unsigned_abs());
            // Of an empty page there is only the count.
            if row
                .try_get::<Option<Hyphenated>, _>("event_id")
                .map_err(failed)?
                .is_none()
            {
                continue;
            }
        }
        events.push(stored_row(row, table)?);
    }
    Ok((events, total))
}

pub(super) fn head_row(row: &SqliteRow, table: &Table) -> Result<HeadRow, Error> {
    Ok(HeadRow {
        entity_id: id(row, "id")?,
        seq: Seq::new(count(row, "seq")?),
        version: Version::new(count(row, "version")?),
        state: state(row, "state", table)?,
        last_event_type: event_type(row, "last_event_type", table)?,
        last_event_id: id(row, "last_event_id")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// With a payload that somebody looks into.
pub(super) fn event_row(row: &SqliteRow, table: &Table) -> Result<EventRow, Error> {
    let Json(payload) = row.try_get("data").map_err(failed)?;
    row_with(row, table, id(row, "entity_id")?, parent_id(row)?, payload)
}

/// With a payload as it is stored.
pub(super) fn stored_row(row: &SqliteRow, table: &Table) -> Result<StoredRow, Error> {
    let payload = payload_text(row)?;
    row_with(row, table, id(row, "entity_id")?, parent_id(row)?, payload)
}

pub(super) fn row_with<P>(
    row: &SqliteRow,
    table: &Table,
    entity_id: Uuid,
    parent_id: Option<Uuid>,
    payload: P,
) -> Result<EventRow<P>, Error> {
    let Json(metadata) = row.try_get("metadata").map_err(failed)?;
    Ok(EventRow {
        event_id: id(row, "event_id")?,
        entity_id,
        seq: Seq::new(count(row, "seq")?),
        clock: clock(row)?,
        parent_id,
        event_type: event_type(row, "event_type", table)?,
        prior_state: state(row, "prior_state", table)?,
        state: state(row, "state", table)?,
        version: Version::new(count(row, "version")?),
        recorded_at: time(row, "recorded_at")?,
        payload,
        metadata,
    })
}

fn parent_id(row: &SqliteRow) -> Result<Option<Uuid>, Error> {
    let parent_id: Option<Hyphenated> = row.try_get("parent_id").map_err(failed)?;
    Ok(parent_id.map(Uuid::from))
}

pub(super) fn payload_text(row: &SqliteRow) -> Result<PayloadText, Error> {
    row.try_get("data").map(PayloadText).map_err(failed)
}

/// The point in time as the last parameter of a statement.
pub(super) fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    as_of: AsOf,
) -> Query<'q, Sqlite, SqliteArguments> {
    match as_of {
        AsOf::Seq(seq) => query.bind(i64::from(seq.get())),
        AsOf::Clock(clock) => query.bind(search::bigint(clock.get())),
        AsOf::Time(time) => query.bind(time_text(AsOf::bounded_time(time))),
    }
}

/// What only the database knows of an event that it is given.
pub(super) fn clock(row: &SqliteRow) -> Result<Clock, Error> {
    let clock: i64 = row.try_get("clock").map_err(failed)?;
    Ok(Clock::new(clock.unsigned_abs()))
}

pub(super) fn count(row: &SqliteRow, column: &str) -> Result<u32, Error> {
    let value: i32 = row.try_get(column).map_err(failed)?;
    // The tables hold only positive ones.
    Ok(value.unsigned_abs())
}

fn state(row: &SqliteRow, column: &str, table: &Table) -> Result<StateSet, Error> {
    let stored = row.try_get(column).map_err(failed)?;
    table.numbers.decode(stored).ok_or(rules_changed(table))
}

fn rules_changed(table: &Table) -> Error {
    Error::RulesChanged {
        entity: table.names.entity(),
    }
}

pub(super) fn event_type(
    row: &SqliteRow,
    column: &str,
    table: &Table,
) -> Result<EventIndex, Error> {
    let number: i16 = row.try_get(column).map_err(failed)?;
    table.numbers.index(number).ok_or(rules_changed(table))
}

pub(super) fn id(row: &SqliteRow, column: &str) -> Result<Uuid, Error> {
    let id: Hyphenated = row.try_get(column).map_err(failed)?;
    Ok(id.into())
}

pub(super) fn time(row: &SqliteRow, column: &str) -> Result<DateTime<Utc>, Error> {
    row.try_get(column).map_err(failed)
}

/// RFC 3339 with microseconds and always the same width, so that texts sort as times do.
pub(super) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
