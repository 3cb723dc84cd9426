//! Heads, events and searches.

use futures_util::TryStreamExt;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::Error;
use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::Table;
use crate::store::contract::filters::SearchFilter;
use crate::store::contract::names::Names;
use crate::store::contract::request::Answered;
use crate::store::contract::rows::{EventRow, HeadRow, StoredRow};
use crate::store::contract::stream_range::{Reader, Stretch, Stretched};
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::event_row;
use crate::store::postgres::read::row::{bind, head_row};
use crate::store::sql::{search, statements};

pub(crate) async fn head(
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

pub(crate) async fn head_as_of(
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
pub(crate) async fn has_answered(pool: &Pool, names: &Names, key: &str) -> Result<bool, Error> {
    let answered: Option<Json<Vec<Answered>>> =
        sqlx::query_scalar(AssertSqlSafe(statements::select_answered(names)))
            .bind(names.entity())
            .bind(key)
            .fetch_optional(pool)
            .await
            .map_err(failed)?;
    Ok(answered.is_some())
}

pub(crate) async fn event(
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

pub(crate) async fn history<T>(
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

pub(crate) async fn search(
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
