//! Creation of the tables of the runtime.

use sqlx::AssertSqlSafe;

use crate::Error;
use crate::store::contract::names::Names;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::runtime::text::text;
use crate::store::postgres::errors::{failed, is_forbidden};
use crate::store::postgres::pool::Pool;
use crate::store::postgres::schema::migrate::missing_role;

/// Creates the tables that do not exist, and grants the rights to all.
pub(crate) async fn migrate(
    pool: &Pool,
    names: &Names,
    options: &SchemaOptions,
) -> Result<(), Error> {
    options.check_names()?;
    let mut connection = pool.acquire().await.map_err(failed)?;
    if let Some(reason) = missing_role(&mut connection, options).await? {
        return Err(refused(reason));
    }
    if pool.is_pgbouncer() {
        return Err(refused(
            "tables cannot be migrated through a PgBouncer, which gives each transaction another \
             connection: migrate with the URL of the server itself"
                .to_owned(),
        ));
    }
    let text = text(names, options);
    let executed = sqlx::raw_sql(AssertSqlSafe(text))
        .execute(&mut *connection)
        .await;
    let Err(error) = executed else {
        return Ok(());
    };
    // The transaction is open still, and failed.
    if sqlx::raw_sql("ROLLBACK")
        .execute(&mut *connection)
        .await
        .is_err()
    {
        let _ = connection.close().await;
    }
    Err(match is_forbidden(&error) {
        true => Error::NotPermitted {
            entity: RUNTIME,
            source: Box::new(error),
        },
        false => failed(error),
    })
}

/// How errors name the tables.
const RUNTIME: &str = "runtime";

fn refused(reason: String) -> Error {
    Error::MigrationRefused {
        entity: RUNTIME,
        reason,
    }
}
