//! Answer to an idempotency key that is stored: the events of the first request with it.

use sqlx::AssertSqlSafe;
use sqlx::types::Json;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::request::{Answered, AppendOutcome, KeyOf, Request};
use crate::store::contract::rows::PayloadText;
use crate::store::postgres::ddl::append::answered::ANSWERED;
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::event_row;
use crate::store::rules::replay::replay as compare;
use crate::store::sql::statements;

/// Reads which events a request with this key has stored; `None` if there was none.
pub(crate) async fn answered(
    pool: &Pool,
    names: &Names,
    of: KeyOf<'_>,
) -> Result<Option<Vec<Answered>>, sqlx::Error> {
    let answered: Option<Json<Vec<Answered>>> = sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT {}($1, $2)",
        names.function(ANSWERED)
    )))
    .bind(of.key)
    .bind(of.actor)
    .fetch_one(pool)
    .await?;
    Ok(answered.map(|Json(answered)| answered))
}

/// Returns the stored events of an earlier request with the key of this one; `None` if it has no key,
/// or one that is not stored.
///
/// # Errors
/// [`Error::IdempotencyKeyReused`] if the requests differ.
pub(crate) async fn replay(
    pool: &Pool,
    context: &EntityContext,
    request: &Request,
) -> Result<Option<AppendOutcome>, Error> {
    let Some(key) = KeyOf::request(&request.metadata) else {
        return Ok(None);
    };
    let answered = answered(pool, &context.names, key).await.map_err(failed)?;
    let Some(answered) = answered else {
        return Ok(None);
    };
    let rows = rows(pool, context, &answered).await?;
    let rows = rows.into_iter().collect::<Result<_, _>>()?;
    compare(&context.rules, request, &answered, rows).map(Some)
}

/// Returns the stored events of a request with this key, whatever it was; `None` if there was none.
pub(crate) async fn stored(
    pool: &Pool,
    context: &EntityContext,
    of: KeyOf<'_>,
) -> Result<Option<Vec<ReadRow<PayloadText>>>, Error> {
    let answered = answered(pool, &context.names, of).await.map_err(failed)?;
    match answered {
        None => Ok(None),
        Some(answered) => rows(pool, context, &answered).await.map(Some),
    }
}

/// Reads the events that answer a key.
async fn rows(
    pool: &Pool,
    context: &EntityContext,
    answered: &[Answered],
) -> Result<Vec<ReadRow<PayloadText>>, Error> {
    let mut rows = Vec::with_capacity(answered.len());
    for event in answered {
        let row = sqlx::query(AssertSqlSafe(statements::select_event_at(&context.names)))
            .bind(event.entity_id)
            .bind(i64::from(event.seq.get()))
            .fetch_one(pool)
            .await
            .map_err(failed)?;
        rows.push(event_row::stored(&row, context, 0));
    }
    Ok(rows)
}
