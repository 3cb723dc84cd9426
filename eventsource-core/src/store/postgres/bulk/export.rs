//! Export of a log through a cursor in one transaction.

use serde_json::value::RawValue;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Executor, Postgres, Row, Transaction};

use crate::store::contract::bulk::{ExportRow, Pages};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::PayloadText;
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::row;
use crate::store::sql::statements;
use crate::{Error, Metadata, Seq};

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
    async fn next(&mut self, context: &EntityContext) -> Result<Vec<ExportRow>, Error> {
        // Not prepared: the cursor of the next export has the same name, but may have other columns.
        let rows = sqlx::query(FETCH)
            .persistent(false)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(failed)?;
        rows.iter().map(|row| export_row(row, context)).collect()
    }
}

fn export_row(row: &PgRow, context: &EntityContext) -> Result<ExportRow, Error> {
    // The value of a `json` is its text.
    let data = row.try_get_unchecked("data").map_err(failed)?;
    let Json(metadata): Json<Box<RawValue>> = row.try_get("metadata").map_err(failed)?;
    let metadata = Metadata::of_text(metadata.get());
    Ok(ExportRow {
        entity_id: row.try_get("entity_id").map_err(failed)?,
        seq: Seq::new(row::count(row, "seq")?),
        event_id: row.try_get("event_id").map_err(failed)?,
        event_type: row::event_type(row, "event_type", context)?,
        recorded_at: row.try_get("recorded_at").map_err(failed)?,
        data: PayloadText(data),
        metadata: metadata.map_err(|error| Error::undecodable(error.into()))?,
    })
}
