//! Append on SQLite: take the write lock, plan, insert.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};
use uuid::Uuid;

use crate::id_format::counted;
use crate::store::contract::driver::{AppendDriver, FeedDriver};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::request::{Answered, AppendOutcome, KeyOf, Request};
use crate::store::contract::rows::{HeadRow, PayloadText};
use crate::store::rules::plan::plan;
use crate::store::rules::replay::replay;
use crate::store::sql::statements;
use crate::store::sqlite::errors::{failed, is_check_violation};
use crate::store::sqlite::handle::Sqlite;
use crate::store::sqlite::keys::Expired;
use crate::store::sqlite::read::row::time_text;
use crate::store::sqlite::read::{event_row, row};
use crate::store::sqlite::{keys, transaction};
use crate::{EntityId, Error};

impl AppendDriver for Sqlite {
    async fn append(
        &self,
        context: &EntityContext,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<AppendOutcome, Error> {
        self.check_file()?;
        let expired = Expired::at(now, self.keys_expire_after);
        let appended = append(&self.writer, context, request, now, &expired).await;
        self.notify_feed();
        appended
    }

    async fn repeated(
        &self,
        context: &EntityContext,
        request: &Request,
    ) -> Result<Option<AppendOutcome>, Error> {
        let Some(key) = KeyOf::request(&request.metadata) else {
            return Ok(None);
        };
        let expired = Expired::at(Utc::now(), self.keys_expire_after);
        let mut transaction = self.readers.begin().await.map_err(failed)?;
        match keys::answered(&mut transaction, &context.names, key, &expired).await? {
            None => Ok(None),
            Some(answered) => {
                let outcome = replay_stored(&mut transaction, context, request, &answered).await?;
                Ok(Some(outcome))
            }
        }
    }

    async fn idempotency_key_exists(&self, names: &Names, key: KeyOf<'_>) -> Result<bool, Error> {
        let expired = Expired::at(Utc::now(), self.keys_expire_after);
        let mut connection = self.readers.acquire().await.map_err(failed)?;
        let answered = keys::answered(&mut connection, names, key, &expired).await?;
        Ok(answered.is_some())
    }
}

async fn append(
    writer: &SqlitePool,
    context: &EntityContext,
    mut request: Request,
    now: DateTime<Utc>,
    expired: &Expired,
) -> Result<AppendOutcome, Error> {
    // Locks the whole file at once: no append can come between reading and writing.
    let mut transaction = writer
        .begin_with(transaction::BEGIN)
        .await
        .map_err(failed)?;
    if let Some(key) = KeyOf::request(&request.metadata)
        && let Some(answered) =
            keys::answered(&mut transaction, &context.names, key, expired).await?
    {
        return replay_stored(&mut transaction, context, &request, &answered).await;
    }
    let mut outcome = AppendOutcome {
        rows: Vec::new(),
        replayed: false,
    };
    let mut all_answered = Vec::new();
    for part in &mut request.parts {
        if part.creates && context.rules.id.is_counter() {
            part.entity_id = counted_id(&mut transaction, context).await?;
        }
        let head = head(&mut transaction, context, part.entity_id).await?;
        let planned = plan(&context.rules, head.as_ref(), part, &request.metadata, now)?;
        for row in planned.rows {
            let stored = sqlx::query(AssertSqlSafe(statements::insert_event(&context.names)))
                .bind(row.entity_id.hyphenated())
                .bind(row.seq.get())
                .bind(row.event_id.hyphenated())
                .bind(context.codes.number(row.event_type))
                .bind(context.codes.encode(row.prior_state))
                .bind(context.codes.encode(row.state))
                .bind(row.prior_generation(context.rules.machine))
                .bind(row.generation.get())
                .bind(time_text(row.recorded_at))
                .bind(&*row.payload)
                .bind(&*request.metadata_text)
                .fetch_one(&mut *transaction)
                .await
                .map_err(|error| insert_error(error, context))?;
            let mut row = row.map_payload(|payload| match payload {
                Cow::Borrowed(_) => None,
                Cow::Owned(carried) => Some(PayloadText(carried)),
            });
            row.log_seq = row::log_seq(&stored)?;
            outcome.rows.push(row);
        }
        all_answered.extend(planned.answered);
    }
    if let Some(key) = KeyOf::request(&request.metadata) {
        let names = &context.names;
        keys::store(&mut transaction, names, key, &all_answered, now, expired).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(outcome)
}

/// Converts the error of an insert; a violated CHECK means that the rules of the tables changed.
///
/// The events satisfy the rules of the program.
pub(crate) fn insert_error(error: sqlx::Error, context: &EntityContext) -> Error {
    if is_check_violation(&error) {
        Error::RulesChanged {
            entity: context.names.entity(),
        }
    } else {
        failed(error)
    }
}

/// Returns the next id of the counter.
///
/// A transaction that does not commit gives the number back, so ids have no gaps.
async fn counted_id(
    connection: &mut SqliteConnection,
    context: &EntityContext,
) -> Result<Uuid, Error> {
    let number: Option<i64> =
        sqlx::query_scalar(AssertSqlSafe(statements::take_number(&context.names)))
            .bind(context.names.entity())
            .fetch_optional(connection)
            .await
            .map_err(failed)?;
    let id = number.and_then(|number| counted(number.unsigned_abs()));
    id.map(EntityId::uuid)
        .ok_or_else(|| Error::database("the counter of the entity has no row or no number left"))
}

/// Reads the head of the entity within the transaction.
async fn head(
    connection: &mut SqliteConnection,
    context: &EntityContext,
    entity_id: Uuid,
) -> Result<Option<HeadRow>, Error> {
    sqlx::query(AssertSqlSafe(statements::select_head(&context.names)))
        .bind(entity_id.hyphenated())
        .fetch_optional(connection)
        .await
        .map_err(failed)?
        .map(|row| row::head_row(&row, context))
        .transpose()
}

/// Returns the stored events of an earlier request with the same key.
async fn replay_stored(
    connection: &mut SqliteConnection,
    context: &EntityContext,
    request: &Request,
    answered: &[Answered],
) -> Result<AppendOutcome, Error> {
    let mut rows = Vec::with_capacity(answered.len());
    for event in answered {
        let row = sqlx::query(AssertSqlSafe(statements::select_event_at(&context.names)))
            .bind(event.entity_id.hyphenated())
            .bind(event.seq.get())
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        rows.push(event_row::stored(&row, context)?);
    }
    replay(&context.rules, request, answered, rows)
}
