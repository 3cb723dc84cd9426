//! Counted ids for new entities, without gaps.
//!
//! A number is taken in the transaction that stores the first event, which locks the counter until
//! the commit; a rollback gives the number back. Heads are locked before the counter, so that
//! appends never deadlock.

use std::borrow::Cow;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::Error;
use crate::id_format::counted;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::RequestPart;
use crate::store::postgres::append::attempt::AttemptError;
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool::Pool;
use crate::store::sql::statements;
use crate::store::sql::statements::COUNTERS;

/// Returns the parts with counted ids for the entities that they create, if ids are counted.
///
/// With `may_have_committed`, an earlier attempt may have committed just before this one got the
/// counter: its events are searched for once more.
pub(crate) async fn assign_ids<'a>(
    connection: &mut PgConnection,
    context: &EntityContext,
    parts: &'a [RequestPart],
    may_have_committed: bool,
) -> Result<Cow<'a, [RequestPart]>, AttemptError> {
    if !context.rules.id.is_counter() || !parts.iter().any(|part| part.creates) {
        return Ok(Cow::Borrowed(parts));
    }
    let mut named = parts.to_vec();
    for part in named.iter_mut().filter(|part| part.creates) {
        let number: Option<i64> =
            sqlx::query_scalar(AssertSqlSafe(statements::take_number(&context.names)))
                .bind(context.names.entity())
                .fetch_optional(&mut *connection)
                .await?;
        let id = number.and_then(|number| counted(number.unsigned_abs()));
        let id = id.ok_or_else(|| {
            Error::database("the counter of the entity has no row or no number left")
        })?;
        part.entity_id = id.uuid();
        if may_have_committed && created(&mut *connection, context, part).await?.is_some() {
            let source = "an earlier attempt of this append has committed meanwhile".into();
            return Err(AttemptError::Conflict(Error::Unavailable { source }));
        }
    }
    Ok(Cow::Owned(named))
}

/// Locks the counter, so that nobody else creates an entity before the end of the transaction.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    context: &EntityContext,
) -> Result<(), sqlx::Error> {
    if !context.rules.id.is_counter() {
        return Ok(());
    }
    let select = format!(
        "SELECT FROM {} WHERE entity = $1 FOR UPDATE",
        context.names.shared(COUNTERS)
    );
    let locked = sqlx::query(AssertSqlSafe(select)).bind(context.names.entity());
    locked.execute(connection).await.map(|_| ())
}

/// Advances the counter, so that its next number is higher than this one.
pub(crate) async fn advance_to(
    connection: &mut PgConnection,
    context: &EntityContext,
    number: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(statements::pass_number(&context.names)))
        .bind(context.names.entity())
        .bind(number)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Returns the entity that an earlier attempt of the part has appended to; `None` if it has not.
pub(crate) async fn entity_of(
    pool: &Pool,
    context: &EntityContext,
    part: &RequestPart,
) -> Result<Option<Uuid>, Error> {
    if !context.rules.id.is_counter() || !part.creates {
        return Ok(Some(part.entity_id));
    }
    let mut transaction = pool.begin().await.map_err(failed)?;
    created(&mut transaction, context, part)
        .await
        .map_err(failed)
}

/// Returns the entity that has the first event of the part.
async fn created(
    connection: &mut PgConnection,
    context: &EntityContext,
    part: &RequestPart,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(statements::select_entity_of(&context.names)))
        .bind(part.first_event_id)
        .fetch_optional(connection)
        .await
}
