//! Append on SQLite: take the write lock, plan, insert.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use crate::id_format::counted;
use crate::store::contract::companion::{CompanionError, Companions, Connection, Stored};
use crate::store::contract::driver::{AppendDriver, FeedDriver};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::read_row::ReadRow;
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
use crate::store::sqlite::{inline, keys, transaction, unique};
use crate::{EntityId, Error};

impl AppendDriver for Sqlite {
    async fn append(
        &self,
        context: &Arc<EntityContext>,
        companions: &Companions,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<AppendOutcome, Error> {
        self.check_file()?;
        let appended = self.append_alone(context, companions, request, now).await;
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
        let expired = Expired::at(self.clock.now(), self.keys_expire_after);
        let mut transaction = self.readers.begin().await.map_err(failed)?;
        match keys::answered(&mut transaction, &context.names, key, &expired).await? {
            None => Ok(None),
            Some(answered) => {
                let outcome = replay_stored(&mut transaction, context, request, &answered).await?;
                Ok(Some(outcome))
            }
        }
    }

    async fn answered(
        &self,
        context: &EntityContext,
        key: KeyOf<'_>,
    ) -> Result<Option<Vec<ReadRow<PayloadText>>>, Error> {
        let expired = Expired::at(Utc::now(), self.keys_expire_after);
        let mut transaction = self.readers.begin().await.map_err(failed)?;
        match keys::answered(&mut transaction, &context.names, key, &expired).await? {
            None => Ok(None),
            Some(answered) => rows(&mut transaction, context, &answered).await.map(Some),
        }
    }

    async fn idempotency_key_exists(&self, names: &Names, key: KeyOf<'_>) -> Result<bool, Error> {
        let expired = Expired::at(self.clock.now(), self.keys_expire_after);
        let mut connection = self.readers.acquire().await.map_err(failed)?;
        let answered = keys::answered(&mut connection, names, key, &expired).await?;
        Ok(answered.is_some())
    }
}

impl Sqlite {
    async fn append_alone(
        &self,
        context: &EntityContext,
        companions: &Companions,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<AppendOutcome, Error> {
        // Locks the whole file at once: no append can come between reading and writing.
        let begin = self.writer.begin_with(transaction::BEGIN);
        let mut transaction = begin.await.map_err(failed)?;
        let within = self.append_within(&mut transaction, context, companions, request, now);
        let outcome = within.await?;
        if !outcome.replayed {
            transaction.commit().await.map_err(failed)?;
        }
        Ok(outcome)
    }

    /// Appends a request within the transaction of this connection, with what its companions write;
    /// whoever began the transaction commits it, unless the request is a repeat of another.
    ///
    /// After an error it must not commit.
    pub(crate) async fn append_within(
        &self,
        connection: &mut SqliteConnection,
        context: &EntityContext,
        companions: &Companions,
        mut request: Request,
        now: DateTime<Utc>,
    ) -> Result<AppendOutcome, Error> {
        let expired = Expired::at(now, self.keys_expire_after);
        let own = request.own.take();
        let names = &context.names;
        let opened = inline::open(&mut *connection, names, companions);
        let is_open = opened.await.map_err(failed)?;
        let outcome = append(&mut *connection, context, &mut request, now, &expired).await?;
        if is_open {
            let closed = inline::close(&mut *connection, names);
            closed.await.map_err(failed)?;
        }
        if outcome.replayed || companions.is_empty() && own.is_none() {
            return Ok(outcome);
        }
        let stored = Stored {
            context,
            own: own.as_ref(),
            rows: request.with_payloads(outcome.rows.clone())?,
        };
        let connection = Connection::Sqlite(connection);
        let most = self.inline_timeout;
        match companions.write(&[stored], connection, most).await {
            Ok(()) => Ok(outcome),
            Err(CompanionError { name, source }) => Err(Error::ByProjection { name, source }),
        }
    }
}

/// Appends a request, without its companions.
async fn append(
    connection: &mut SqliteConnection,
    context: &EntityContext,
    request: &mut Request,
    now: DateTime<Utc>,
    expired: &Expired,
) -> Result<AppendOutcome, Error> {
    if let Some(key) = KeyOf::request(&request.metadata)
        && let Some(answered) =
            keys::answered(&mut *connection, &context.names, key, expired).await?
    {
        return replay_stored(connection, context, request, &answered).await;
    }
    let mut outcome = AppendOutcome {
        rows: Vec::new(),
        replayed: false,
    };
    let mut all_answered = Vec::new();
    for part in &mut request.parts {
        if part.creates && context.rules.id.is_counter() {
            part.entity_id = counted_id(&mut *connection, context).await?;
        }
        let head = head(&mut *connection, context, part.entity_id).await?;
        let planned = plan(&context.rules, head.as_ref(), part, &request.metadata, now)?;
        for row in planned.rows {
            let (id, event_type) = (row.entity_id, row.event_type);
            unique::check(&mut *connection, context, id, event_type, &row.payload).await?;
            let inserted = sqlx::query(AssertSqlSafe(statements::insert_event(&context.names)))
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
                .fetch_one(&mut *connection)
                .await;
            let stored = match inserted {
                Ok(stored) => stored,
                Err(error) => {
                    let missing = inline::missing(connection, &context.names, &error).await;
                    return Err(missing.unwrap_or_else(|| insert_error(error, context)));
                }
            };
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
        keys::store(connection, names, key, &all_answered, now, expired).await?;
    }
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
pub(crate) async fn head(
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
    let rows = rows(connection, context, answered).await?;
    let rows = rows.into_iter().collect::<Result<_, _>>()?;
    replay(&context.rules, request, answered, rows)
}

/// Reads the events that answer a key.
async fn rows(
    connection: &mut SqliteConnection,
    context: &EntityContext,
    answered: &[Answered],
) -> Result<Vec<ReadRow<PayloadText>>, Error> {
    let mut rows = Vec::with_capacity(answered.len());
    for event in answered {
        let row = sqlx::query(AssertSqlSafe(statements::select_event_at(&context.names)))
            .bind(event.entity_id.hyphenated())
            .bind(event.seq.get())
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        rows.push(event_row::stored(&row, context));
    }
    Ok(rows)
}
