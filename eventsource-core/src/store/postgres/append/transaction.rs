//! Append by a transaction: lock the heads, plan, insert.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::{Answered, AppendOutcome, Request};
use crate::store::contract::rows::HeadRow;
use crate::store::postgres::append::attempt::{AttemptError, insert_error};
use crate::store::postgres::append::{counter, lock_sql, write_sql};
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::{event_row, row};
use crate::store::rules::plan::{plan, replay};
use crate::store::sql::statements;

/// Appends the request in one transaction.
///
/// `may_have_committed`: whether an earlier attempt may have stored the events.
pub(crate) async fn append(
    pool: &Pool,
    context: &EntityContext,
    request: &Request,
    now: DateTime<Utc>,
    may_have_committed: bool,
) -> Result<AppendOutcome, AttemptError> {
    let mut transaction = pool.begin().await?;
    // In the order of the ids, so that two appends never deadlock.
    let mut order: Vec<usize> = (0..request.parts.len()).collect();
    order.sort_unstable_by_key(|part| request.parts[*part].entity_id);
    let mut locked: Vec<Option<HeadRow>> = request.parts.iter().map(|_| None).collect();
    for &part in &order {
        locked[part] = lock(&mut transaction, context, request.parts[part].entity_id).await?;
    }
    if let Some(key) = &request.metadata.idempotency_key
        && let Some(answered) = answered(&mut transaction, context, key).await?
    {
        return Ok(replay_stored(&mut transaction, context, request, &answered).await?);
    }
    let parts = counter::assign_ids(
        &mut transaction,
        context,
        &request.parts,
        may_have_committed,
    )
    .await?;
    let mut all_planned = Vec::with_capacity(locked.len());
    for (part, locked) in parts.iter().zip(&locked) {
        let planned = plan(
            &context.rules,
            locked.as_ref(),
            part,
            &request.metadata,
            now,
        )?;
        all_planned.push(planned);
    }
    let log_seqs = write_sql::write(&mut transaction, context, &all_planned)
        .await
        .map_err(|error| insert_error(error, context))?;
    let mut outcome = AppendOutcome {
        rows: Vec::new(),
        replayed: false,
    };
    let mut all_answered = Vec::new();
    for planned in all_planned {
        for mut row in planned.rows {
            row.log_seq = *log_seqs
                .get(&(row.entity_id, row.seq))
                .ok_or_else(|| Error::database("the insert did not return an event"))?;
            outcome.rows.push(row);
        }
        all_answered.extend(planned.answered);
    }
    if let Some(key) = &request.metadata.idempotency_key {
        sqlx::query(AssertSqlSafe(statements::insert_answered(&context.names)))
            .bind(context.names.entity())
            .bind(key)
            .bind(Json(&all_answered))
            .bind(now)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(outcome)
}

/// Locks and reads the head of an entity.
async fn lock(
    connection: &mut PgConnection,
    context: &EntityContext,
    entity_id: Uuid,
) -> Result<Option<HeadRow>, AttemptError> {
    let row = sqlx::query(AssertSqlSafe(lock_sql::lock_head(&context.names)))
        .bind(entity_id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row::head_row(&row, context)).transpose()?)
}

/// Reads which events an earlier request with this key has stored; `None` if there was none.
async fn answered(
    connection: &mut PgConnection,
    context: &EntityContext,
    key: &str,
) -> Result<Option<Vec<Answered>>, AttemptError> {
    let answered: Option<Json<Vec<Answered>>> =
        sqlx::query_scalar(AssertSqlSafe(statements::select_answered(&context.names)))
            .bind(context.names.entity())
            .bind(key)
            .fetch_optional(connection)
            .await?;
    Ok(answered.map(|Json(answered)| answered))
}

/// Returns the stored events of an earlier request with the same key.
async fn replay_stored(
    connection: &mut PgConnection,
    context: &EntityContext,
    request: &Request,
    answered: &[Answered],
) -> Result<AppendOutcome, Error> {
    let mut rows = Vec::with_capacity(answered.len());
    for event in answered {
        let row = sqlx::query(AssertSqlSafe(statements::select_event_at(&context.names)))
            .bind(event.entity_id)
            .bind(i64::from(event.seq.get()))
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        rows.push(event_row::parsed(&row, context)?);
    }
    replay(&context.rules, request, answered, rows)
}
