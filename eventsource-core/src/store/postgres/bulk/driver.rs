//! Entry points of imports and exports on Postgres.

use sqlx::{AssertSqlSafe, Executor};

use crate::Error;
use crate::store::contract::bulk::ImportMode;
use crate::store::contract::companion::Companions;
use crate::store::contract::driver::BulkDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::postgres::bulk::export::Log;
use crate::store::postgres::bulk::writer::Writer;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::pool::NO_STATEMENT_TIMEOUT;

impl BulkDriver for Postgres {
    type Import = Writer;
    type Log = Log;

    async fn begin_import(
        &self,
        context: &EntityContext,
        companions: &Companions,
        mode: ImportMode,
    ) -> Result<Writer, Error> {
        Writer::begin(self, context, companions, mode).await
    }

    async fn analyze(&self, context: &EntityContext) {
        let names = &context.names;
        let sql = format!(
            "{NO_STATEMENT_TIMEOUT}; ANALYZE {}, {}",
            names.log(),
            names.heads()
        );
        let analyze = async {
            let mut transaction = self.pool.begin().await?;
            transaction
                .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
                .await?;
            transaction.commit().await
        };
        if let Err(error) = analyze.await {
            let entity = names.entity();
            log::warn!("the tables of '{entity}' were not analyzed after an import: {error}");
        }
    }

    async fn begin_export(&self, context: &EntityContext) -> Result<Log, Error> {
        Log::begin(&self.pool, context).await
    }
}
