//! Entry points of migration and verification on SQLite.

use chrono::{DateTime, Utc};

use crate::Error;
use crate::store::contract::driver::SchemaDriver;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::contract::schema_difference::SchemaDifference;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::contract::stored_payload::{LogPart, StoredPayload};
use crate::store::contract::suspects::{HistorySql, Suspects};
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::handle::Sqlite;

use crate::store::sqlite::schema::{migrate, payloads, runtime, verify};

impl SchemaDriver for Sqlite {
    const CHECKED_PAYLOAD: &'static str = "CASE WHEN json_valid(data) THEN data END";

    async fn now(&self) -> Result<DateTime<Utc>, Error> {
        Ok(self.clock.now())
    }

    async fn registered(&self, names: &Names) -> Result<Option<SchemaVersion>, Error> {
        if let Some(file) = &self.file {
            file.check()?;
        }
        let mut connection = self.readers.acquire().await.map_err(failed)?;
        migrate::registered(&mut connection, names).await
    }

    async fn migrate(&self, migration: &Migration) -> Result<(), Error> {
        migrate::migrate(&self.writer, migration).await
    }

    async fn migrate_runtime(&self, names: &Names, _options: &SchemaOptions) -> Result<(), Error> {
        runtime::migrate(&self.writer, names).await
    }

    async fn log_ends(&self, names: &Names) -> Result<Option<(i64, i64)>, Error> {
        payloads::log_ends(&self.readers, names).await
    }

    async fn payloads(&self, names: &Names, part: LogPart) -> Result<Vec<StoredPayload>, Error> {
        payloads::read(&self.readers, names, part).await
    }

    async fn schema_differences(
        &self,
        migration: &Migration,
    ) -> Result<Vec<SchemaDifference>, Error> {
        verify::schema_differences(&self.readers, migration).await
    }

    async fn suspects(&self, sql: &HistorySql, most: u32) -> Result<Suspects, Error> {
        verify::suspects(&self.readers, sql, most).await
    }
}
