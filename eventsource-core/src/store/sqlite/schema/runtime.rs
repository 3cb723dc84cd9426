//! Creation of the tables of the runtime.

use sqlx::{AssertSqlSafe, SqlitePool};

use crate::Error;
use crate::store::contract::names::Names;
use crate::store::sqlite::ddl::runtime;
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::transaction;

/// Creates the tables that do not exist.
pub(crate) async fn migrate(writer: &SqlitePool, names: &Names) -> Result<(), Error> {
    let begun = writer.begin_with(transaction::BEGIN).await;
    let mut transaction = begun.map_err(failed)?;
    sqlx::raw_sql(AssertSqlSafe(runtime::create(names)))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}
