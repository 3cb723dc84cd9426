//! Entry points of imports and exports on SQLite.

use crate::Error;
use crate::store::contract::bulk::ImportMode;
use crate::store::contract::companion::Companions;
use crate::store::contract::driver::BulkDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::sqlite::bulk::export::Log;
use crate::store::sqlite::bulk::writer::Writer;
use crate::store::sqlite::handle::Sqlite;

impl BulkDriver for Sqlite {
    type Import = Writer;
    type Log = Log;

    async fn begin_import(
        &self,
        context: &EntityContext,
        companions: &Companions,
        mode: ImportMode,
    ) -> Result<Writer, Error> {
        self.check_file()?;
        Writer::begin(self, context, companions, mode).await
    }

    /// Does nothing: the statements leave the planner of SQLite no choice that depends on statistics.
    async fn analyze(&self, _: &EntityContext) {}

    async fn begin_export(&self, _context: &EntityContext) -> Result<Log, Error> {
        Log::begin(&self.readers).await
    }
}
