//! Heads, events and searches.

use eventsource_model::{EventIndex, StateSet};
use sqlx::postgres::{PgArguments, PgRow, PgValueFormat};
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Postgres, Row};
use uuid::Uuid;

use super::counter;
use super::errors::failed;
use super::pool::Pool;
use crate::store::as_of::AsOf;
use crate::store::backend::Table;
use crate::store::names::Names;
use crate::store::row::{
    Answered, EventRow, HeadRow, Outcome, PayloadText, Request, SearchFilter, StoredRow, Stretch,
};
use crate::store::{search_query as search, statements};
use crate::{Clock, Error, Seq, Version};

pub(super) async fn head(
    pool: &Pool,
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

pub(super) async fn head_as_of(
    pool: &Pool,
    table: &Table,
    entity_id: Uuid,
    as_of: AsOf,
) -> Result<Option<HeadRow>, Error> {
    let text = statements::select_head_as_of(&table.names, as_of);
    let query = sqlx::query(AssertSqlSafe(text)).bind(entity_id);
    bind(query, as_of)
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| head_row(&row, table))
        .transpose()
}

/// Whether a request of this key was stored.
pub(super) async fn has_answered(pool: &Pool, names: &Names, key: &str) -> Result<bool, Error> {
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
    pool: &Pool,
    table: &Table,
    event_id: Uuid,
) -> Result<Option<StoredRow>, Error> {
    sqlx::query(AssertSqlSafe(statements::select_event(&table.names)))
        .bind(event_id)
        .fetch_optional(pool)
        .await
        .map_err(failed)?
        .map(|row| stored_row(&row, table))
        .transpose()
}

pub(super) async fn history(
    pool: &Pool,
    table: &Table,
    entity_id: Uuid,
    stretch: Stretch,
) -> Result<Vec<StoredRow>, Error> {
    let text = statements::select_history(&table.names, stretch.until);
    let mut query = sqlx::query(AssertSqlSafe(text))
        .bind(entity_id)
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
        parent_id = Some(row.try_get("event_id").map_err(failed)?);
    }
    Ok(events)
}

/// What an earlier try of the same request stored, if it did.
pub(super) async fn stored(
    pool: &Pool,
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
    pool: &Pool,
    table: &Table,
    filter: &SearchFilter,
) -> Result<(Vec<StoredRow>, Option<u64>), Error> {
    let mut page = search::page(table, filter, |id| id);
    let rows = page.build().fetch_all(pool).await.map_err(failed)?;
    let mut total = None;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        if filter.counted {
            let counted: i64 = row.try_get("total").map_err(failed)?;
            total = Some(counted.unsigned_abs());
            // Of an empty page there is only the count.
            if row
                .try_get::<Option<Uuid>, _>("event_id")
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

/// With a payload that somebody looks into.
pub(super) fn event_row(row: &PgRow, table: &Table) -> Result<EventRow, Error> {
    let Json(payload) = row.try_get("data").map_err(failed)?;
    let entity_id = row.try_get("entity_id").map_err(failed)?;
    let parent_id = row.try_get("parent_id").map_err(failed)?;
    row_with(row, table, entity_id, parent_id, payload)
}

/// With a payload as it is stored.
pub(super) fn stored_row(row: &PgRow, table: &Table) -> Result<StoredRow, Error> {
    let parent_id = row.try_get("parent_id").map_err(failed)?;
    stored_row_after(row, table, parent_id)
}

/// The same, where the parent is known from elsewhere.
pub(super) fn stored_row_after(
    row: &PgRow,
    table: &Table,
    parent_id: Option<Uuid>,
) -> Result<StoredRow, Error> {
    let entity_id = row.try_get("entity_id").map_err(failed)?;
    row_with(row, table, entity_id, parent_id, payload_text(row)?)
}

pub(super) fn row_with<P>(
    row: &PgRow,
    table: &Table,
    entity_id: Uuid,
    parent_id: Option<Uuid>,
    payload: P,
) -> Result<EventRow<P>, Error> {
    let Json(metadata) = row.try_get("metadata").map_err(failed)?;
    Ok(EventRow {
        event_id: row.try_get("event_id").map_err(failed)?,
        entity_id,
        seq: Seq::new(count(row, "seq")?),
        clock: clock(row)?,
        parent_id,
        event_type: event_type(row, "event_type", table)?,
        prior_state: state(row, "prior_state", table)?,
        state: state(row, "state", table)?,
        version: Version::new(count(row, "version")?),
        recorded_at: row.try_get("recorded_at").map_err(failed)?,
        payload,
        metadata,
    })
}

/// A `jsonb` travels as its text, behind the number of its format.
pub(super) fn payload_text(row: &PgRow) -> Result<PayloadText, Error> {
    let value = row.try_get_raw("data").map_err(failed)?;
    let bytes = value.as_bytes().map_err(Error::undecodable)?;
    let text = match value.format() {
        PgValueFormat::Binary => bytes.strip_prefix(&[JSONB_FORMAT]),
        PgValueFormat::Text => Some(bytes),
    };
    let text = text.ok_or_else(|| Error::database("a jsonb of an unknown format"))?;
    let text = str::from_utf8(text).map_err(|error| Error::undecodable(error.into()))?;
    Ok(PayloadText(text.to_owned()))
}

const JSONB_FORMAT: u8 = 1;

/// The point in time as the last parameter of a statement.
pub(super) fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    as_of: AsOf,
) -> Query<'q, Postgres, PgArguments> {
    match as_of {
        AsOf::Seq(seq) => query.bind(i64::from(seq.get())),
        AsOf::Clock(clock) => query.bind(search::bigint(clock.get())),
        AsOf::Time(time) => query.bind(AsOf::bounded_time(time)),
    }
}

/// What only the database knows of an event that it is given.
pub(super) fn clock(row: &PgRow) -> Result<Clock, Error> {
    let clock: i64 = row.try_get("clock").map_err(failed)?;
    Ok(Clock::new(clock.unsigned_abs()))
}

pub(super) fn count(row: &PgRow, column: &str) -> Result<u32, Error> {
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

pub(super) fn event_type(row: &PgRow, column: &str, table: &Table) -> Result<EventIndex, Error> {
    let number: i16 = row.try_get(column).map_err(failed)?;
    table.numbers.index(number).ok_or(rules_changed(table))
}
