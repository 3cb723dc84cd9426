//! Verification of the tables and the history.
//!
//! The expected tables are made in memory by the SQL of a migration, and both catalogs are compared.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, SqlitePool};

use crate::Error;
use crate::store::contract::migration::Migration;
use crate::store::contract::schema_difference::{SchemaDifference, SchemaObject};
use crate::store::contract::suspects::{HistorySql, SuspectRows, Suspects};
use crate::store::rules::catalog::{Catalog, CatalogEntry, compare};
use crate::store::rules::checks::Columns;
use crate::store::sqlite::ddl::tables;
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::schema::migrate;

/// Query of the definitions of all objects, except guards of inline models; they keep comments and line breaks, which do not count.
const CATALOG: &str = "SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE sql IS NOT NULL AND name NOT GLOB 'eventsource_inline*'";

/// Compares the tables with those that a migration makes.
pub(crate) async fn schema_differences(
    readers: &SqlitePool,
    migration: &Migration,
) -> Result<Vec<SchemaDifference>, Error> {
    let names = &migration.names;
    let mut connection = readers.acquire().await.map_err(failed)?;
    let registered = migrate::registered(&mut connection, names).await?;
    let registered = registered.ok_or(Error::NotMigrated {
        entity: names.entity(),
    })?;
    let actual = catalog(&mut connection).await?;
    let steps = migration.steps_from_scratch(registered, Columns::Plain)?;
    let mut memory = SqliteConnection::connect("sqlite::memory:")
        .await
        .map_err(failed)?;
    sqlx::raw_sql(AssertSqlSafe(tables::create(
        names,
        migration.machine,
        &steps,
    )))
    .execute(&mut memory)
    .await
    .map_err(failed)?;
    let expected = catalog(&mut memory).await?;
    memory.close().await.map_err(failed)?;
    Ok(compare(&expected, &actual, |_| false))
}

/// Reads the catalog of a database.
async fn catalog(connection: &mut SqliteConnection) -> Result<Catalog, Error> {
    let rows = sqlx::query(CATALOG).fetch_all(connection).await;
    let mut catalog = Catalog::new();
    for row in rows.map_err(failed)? {
        let text = |column: &str| row.try_get::<String, _>(column).map_err(failed);
        let object = match text("type")?.as_str() {
            "table" => SchemaObject::Table,
            "index" => SchemaObject::Index,
            "trigger" => SchemaObject::Trigger,
            _ => SchemaObject::View,
        };
        let words: Vec<String> = text("sql")?.split_whitespace().map(str::to_owned).collect();
        let entry = CatalogEntry {
            definition: words.join(" "),
            enabled: true,
            valid: true,
        };
        catalog.insert((text("tbl_name")?, object, text("name")?), entry);
    }
    Ok(catalog)
}

/// Reads the rows of the history that may violate the rules, up to `limit` of each kind.
pub(crate) async fn suspects(
    readers: &SqlitePool,
    sql: &HistorySql,
    limit: u32,
) -> Result<Suspects, Error> {
    // All queries see the same moment.
    let mut transaction = readers.begin().await.map_err(failed)?;
    let found = SuspectRows {
        counts: rows(&mut transaction, &sql.counts, None).await?,
        events: rows(&mut transaction, &sql.events, Some(limit)).await?,
        twice: rows(&mut transaction, &sql.twice, Some(limit)).await?,
        heads: rows(&mut transaction, &sql.heads, Some(limit)).await?,
    };
    transaction.commit().await.map_err(failed)?;
    Suspects::of(&found, failed)
}

async fn rows(
    connection: &mut SqliteConnection,
    sql: &str,
    limit: Option<u32>,
) -> Result<Vec<SqliteRow>, Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
    if let Some(limit) = limit {
        query = query.bind(i64::from(limit));
    }
    query.fetch_all(connection).await.map_err(failed)
}
