//! Heads, events and searches.

use chrono::{DateTime, SecondsFormat, Utc};
use eventsource_model::{EventIndex, StateSet};
use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row, SqlitePool};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::errors::failed;
use crate::store::backend::Table;
use crate::store::row::{EventRow, HeadRow, SearchFilter};
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

pub(super) async fn event(
    pool: &SqlitePool,
    table: &Table,
    event_id: Uuid,
) -> Result<Option<EventRow>, Error> {
    sqlx::query(AssertSqlSafe(statements::select_event(&table.names)))
        .bind(event_id.hyphenated())
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| event_row(&row, table))
        .transpose()
}

pub(super) async fn history(
    pool: &SqlitePool,
    table: &Table,
    entity_id: Uuid,
    after: Seq,
    limit: u64,
) -> Result<Vec<EventRow>, Error> {
    let rows = sqlx::query(AssertSqlSafe(statements::select_history(&table.names)))
        .bind(entity_id.hyphenated())
        .bind(i64::from(after.get()))
        .bind(search::bigint(limit))
        .fetch_all(pool)
        .await
        .map_err(failed)?;
    rows.iter().map(|row| event_row(row, table)).collect()
}

pub(super) async fn search(
    pool: &SqlitePool,
    table: &Table,
    filter: &SearchFilter,
) -> Result<(Vec<EventRow>, u64), Error> {
    let mut count = search::count(table, filter, Uuid::hyphenated);
    let total: i64 = count
        .build_query_scalar()
        .fetch_one(pool)
        .await
        .map_err(failed)?;
    let total = total.unsigned_abs();
    if filter.limit == 0 || filter.offset >= total {
        return Ok((Vec::new(), total));
    }
    let mut page = search::page(table, filter, Uuid::hyphenated);
    let rows = page.build().fetch_all(pool).await.map_err(failed)?;
    let rows = rows.iter().map(|row| event_row(row, table));
    Ok((rows.collect::<Result<_, _>>()?, total))
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

pub(super) fn event_row(row: &SqliteRow, table: &Table) -> Result<EventRow, Error> {
    let Json(payload) = row.try_get("data").map_err(failed)?;
    let Json(metadata) = row.try_get("metadata").map_err(failed)?;
    let parent_id: Option<Hyphenated> = row.try_get("parent_id").map_err(failed)?;
    Ok(EventRow {
        event_id: id(row, "event_id")?,
        entity_id: id(row, "entity_id")?,
        seq: Seq::new(count(row, "seq")?),
        clock: clock(row)?,
        parent_id: parent_id.map(Uuid::from),
        event_type: event_type(row, "event_type", table)?,
        prior_state: state(row, "prior_state", table)?,
        state: state(row, "state", table)?,
        version: Version::new(count(row, "version")?),
        recorded_at: time(row, "recorded_at")?,
        payload,
        metadata,
    })
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
