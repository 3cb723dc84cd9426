//! Entry points of imports and exports on Postgres.

use crate::Error;
use crate::store::contract::bulk::ImportMode;
use crate::store::contract::driver::BulkDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::postgres::bulk::export::Log;
use crate::store::postgres::bulk::writer::Writer;
use crate::store::postgres::handle::Postgres;

impl BulkDriver for Postgres {
    type Import = Writer;
    type Log = Log;

    async fn begin_import(
        &self,
        context: &EntityContext,
        mode: ImportMode,
    ) -> Result<Writer, Error> {
        Writer::begin(&self.pool, context, mode).await
    }

    async fn begin_export(&self, context: &EntityContext) -> Result<Log, Error> {
        Log::begin(&self.pool, context).await
    }
}
