//! Export of a log through a cursor in one transaction.

use sqlx::{AssertSqlSafe, Executor, Postgres, Transaction};

use crate::Error;
use crate::store::contract::bulk::Pages;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::rows::PayloadText;
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::event_row;
use crate::store::sql::statements;

/// Export of a log as of the moment when its cursor was opened.
pub(crate) struct Log {
    transaction: Transaction<'static, Postgres>,
}

/// Statement that reads the next page of the cursor.
const FETCH: &str = "FETCH FORWARD 1000 FROM eventsource_export";

impl Log {
    pub(crate) async fn begin(pool: &Pool, context: &EntityContext) -> Result<Self, Error> {
        let begin = pool.begin_as("BEGIN READ ONLY").await;
        let mut transaction = begin.map_err(failed)?;
        transaction
            .execute(pool::NO_STATEMENT_TIMEOUT)
            .await
            .map_err(failed)?;
        let declare = format!(
            "DECLARE eventsource_export NO SCROLL CURSOR FOR {} ORDER BY clock",
            statements::select_log(&context.names)
        );
        sqlx::query(AssertSqlSafe(declare))
            .persistent(false)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        Ok(Self { transaction })
    }
}

impl Pages for Log {
    async fn next(&mut self, context: &EntityContext) -> Result<Vec<ReadRow<PayloadText>>, Error> {
        // Not prepared: the cursor of the next export has the same name, but may have other columns.
        let rows = sqlx::query(FETCH)
            .persistent(false)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(failed)?;
        let events = rows.iter();
        Ok(events
            .map(|row| event_row::stored(row, context, 0))
            .collect())
    }
}
