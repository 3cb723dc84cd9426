//! Answer to an idempotency key that is stored: the events of the first request with it.

use sqlx::AssertSqlSafe;
use sqlx::types::Json;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::request::{Answered, AppendOutcome, KeyOf, Request};
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
    let mut rows = Vec::with_capacity(answered.len());
    for event in &answered {
        let row = sqlx::query(AssertSqlSafe(statements::select_event_at(&context.names)))
            .bind(event.entity_id)
            .bind(i64::from(event.seq.get()))
            .fetch_one(pool)
            .await
            .map_err(failed)?;
        rows.push(event_row::stored(&row, context, 0)?);
    }
    compare(&context.rules, request, &answered, rows).map(Some)
}
