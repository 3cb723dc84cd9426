//! Rows of a view, read and written by one statement for all keys.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::store::contract::view_rows::ViewRows;

/// Reads the values of these keys; `locks` keeps others from changing them until the end of the
/// transaction, always in the order of the keys.
pub(crate) async fn load(
    connection: &mut PgConnection,
    table: &str,
    keys: &[String],
    locks: bool,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let lock = if locks {
        " ORDER BY key FOR UPDATE"
    } else {
        ""
    };
    let sql = format!("SELECT key, value::text FROM {table} WHERE key = ANY($1){lock}");
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(keys)
        .fetch_all(connection)
        .await
}

/// Writes rows, which nobody else writes meanwhile.
pub(crate) async fn upsert(
    connection: &mut PgConnection,
    table: &str,
    rows: &ViewRows,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO {table} (key, value, position)
SELECT key, value::jsonb, position FROM unnest($1::text[], $2::text[], $3::bigint[])
    AS new (key, value, position)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, position = excluded.position"
    );
    bound(sql, rows).execute(connection).await.map(drop)
}

/// Writes rows that exist and are locked.
pub(crate) async fn update(
    connection: &mut PgConnection,
    table: &str,
    rows: &ViewRows,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "UPDATE {table} AS stored SET value = new.value::jsonb, position = new.position
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (key, value, position)
WHERE stored.key = new.key"
    );
    bound(sql, rows).execute(connection).await.map(drop)
}

/// Inserts rows in the order of their keys, and returns the keys of those that did not exist.
///
/// Waits for others who are inserting the same keys.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    table: &str,
    rows: &ViewRows,
) -> Result<Vec<String>, sqlx::Error> {
    let sql = format!(
        "INSERT INTO {table} (key, value, position)
SELECT key, value::jsonb, position FROM unnest($1::text[], $2::text[], $3::bigint[])
    AS new (key, value, position) ORDER BY key COLLATE \"C\"
ON CONFLICT (key) DO NOTHING RETURNING key"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(rows.keys.clone())
        .bind(rows.values.clone())
        .bind(rows.positions.clone())
        .fetch_all(connection)
        .await
}

/// Deletes the rows of these keys.
pub(crate) async fn delete(
    connection: &mut PgConnection,
    table: &str,
    keys: &[String],
) -> Result<(), sqlx::Error> {
    let sql = format!("DELETE FROM {table} WHERE key = ANY($1)");
    sqlx::query(AssertSqlSafe(sql))
        .bind(keys)
        .execute(connection)
        .await
        .map(drop)
}

fn bound(
    sql: String,
    rows: &ViewRows,
) -> sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments> {
    sqlx::query(AssertSqlSafe(sql))
        .bind(rows.keys.clone())
        .bind(rows.values.clone())
        .bind(rows.positions.clone())
}
