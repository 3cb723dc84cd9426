//! Transaction of an import.

use std::collections::HashSet;

use sqlx::sqlite::Sqlite as Driver;
use sqlx::{AssertSqlSafe, QueryBuilder, SqlitePool, Transaction};
use uuid::Uuid;

use crate::store::contract::bulk::{
    BulkWriter, ImportMode, StoredEvent, ValidatedBatch, ValidatedRow, WriteError, duplicate_ids,
};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::HeadRow;
use crate::store::sql::statements;
use crate::store::sqlite::append::insert_error;
use crate::store::sqlite::errors::{failed, is_trigger_violation};
use crate::store::sqlite::read::row;
use crate::store::sqlite::read::row::time_text;
use crate::store::sqlite::transaction;
use crate::{Error, Seq};

/// Number of events in one INSERT: SQLite takes 32,766 values.
const INSERT_ROWS: usize = 500;

/// Number of ids in one SELECT.
const SELECT_IDS: usize = 1000;

/// Transaction of an import.
pub(crate) struct Writer {
    transaction: Transaction<'static, Driver>,
}

impl Writer {
    /// Begins the transaction, which locks the file unless it is a dry run.
    pub(crate) async fn begin(
        writer: &SqlitePool,
        readers: &SqlitePool,
        mode: ImportMode,
    ) -> Result<Self, Error> {
        let transaction = match mode {
            ImportMode::DryRun => readers.begin().await,
            ImportMode::Concurrent | ImportMode::Exclusive => {
                writer.begin_with(transaction::BEGIN).await
            }
        };
        Ok(Self {
            transaction: transaction.map_err(failed)?,
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
            }
            return Err(insert_error(error, context).into());
        }
        Ok(())
    }

    async fn commit(self, _context: &EntityContext) -> Result<(), Error> {
        self.transaction.commit().await.map_err(failed)
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
