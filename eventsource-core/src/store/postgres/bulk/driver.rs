//! Imports and exports on Postgres.

use crate::Error;
use crate::store::contract::bulk::Purpose;
use crate::store::contract::driver::BulkDriver;
use crate::store::contract::entity_context::Table;
use crate::store::postgres::bulk::export::Log;
use crate::store::postgres::bulk::writer::Writer;
use crate::store::postgres::handle::Postgres;

impl BulkDriver for Postgres {
    type Import = Writer;
    type Log = Log;

    async fn begin_import(&self, table: &Table, purpose: Purpose) -> Result<Writer, Error> {
        Writer::begin(&self.pool, table, purpose).await
    }

    async fn begin_export(&self, table: &Table) -> Result<Log, Error> {
        Log::begin(&self.pool, table).await
    }
}
