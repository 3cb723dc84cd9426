//! Export of a log, page by page in one transaction.

use sqlx::sqlite::Sqlite as Driver;
use sqlx::{AssertSqlSafe, Row, SqlitePool, Transaction};

use crate::Error;
use crate::store::contract::bulk::Pages;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::names::Names;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::rows::PayloadText;
use crate::store::sql::statements;
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::read::event_row;

/// Number of events in a page.
const PAGE: i64 = 1000;

/// Export of a log as of the first read of its transaction.
pub(crate) struct Log {
    transaction: Transaction<'static, Driver>,
    /// Log sequence of the last event that was read.
    after: i64,
}

impl Log {
    pub(crate) async fn begin(readers: &SqlitePool) -> Result<Self, Error> {
        Ok(Self {
            transaction: readers.begin().await.map_err(failed)?,
            after: 0,
        })
    }
}

impl Pages for Log {
    async fn next(&mut self, context: &EntityContext) -> Result<Vec<ReadRow<PayloadText>>, Error> {
        let rows = sqlx::query(AssertSqlSafe(select(&context.names)))
            .bind(self.after)
            .bind(PAGE)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(failed)?;
        if let Some(last) = rows.last() {
            self.after = last.try_get("clock").map_err(failed)?;
        }
        let events = rows.iter();
        Ok(events.map(|row| event_row::stored(row, context)).collect())
    }
}

fn select(names: &Names) -> String {
    format!(
        "{} WHERE clock > $1 ORDER BY clock LIMIT $2",
        statements::select_log(names)
    )
}
