//! Heads, events and searches.

use eventsource_model::{EventIndex, StateSet};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool, Row};
use uuid::Uuid;

use super::counter;
use super::errors::failed;
use crate::store::backend::Table;
use crate::store::row::{EventRow, HeadRow, Outcome, Request, SearchFilter};
use crate::store::{search_query as search, statements};
use crate::{Clock, Error, Seq, Version};

pub(super) async fn head(
    pool: &PgPool,
    table: &Table,
    entity_id: Uuid,
) -> Result<Option<HeadRow>, Error> {
    sqlx::query(AssertSqlSafe(statements::select_head(&table.names)))
        .bind(entity_id)
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| head_row(&row, table))
        .transpose()
}

pub(super) async fn event(
    pool: &PgPool,
    table: &Table,
    event_id: Uuid,
) -> Result<Option<EventRow>, Error> {
    sqlx::query(AssertSqlSafe(statements::select_event(&table.names)))
        .bind(event_id)
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| event_row(&row, table))
        .transpose()
}

pub(super) async fn history(
    pool: &PgPool,
    table: &Table,
    entity_id: Uuid,
    after: Seq,
    limit: u64,
) -> Result<Vec<EventRow>, Error> {
    let rows = sqlx::query(AssertSqlSafe(statements::select_history(&table.names)))
        .bind(entity_id)
        .bind(i64::from(after.get()))
        .bind(search::bigint(limit))
        .fetch_all(pool)
        .await
        .map_err(failed)?;
    rows.iter().map(|row| event_row(row, table)).collect()
}

/// What an earlier try of the same request stored, if it did.
pub(super) async fn stored(
    pool: &PgPool,
    table: &Table,
    request: &Request,
) -> Result<Option<Outcome>, Error> {
    let mut rows = Vec::new();
    for part in &request.parts {
        let Some(entity_id) = counter::entity_of(pool, table, part).await? else {
            return Ok(None);
        };
        let (first, last) = part.event_id_range();
        let found = sqlx::query(AssertSqlSafe(statements::select_events_between(
            &table.names,
        )))
        .bind(entity_id)
        .bind(first)
        .bind(last)
        .fetch_all(pool)
        .await
        .map_err(failed)?;
        if found.is_empty() {
            return Ok(None);
        }
        for row in &found {
            rows.push(event_row(row, table)?);
        }
    }
    Ok(Some(Outcome {
        rows,
        replayed: false,
    }))
}

pub(super) async fn search(
    pool: &PgPool,
    table: &Table,
    filter: &SearchFilter,
) -> Result<(Vec<EventRow>, u64), Error> {
    let mut count = search::count(table, filter, |id| id);
    let total: i64 = count
        .build_query_scalar()
        .fetch_one(pool)
        .await
        .map_err(failed)?;
    let total = total.unsigned_abs();
    if filter.limit == 0 || filter.offset >= total {
        return Ok((Vec::new(), total));
    }
    let mut page = search::page(table, filter, |id| id);
    let rows = page.build().fetch_all(pool).await.map_err(failed)?;
    let rows = rows.iter().map(|row| event_row(row, table));
    Ok((rows.collect::<Result<_, _>>()?, total))
}

pub(super) fn head_row(row: &PgRow, table: &Table) -> Result<HeadRow, Error> {
    Ok(HeadRow {
        entity_id: row.try_get("id").map_err(failed)?,
        seq: Seq::new(count(row, "seq")?),
        version: Version::new(count(row, "version")?),
        state: state(row, "state", table)?,
        last_event_type: event_type(row, "last_event_type", table)?,
        last_event_id: row.try_get("last_event_id").map_err(failed)?,
        created_at: row.try_get("created_at").map_err(failed)?,
        updated_at: row.try_get("updated_at").map_err(failed)?,
    })
}

pub(super) fn event_row(row: &PgRow, table: &Table) -> Result<EventRow, Error> {
    let Json(payload) = row.try_get("data").map_err(failed)?;
    let Json(metadata) = row.try_get("metadata").map_err(failed)?;
    Ok(EventRow {
        event_id: row.try_get("event_id").map_err(failed)?,
        entity_id: row.try_get("entity_id").map_err(failed)?,
        seq: Seq::new(count(row, "seq")?),
        clock: clock(row)?,
        parent_id: row.try_get("parent_id").map_err(failed)?,
        event_type: event_type(row, "event_type", table)?,
        prior_state: state(row, "prior_state", table)?,
        state: state(row, "state", table)?,
        version: Version::new(count(row, "version")?),
        recorded_at: row.try_get("recorded_at").map_err(failed)?,
        payload,
        metadata,
    })
}

/// What only the database knows of an event that it is given.
pub(super) fn clock(row: &PgRow) -> Result<Clock, Error> {
    let clock: i64 = row.try_get("clock").map_err(failed)?;
    Ok(Clock::new(clock.unsigned_abs()))
}

fn count(row: &PgRow, column: &str) -> Result<u32, Error> {
    let value: i32 = row.try_get(column).map_err(failed)?;
    // The tables hold only positive ones.
    Ok(value.unsigned_abs())
}

fn state(row: &PgRow, column: &str, table: &Table) -> Result<StateSet, Error> {
    let stored = row.try_get(column).map_err(failed)?;
    table.numbers.decode(stored).ok_or(rules_changed(table))
}

fn rules_changed(table: &Table) -> Error {
    Error::RulesChanged {
        entity: table.names.entity(),
    }
}

fn event_type(row: &PgRow, column: &str, table: &Table) -> Result<EventIndex, Error> {
    let number: i16 = row.try_get(column).map_err(failed)?;
    table.numbers.index(number).ok_or(rules_changed(table))
}
