//! Appending: lock the heads, plan, write.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::append::{Try, not_inserted};
use super::errors::failed;
use super::{read, sql};
use crate::Error;
use crate::store::backend::Table;
use crate::store::plan::{Planned, plan, replay};
use crate::store::row::{Answered, HeadRow, Outcome, Request};
use crate::store::statements;

pub(super) async fn append(
    pool: &PgPool,
    table: &Table,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Outcome, Try> {
    let mut transaction = pool.begin_with(sql::BEGIN).await?;
    // In the order of the ids, so that two appends never wait for each other in a circle.
    let mut order: Vec<usize> = (0..request.parts.len()).collect();
    order.sort_unstable_by_key(|part| request.parts[*part].entity_id);
    let mut locked: Vec<Option<HeadRow>> = request.parts.iter().map(|_| None).collect();
    for &part in &order {
        locked[part] = lock(&mut transaction, table, request.parts[part].entity_id).await?;
    }
    if let Some(key) = &request.metadata.idempotency_key
        && let Some(answered) = answered(&mut transaction, table, key).await?
    {
        return Ok(again(&mut transaction, table, request, &answered).await?);
    }
    let mut all_planned = Vec::with_capacity(locked.len());
    for (part, locked) in request.parts.iter().zip(&locked) {
        let planned = plan(&table.rules, locked.as_ref(), part, &request.metadata, now)?;
        all_planned.push(planned);
    }
    // A head that is new is locked only now: again in the order of the ids.
    for &part in &order {
        write_head(&mut transaction, table, &all_planned[part]).await?;
    }
    let mut outcome = Outcome {
        rows: Vec::new(),
        replayed: false,
    };
    let mut all_answered = Vec::new();
    for planned in all_planned {
        for mut row in planned.rows {
            let stored = sqlx::query(AssertSqlSafe(statements::insert_event(&table.names)))
                .bind(row.entity_id)
                .bind(integer(row.seq.get())?)
                .bind(row.event_id)
                .bind(table.numbers.number(row.event_type))
                .bind(table.numbers.encode(row.prior_state))
                .bind(table.numbers.encode(row.state))
                .bind(integer(row.version.get())?)
                .bind(row.recorded_at)
                .bind(Json(&row.payload))
                .bind(Json(&row.metadata))
                .fetch_one(&mut *transaction)
                .await
                .map_err(|error| not_inserted(error, table))?;
            row.clock = read::clock(&stored)?;
            outcome.rows.push(row);
        }
        all_answered.extend(planned.answered);
    }
    if let Some(key) = &request.metadata.idempotency_key {
        sqlx::query(AssertSqlSafe(statements::insert_answered(&table.names)))
            .bind(table.names.entity())
            .bind(key)
            .bind(Json(&all_answered))
            .bind(now)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(outcome)
}

async fn lock(
    connection: &mut PgConnection,
    table: &Table,
    entity_id: Uuid,
) -> Result<Option<HeadRow>, Try> {
    let row = sqlx::query(AssertSqlSafe(sql::lock_head(&table.names)))
        .bind(entity_id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| read::head_row(&row, table)).transpose()?)
}

async fn write_head(
    connection: &mut PgConnection,
    table: &Table,
    planned: &Planned,
) -> Result<(), Try> {
    let head = &planned.head;
    let statement = if planned.is_new {
        statements::insert_head(&table.names)
    } else {
        statements::update_head(&table.names)
    };
    let mut query = sqlx::query(AssertSqlSafe(statement))
        .bind(head.entity_id)
        .bind(integer(head.seq.get())?)
        .bind(integer(head.version.get())?)
        .bind(table.numbers.encode(head.state))
        .bind(table.numbers.number(head.last_event_type))
        .bind(head.last_event_id);
    if planned.is_new {
        query = query.bind(head.created_at);
    }
    query.bind(head.updated_at).execute(connection).await?;
    Ok(())
}

async fn answered(
    connection: &mut PgConnection,
    table: &Table,
    key: &str,
) -> Result<Option<Vec<Answered>>, Try> {
    let answered: Option<Json<Vec<Answered>>> =
        sqlx::query_scalar(AssertSqlSafe(statements::select_answered(&table.names)))
            .bind(table.names.entity())
            .bind(key)
            .fetch_optional(connection)
            .await?;
    Ok(answered.map(|Json(answered)| answered))
}

async fn again(
    connection: &mut PgConnection,
    table: &Table,
    request: &Request,
    answered: &[Answered],
) -> Result<Outcome, Error> {
    let mut rows = Vec::with_capacity(answered.len());
    for event in answered {
        let row = sqlx::query(AssertSqlSafe(statements::select_event_at(&table.names)))
            .bind(event.entity_id)
            .bind(i64::from(event.seq.get()))
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        rows.push(read::event_row(&row, table)?);
    }
    replay(&table.rules, request, answered, rows)
}

fn integer(value: u32) -> Result<i32, Error> {
    i32::try_from(value).map_err(|_| Error::database(format!("{value} is beyond an integer")))
}
