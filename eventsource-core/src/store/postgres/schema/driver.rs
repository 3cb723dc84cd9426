//! Entry points of migration and verification on Postgres.

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
use crate::store::postgres::errors::failed;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::retry;
use crate::store::postgres::schema::{migrate, payloads, runtime, verify};

impl SchemaDriver for Postgres {
    // A `json` is well-formed.
    const CHECKED_PAYLOAD: &'static str = "data";

    async fn now(&self) -> Result<DateTime<Utc>, Error> {
        let now = || async {
            sqlx::query_scalar("SELECT clock_timestamp()")
                .fetch_one(&self.pool)
                .await
                .map_err(failed)
        };
        retry::read(&self.pool, now).await
    }

    async fn registered(&self, names: &Names) -> Result<Option<SchemaVersion>, Error> {
        let registered = || async {
            let mut transaction = self.pool.begin().await.map_err(failed)?;
            migrate::registered(&mut transaction, names).await
        };
        retry::read(&self.pool, registered).await
    }

    async fn migrate(&self, migration: &Migration) -> Result<(), Error> {
        migrate::migrate(&self.pool, migration).await
    }

    async fn migrate_runtime(&self, names: &Names, options: &SchemaOptions) -> Result<(), Error> {
        runtime::migrate(&self.pool, names, options).await
    }

    async fn log_ends(&self, names: &Names) -> Result<Option<(i64, i64)>, Error> {
        payloads::log_ends(&self.pool, names).await
    }

    async fn payloads(&self, names: &Names, part: LogPart) -> Result<Vec<StoredPayload>, Error> {
        payloads::read(&self.pool, names, part).await
    }

    async fn schema_differences(
        &self,
        migration: &Migration,
    ) -> Result<Vec<SchemaDifference>, Error> {
        verify::schema_differences(&self.pool, migration).await
    }

    async fn suspects(&self, sql: &HistorySql, most: u32) -> Result<Suspects, Error> {
        verify::suspects(&self.pool, sql, most).await
    }
}
