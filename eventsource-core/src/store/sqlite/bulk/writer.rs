//! Transaction of an import.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::sqlite::Sqlite as Driver;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Transaction};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::store::contract::bulk::{
    BulkWriter, ImportMode, Place, StoredEvent, ValidatedBatch, ValidatedRow, WriteError,
    duplicate_ids,
};
use crate::store::contract::companion::{Companions, Connection};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::HeadRow;
use crate::store::sql::statements;
use crate::store::sqlite::append::insert_error;
use crate::store::sqlite::errors::{failed, is_trigger_violation};
use crate::store::sqlite::handle::Sqlite;
use crate::store::sqlite::inline;
use crate::store::sqlite::read::row;
use crate::store::sqlite::read::row::time_text;
use crate::store::sqlite::transaction;
use crate::store::sqlite::unique;
use crate::{Error, Seq};

/// Number of events in one INSERT: SQLite takes 32,766 values.
const INSERT_ROWS: usize = 500;

/// Number of ids in one SELECT.
const SELECT_IDS: usize = 1000;

/// Transaction of an import.
pub(crate) struct Writer {
    transaction: Transaction<'static, Driver>,
    /// Whether the guard of the log was told which models are written.
    is_open: bool,
    companions_may_take: Duration,
}

impl Writer {
    /// Begins the transaction, which locks the file unless it is a dry run.
    pub(crate) async fn begin(
        sqlite: &Sqlite,
        context: &EntityContext,
        companions: &Companions,
        mode: ImportMode,
    ) -> Result<Self, Error> {
        let transaction = match mode {
            ImportMode::DryRun => sqlite.readers.begin().await,
            ImportMode::Concurrent | ImportMode::Exclusive => {
                sqlite.writer.begin_with(transaction::BEGIN).await
            }
        };
        let mut transaction = transaction.map_err(failed)?;
        let is_open = mode != ImportMode::DryRun && {
            let opened = inline::open(&mut transaction, &context.names, companions);
            opened.await.map_err(failed)?
        };
        Ok(Self {
            transaction,
            is_open,
            companions_may_take: sqlite.inline_timeout,
        })
    }
}

impl BulkWriter for Writer {
    async fn heads(
        &mut self,
        context: &EntityContext,
        entity_ids: &[Uuid],
    ) -> Result<Vec<HeadRow>, Error> {
        let mut heads = Vec::new();
        for chunk in entity_ids.chunks(SELECT_IDS) {
            let mut query = QueryBuilder::new(statements::select_heads(&context.names));
            query.push(" WHERE id IN (");
            let mut ids = query.separated(", ");
            for id in chunk {
                ids.push_bind(id.hyphenated());
            }
            query.push(")");
            let rows = query.build().persistent(chunk.len() == SELECT_IDS);
            let rows = rows
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(failed)?;
            for row in &rows {
                heads.push(row::head_row(row, context)?);
            }
        }
        Ok(heads)
    }

    async fn stored(
        &mut self,
        context: &EntityContext,
        events: &[(Uuid, Uuid)],
    ) -> Result<Vec<StoredEvent>, Error> {
        let mut stored = Vec::new();
        for chunk in events.chunks(SELECT_IDS) {
            let wanted: HashSet<&(Uuid, Uuid)> = chunk.iter().collect();
            let mut query = QueryBuilder::new(statements::select_log(&context.names));
            query.push(" WHERE event_id IN (");
            let mut ids = query.separated(", ");
            for (_, event_id) in chunk {
                ids.push_bind(event_id.hyphenated());
            }
            query.push(")");
            let rows = query.build().persistent(chunk.len() == SELECT_IDS);
            let rows = rows
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(failed)?;
            for row in &rows {
                let (entity_id, event_id) = (row::id(row, "entity_id")?, row::id(row, "event_id")?);
                if wanted.contains(&(entity_id, event_id)) {
                    stored.push(StoredEvent {
                        entity_id,
                        event_id,
                        seq: Seq::new(row::count(row, "seq")?),
                        event_type: row::event_type(row, "event_type", context)?,
                        recorded_at: row::time(row, "recorded_at")?,
                    });
                }
            }
        }
        Ok(stored)
    }

    async fn write(
        &mut self,
        context: &EntityContext,
        batch: &ValidatedBatch,
    ) -> Result<(), WriteError> {
        if let Some(number) = batch.highest_number(&context.rules) {
            sqlx::query(AssertSqlSafe(statements::pass_number(&context.names)))
                .bind(context.names.entity())
                .bind(number)
                .execute(&mut *self.transaction)
                .await
                .map_err(failed)?;
        }
        for (chunk, rows) in batch.rows.chunks(INSERT_ROWS).enumerate() {
            let mut query = insert(context, rows);
            let query = query.build().persistent(rows.len() == INSERT_ROWS);
            let Err(error) = query.execute(&mut *self.transaction).await else {
                continue;
            };
            if is_trigger_violation(&error) {
                let duplicate_ids = duplicate_ids(self, context, rows).await?;
                if !duplicate_ids.is_empty() {
                    let duplicate_ids =
                        duplicate_ids.into_iter().map(|at| chunk * INSERT_ROWS + at);
                    return Err(WriteError::DuplicateIds(duplicate_ids.collect()));
                }
                if !context.rules.machine.unique_fields().is_empty() {
                    self.insert_singly(context, rows).await?;
                }
            }
            let missing = inline::missing(&mut self.transaction, &context.names, &error).await;
            return Err(missing
                .unwrap_or_else(|| insert_error(error, context))
                .into());
        }
        Ok(())
    }

    async fn places(
        &mut self,
        context: &EntityContext,
        rows: &[ValidatedRow],
    ) -> Result<Vec<Place>, Error> {
        let select = format!(
            "SELECT e.clock, (SELECT event_id FROM {log} AS p WHERE p.{id} = $1 AND p.seq = $2 - 1)
    AS parent_id
FROM {log} AS e WHERE e.{id} = $1 AND e.seq = $2",
            log = context.names.log(),
            id = context.names.id_column(),
        );
        let mut places = Vec::with_capacity(rows.len());
        for row in rows {
            let found = sqlx::query(AssertSqlSafe(select.clone()))
                .bind(row.entity_id.hyphenated())
                .bind(row.seq.get())
                .fetch_one(&mut *self.transaction)
                .await
                .map_err(failed)?;
            let parent_id: Option<Hyphenated> = found.try_get("parent_id").map_err(failed)?;
            places.push(Place {
                log_seq: row::log_seq(&found)?,
                parent_id: parent_id.map(Uuid::from),
            });
        }
        Ok(places)
    }

    fn connection(&mut self) -> Connection<'_> {
        Connection::Sqlite(&mut self.transaction)
    }

    fn companions_may_take(&self) -> Duration {
        self.companions_may_take
    }

    async fn commit(mut self, context: &EntityContext) -> Result<(), Error> {
        if self.is_open {
            let closed = inline::close(&mut self.transaction, &context.names);
            closed.await.map_err(failed)?;
        }
        self.transaction.commit().await.map_err(failed)
    }
}

impl Writer {
    /// Inserts rows until one has a value of a unique field that another entity has.
    async fn insert_singly(
        &mut self,
        context: &EntityContext,
        rows: &[ValidatedRow],
    ) -> Result<(), Error> {
        for row in rows {
            let (id, event_type) = (row.entity_id, row.event_type);
            unique::check(&mut self.transaction, context, id, event_type, &row.data).await?;
            let mut query = insert(context, std::slice::from_ref(row));
            let inserted = query.build().execute(&mut *self.transaction).await;
            inserted.map_err(|error| insert_error(error, context))?;
        }
        Ok(())
    }
}

fn insert(context: &EntityContext, rows: &[ValidatedRow]) -> QueryBuilder<Driver> {
    let codes = &context.codes;
    let mut query = QueryBuilder::new(statements::insert_events(&context.names));
    query.push_values(rows, |mut values, row| {
        values
            .push_bind(row.entity_id.hyphenated())
            .push_bind(row.seq.get())
            .push_bind(row.event_id.hyphenated())
            .push_bind(codes.number(row.event_type))
            .push_bind(codes.encode(row.prior_state))
            .push_bind(codes.encode(row.state))
            .push_bind(row.prior_generation)
            .push_bind(row.generation.get())
            .push_bind(time_text(row.recorded_at))
            .push_bind(row.data.clone())
            .push_bind(row.metadata.clone());
    });
    query
}
