//! Outcome of an append after its connection was lost.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::{AppendOutcome, Request, RequestPart};
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::{event_row, row};
use crate::store::sql::statements;

/// Reads the events that an earlier attempt of the request has stored, if it did.
pub(crate) async fn stored(
    pool: &Pool,
    context: &EntityContext,
    request: &Request,
) -> Result<Option<AppendOutcome>, Error> {
    let mut rows = Vec::new();
    for part in &request.parts {
        let Some(entity_id) = entity_of(pool, context, part).await? else {
            return Ok(None);
        };
        let (first, last) = part.event_id_range();
        let found = sqlx::query(AssertSqlSafe(statements::select_events_between(
            &context.names,
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
            rows.push(event_row::stored(row, context, 0)?.map_payload(Some));
        }
    }
    Ok(Some(AppendOutcome {
        rows,
        replayed: false,
    }))
}

/// Reads the sequence of each entity for which the request expects none.
///
/// If none of the events is found after that, an attempt that expects these sequences stores nothing
/// twice, although an earlier one may still be running.
pub(crate) async fn seqs(
    pool: &Pool,
    context: &EntityContext,
    request: &Request,
) -> Result<Vec<Option<i32>>, Error> {
    let mut seqs = Vec::with_capacity(request.parts.len());
    for part in &request.parts {
        if part.expected.is_some() {
            seqs.push(None);
            continue;
        }
        let head = sqlx::query(AssertSqlSafe(statements::select_head(&context.names)))
            .bind(part.entity_id)
            .fetch_optional(pool)
            .await
            .map_err(failed)?;
        let head = head.map(|head| row::head_row(&head, context)).transpose()?;
        let seq = head.map_or(0, |head| head.seq.get());
        seqs.push(i32::try_from(seq).ok());
    }
    Ok(seqs)
}

/// Returns the entity that an earlier attempt of the part has appended to; `None` if the counter has
/// named none for it.
async fn entity_of(
    pool: &Pool,
    context: &EntityContext,
    part: &RequestPart,
) -> Result<Option<Uuid>, Error> {
    if !context.rules.id.is_counter() || !part.creates {
        return Ok(Some(part.entity_id));
    }
    sqlx::query_scalar(AssertSqlSafe(statements::select_entity_of(&context.names)))
        .bind(part.first_event_id)
        .fetch_optional(pool)
        .await
        .map_err(failed)
}
