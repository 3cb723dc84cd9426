//! Transaction of an import.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Executor, PgTransaction, Row};
use uuid::Uuid;

use crate::store::contract::bulk::{
    BulkWriter, ImportMode, Place, StoredEvent, ValidatedBatch, ValidatedRow, WriteError,
    duplicate_ids,
};
use crate::store::contract::companion::{Companions, Connection};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::HeadRow;
use crate::store::postgres::append::accompanied;
use crate::store::postgres::bulk::drop_indexes::DroppedIndexes;
use crate::store::postgres::bulk::{copy, counter, drop_indexes, heads};
use crate::store::postgres::errors::{
    failed, is_check_violation, is_forbidden, is_race, is_unique_violation, missing_model,
};
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::pool;
use crate::store::postgres::read::row;
use crate::store::sql::statements;
use crate::{Error, LogSeq, Seq};

/// Transaction of an import.
pub(crate) struct Writer {
    transaction: PgTransaction<'static>,
    mode: ImportMode,
    /// Indexes and keys to recreate before the commit of an exclusive import.
    dropped: Option<DroppedIndexes>,
    companions_may_take: Duration,
}

/// Begin of a dry run, which neither locks nor writes.
const BEGIN_DRY_RUN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Writer {
    /// Begins the transaction; takes the counter, and the tables for an exclusive import.
    pub(crate) async fn begin(
        postgres: &Postgres,
        context: &EntityContext,
        companions: &Companions,
        mode: ImportMode,
    ) -> Result<Self, Error> {
        let begin = match mode {
            ImportMode::DryRun => BEGIN_DRY_RUN,
            ImportMode::Concurrent | ImportMode::Exclusive => pool::BEGIN,
        };
        let mut transaction = postgres.pool.begin_as(begin).await.map_err(failed)?;
        transaction
            .execute(pool::NO_STATEMENT_TIMEOUT)
            .await
            .map_err(failed)?;
        if mode != ImportMode::DryRun {
            // Before the tables: a creation holds the counter when it needs the tables.
            counter::lock(&mut transaction, context)
                .await
                .map_err(|error| import_error(error, context))?;
            sqlx::raw_sql(heads::MOVES_HEADS)
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
            if !companions.is_empty() {
                let writes = accompanied::writes_models([companions]);
                let writes = sqlx::raw_sql(AssertSqlSafe(writes));
                writes.execute(&mut *transaction).await.map_err(failed)?;
            }
        }
        let dropped = match mode {
            ImportMode::Exclusive => {
                let dropped = drop_indexes::drop_indexes(&mut transaction, &context.names).await;
                Some(dropped.map_err(|error| import_error(error, context))?)
            }
            ImportMode::Concurrent | ImportMode::DryRun => None,
        };
        Ok(Self {
            transaction,
            mode,
            dropped,
            companions_may_take: postgres.inline_timeout,
        })
    }

    /// Writes the events of a batch.
    async fn insert(
        &mut self,
        context: &EntityContext,
        batch: &ValidatedBatch,
    ) -> Result<(), sqlx::Error> {
        let connection = &mut *self.transaction;
        if let Some(number) = batch.highest_number(&context.rules) {
            counter::advance_to(connection, context, number).await?;
        }
        copy::copy(connection, context, batch).await?;
        heads::move_heads(connection, context, batch).await
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        let done = sqlx::raw_sql(sql).execute(&mut *self.transaction).await;
        done.map(|_| ()).map_err(failed)
    }
}

impl BulkWriter for Writer {
    async fn heads(
        &mut self,
        context: &EntityContext,
        entity_ids: &[Uuid],
    ) -> Result<Vec<HeadRow>, Error> {
        let lock = match self.mode {
            ImportMode::DryRun => "",
            ImportMode::Concurrent | ImportMode::Exclusive => " ORDER BY id FOR UPDATE",
        };
        let select = format!(
            "{} WHERE id = ANY($1){lock}",
            statements::select_heads(&context.names)
        );
        let rows = sqlx::query(AssertSqlSafe(select))
            .bind(entity_ids)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(|error| import_error(error, context))?;
        rows.iter().map(|row| row::head_row(row, context)).collect()
    }

    async fn stored(
        &mut self,
        context: &EntityContext,
        events: &[(Uuid, Uuid)],
    ) -> Result<Vec<StoredEvent>, Error> {
        let select = format!(
            "SELECT event.{id} AS entity_id, event.event_id, event.seq, event.event_type,
    event.recorded_at
FROM unnest($1::uuid[], $2::uuid[]) AS given (entity_id, event_id)
JOIN {log} AS event ON event.event_id = given.event_id AND event.{id} = given.entity_id",
            log = context.names.log(),
            id = context.names.id_column(),
        );
        let (entity_ids, event_ids): (Vec<Uuid>, Vec<Uuid>) = events.iter().copied().unzip();
        let found = sqlx::query(AssertSqlSafe(select))
            .bind(entity_ids)
            .bind(event_ids)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(failed)?;
        found
            .iter()
            .map(|row| {
                Ok(StoredEvent {
                    entity_id: row.try_get("entity_id").map_err(failed)?,
                    event_id: row.try_get("event_id").map_err(failed)?,
                    seq: Seq::new(row::count(row, "seq")?),
                    event_type: row::event_type(row, "event_type", context)?,
                    recorded_at: row.try_get("recorded_at").map_err(failed)?,
                })
            })
            .collect()
    }

    async fn write(
        &mut self,
        context: &EntityContext,
        batch: &ValidatedBatch,
    ) -> Result<(), WriteError> {
        self.run("SAVEPOINT batch").await?;
        let Err(error) = self.insert(context, batch).await else {
            return Ok(self.run("RELEASE batch").await?);
        };
        if is_unique_violation(&error) {
            self.run("ROLLBACK TO batch").await?;
            let duplicate_ids = duplicate_ids(self, context, &batch.rows).await?;
            if !duplicate_ids.is_empty() {
                return Err(WriteError::DuplicateIds(duplicate_ids));
            }
        }
        Err(WriteError::Failed(write_error(error, context)))
    }

    async fn places(
        &mut self,
        context: &EntityContext,
        rows: &[ValidatedRow],
    ) -> Result<Vec<Place>, Error> {
        // The inner LIMIT keeps the planner from reading the whole log.
        let select = format!(
            "SELECT event.clock, parent.event_id AS parent_id
FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS given (entity_id, seq, number)
    CROSS JOIN LATERAL (
        SELECT clock FROM {log} AS e WHERE e.{id} = given.entity_id AND e.seq = given.seq LIMIT 1
    ) AS event
    LEFT JOIN LATERAL (
        SELECT event_id FROM {log} AS e
        WHERE e.{id} = given.entity_id AND e.seq = given.seq - 1 LIMIT 1
    ) AS parent ON true
ORDER BY given.number",
            log = context.names.log(),
            id = context.names.id_column(),
        );
        let entity_ids: Vec<Uuid> = rows.iter().map(|row| row.entity_id).collect();
        let seqs = rows.iter().map(|row| i32::try_from(row.seq.get()));
        let seqs: Vec<i32> = seqs.map(|seq| seq.unwrap_or(i32::MAX)).collect();
        let found = sqlx::query(AssertSqlSafe(select))
            .bind(entity_ids)
            .bind(seqs)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(failed)?;
        let place = |row| {
            let clock: i64 = PgRow::try_get(row, "clock").map_err(failed)?;
            Ok(Place {
                log_seq: LogSeq::new(clock.unsigned_abs()),
                parent_id: row.try_get("parent_id").map_err(failed)?,
            })
        };
        found.iter().map(place).collect()
    }

    fn connection(&mut self) -> Connection<'_> {
        Connection::Postgres(&mut self.transaction)
    }

    fn companions_may_take(&self) -> Duration {
        self.companions_may_take
    }

    async fn commit(mut self, context: &EntityContext) -> Result<(), Error> {
        if let Some(dropped) = self.dropped {
            drop_indexes::recreate(&mut self.transaction, dropped)
                .await
                .map_err(|error| write_error(error, context))?;
        }
        self.transaction.commit().await.map_err(failed)
    }
}

/// Converts the error of locking the tables for an import, which only their owner may do.
fn import_error(error: sqlx::Error, context: &EntityContext) -> Error {
    if is_forbidden(&error) {
        Error::NotPermitted {
            entity: context.names.entity(),
            source: Box::new(error),
        }
    } else {
        failed(error)
    }
}

/// Converts the error of a write.
///
/// The events satisfy the rules of the program, so a violated CHECK means that the rules of the
/// tables changed; a conflict, that somebody else created an entity of the import first.
fn write_error(error: sqlx::Error, context: &EntityContext) -> Error {
    if let Some(name) = missing_model(&error) {
        Error::InlineMissing {
            entity: context.names.entity(),
            name,
        }
    } else if is_check_violation(&error) {
        Error::RulesChanged {
            entity: context.names.entity(),
        }
    } else if is_race(&error) {
        Error::Unavailable {
            source: Box::new(error),
        }
    } else {
        failed(error)
    }
}
