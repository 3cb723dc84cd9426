//! Heads, events and searches.

use eventsource_model::EventIndex;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Postgres, Row};
use uuid::Uuid;

use super::counter;
use super::errors::failed;
use super::event_row;
use super::pool::Pool;
use crate::store::as_of::AsOf;
use crate::store::backend::Table;
use crate::store::names::Names;
use crate::store::row::{Answered, EventRow, HeadRow, Outcome, Request, SearchFilter, StoredRow};
use crate::store::stretch::{Reader, Stretch, Stretched};
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
        .map(|row| event_row::stored(&row, table, 0))
        .transpose()
}

pub(super) async fn history<T>(
    pool: &Pool,
    table: &Table,
    entity_id: Uuid,
    stretch: Stretch,
    each: impl Fn(EventRow<&str>) -> Result<T, Error>,
) -> Result<Stretched<T>, Error> {
    let text = statements::select_history(&table.names, stretch.until);
    let mut query = sqlx::query(AssertSqlSafe(text))
        .bind(entity_id)
        .bind(i64::from(stretch.after.get()))
        .bind(search::bigint(stretch.rows()));
    if let Some(as_of) = stretch.until {
        query = bind(query, as_of);
    }
    // Row by row: while one is decoded the server is at work on the next.
    let mut rows = query.fetch(pool);
    let mut events = Reader::new(stretch, each);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        if events.wants_before() {
            events.begin_after(event_row::before(&row, table)?);
        } else {
            events.push(event_row::alone(&row, table, entity_id)?)?;
        }
    }
    Ok(events.finish())
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
            rows.push(event_row::parsed(row, table)?);
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
        events.push(event_row::stored(row, table, usize::from(filter.counted))?);
    }
    Ok((events, total))
}

pub(super) fn head_row(row: &PgRow, table: &Table) -> Result<HeadRow, Error> {
    Ok(HeadRow {
        entity_id: row.try_get("id").map_err(failed)?,
        seq: Seq::new(count(row, "seq")?),
        version: Version::new(count(row, "version")?),
        state: event_row::state(row.try_get("state").map_err(failed)?, table)?,
        last_event_type: event_type(row, "last_event_type", table)?,
        last_event_id: row.try_get("last_event_id").map_err(failed)?,
        created_at: row.try_get("created_at").map_err(failed)?,
        updated_at: row.try_get("updated_at").map_err(failed)?,
    })
}

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

pub(super) fn event_type(row: &PgRow, column: &str, table: &Table) -> Result<EventIndex, Error> {
    let number: i16 = row.try_get(column).map_err(failed)?;
    event_row::event_type(number, table)
}
