//! Whole logs, in and out.

use std::collections::HashSet;

use sqlx::sqlite::Sqlite as Driver;
use sqlx::{AssertSqlSafe, QueryBuilder, SqlitePool, Transaction};
use uuid::Uuid;

use crate::store::contract::bulk::{
    BulkWriter, Judged, JudgedRow, NotWritten, Purpose, StoredEvent, twice,
};
use crate::store::contract::entity_context::Table;
use crate::store::contract::rows::HeadRow;
use crate::store::sql::statements;
use crate::store::sqlite::append::not_inserted;
use crate::store::sqlite::errors::{failed, is_trigger};
use crate::store::sqlite::read::row;
use crate::store::sqlite::read::row::time_text;
use crate::store::sqlite::transaction;
use crate::{Error, Seq};

/// How many events one INSERT writes: SQLite takes 32,766 values.
const ROWS: usize = 500;

/// How many heads, or events, one SELECT asks for.
const HEADS: usize = 1000;

pub(crate) struct Writer {
    transaction: Transaction<'static, Driver>,
}

impl Writer {
    /// Takes the lock on the file, unless there is nothing to write.
    pub(crate) async fn begin(
        writer: &SqlitePool,
        readers: &SqlitePool,
        purpose: Purpose,
    ) -> Result<Self, Error> {
        let transaction = match purpose {
            Purpose::Look => readers.begin().await,
            Purpose::Store | Purpose::StoreAlone => writer.begin_with(transaction::BEGIN).await,
        };
        Ok(Self {
            transaction: transaction.map_err(failed)?,
        })
    }
}

impl BulkWriter for Writer {
    async fn heads(&mut self, table: &Table, entity_ids: &[Uuid]) -> Result<Vec<HeadRow>, Error> {
        let mut heads = Vec::new();
        for some in entity_ids.chunks(HEADS) {
            let mut query = QueryBuilder::new(statements::select_heads(&table.names));
            query.push(" WHERE id IN (");
            let mut ids = query.separated(", ");
            for id in some {
                ids.push_bind(id.hyphenated());
            }
            query.push(")");
            let rows = query.build().persistent(some.len() == HEADS);
            let rows = rows
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(failed)?;
            for row in &rows {
                heads.push(row::head_row(row, table)?);
            }
        }
        Ok(heads)
    }

    async fn stored(
        &mut self,
        table: &Table,
        events: &[(Uuid, Uuid)],
    ) -> Result<Vec<StoredEvent>, Error> {
        let mut stored = Vec::new();
        for some in events.chunks(HEADS) {
            let wanted: HashSet<&(Uuid, Uuid)> = some.iter().collect();
            let mut query = QueryBuilder::new(statements::select_log(&table.names));
            query.push(" WHERE event_id IN (");
            let mut ids = query.separated(", ");
            for (_, event_id) in some {
                ids.push_bind(event_id.hyphenated());
            }
            query.push(")");
            let rows = query.build().persistent(some.len() == HEADS);
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
                        event_type: row::event_type(row, "event_type", table)?,
                        recorded_at: row::time(row, "recorded_at")?,
                    });
                }
            }
        }
        Ok(stored)
    }

    async fn write(&mut self, table: &Table, batch: &Judged) -> Result<(), NotWritten> {
        if let Some(number) = batch.highest_number(&table.rules) {
            sqlx::query(AssertSqlSafe(statements::pass_number(&table.names)))
                .bind(table.names.entity())
                .bind(number)
                .execute(&mut *self.transaction)
                .await
                .map_err(failed)?;
        }
        for (chunk, rows) in batch.rows.chunks(ROWS).enumerate() {
            let mut query = insert(table, rows);
            let query = query.build().persistent(rows.len() == ROWS);
            let Err(error) = query.execute(&mut *self.transaction).await else {
                continue;
            };
            if is_trigger(&error) {
                let twice = twice(self, table, rows).await?;
                if !twice.is_empty() {
                    let twice = twice.into_iter().map(|at| chunk * ROWS + at);
                    return Err(NotWritten::Twice(twice.collect()));
                }
            }
            return Err(not_inserted(error, table).into());
        }
        Ok(())
    }

    async fn commit(self, _table: &Table) -> Result<(), Error> {
        self.transaction.commit().await.map_err(failed)
    }
}

fn insert(table: &Table, rows: &[JudgedRow]) -> QueryBuilder<Driver> {
    let numbers = &table.numbers;
    let mut query = QueryBuilder::new(statements::insert_events(&table.names));
    query.push_values(rows, |mut values, row| {
        values
            .push_bind(row.entity_id.hyphenated())
            .push_bind(row.seq.get())
            .push_bind(row.event_id.hyphenated())
            .push_bind(numbers.number(row.event_type))
            .push_bind(numbers.encode(row.prior_state))
            .push_bind(numbers.encode(row.state))
            .push_bind(row.prior_generation)
            .push_bind(row.generation.get())
            .push_bind(time_text(row.recorded_at))
            .push_bind(row.data.clone())
            .push_bind(row.metadata.clone());
    });
    query
}
