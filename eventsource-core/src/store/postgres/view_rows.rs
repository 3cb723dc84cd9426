//! Rows of a view, read and written by one statement for all keys.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::store::contract::view_rows::ViewRows;

/// Reads the values of these keys; `locks` keeps others from changing them until the end of the
/// transaction, in the order in which they are given.
///
/// Each key is looked up by itself: plans are kept, and the table may have been nearly empty when this
/// one was made. All keys at once would be looked for in the whole table then, also when it has grown.
pub(crate) async fn load(
    connection: &mut PgConnection,
    table: &str,
    keys: &[String],
    locks: bool,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let lock = if locks { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT stored.key, stored.value
FROM unnest($1::text[]) AS wanted (key)
CROSS JOIN LATERAL (
    SELECT key, value::text FROM {table} AS kept WHERE kept.key = wanted.key LIMIT 1{lock}
) AS stored"
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(keys)
        .fetch_all(connection)
        .await
}

/// Writes rows, which nobody else writes meanwhile.
pub(crate) async fn upsert(
    connection: &mut PgConnection,
    table: &str,
    rows: ViewRows,
) -> Result<(), sqlx::Error> {
    let sql = format!("{} DO UPDATE SET {SET}", insert(table));
    bound(sql, rows).execute(connection).await.map(drop)
}

/// Writes rows in the order in which they are given, and returns the keys of those written: all but
/// the `new` ones that others have inserted meanwhile, or are inserting, which it waits for.
///
/// The rows that are not new must be locked.
pub(crate) async fn upsert_shared(
    connection: &mut PgConnection,
    table: &str,
    rows: ViewRows,
    new: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    let sql = format!(
        "{} DO UPDATE SET {SET} WHERE stored.key <> ALL ($4::text[]) RETURNING key",
        insert(table)
    );
    let query = bound(sql, rows).bind(new);
    let written = query.fetch_all(connection).await?;
    written.iter().map(|row| row.try_get(0)).collect()
}

const SET: &str = "value = excluded.value, position = excluded.position";

/// Returns the beginning of a statement that writes rows, up to what happens to those that exist.
fn insert(table: &str) -> String {
    format!(
        "INSERT INTO {table} AS stored (key, value, position)
SELECT key, value::jsonb, position FROM unnest($1::text[], $2::text[], $3::bigint[])
    AS new (key, value, position)
ON CONFLICT (key)"
    )
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
    rows: ViewRows,
) -> sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments> {
    sqlx::query(AssertSqlSafe(sql))
        .bind(rows.keys)
        .bind(rows.values)
        .bind(rows.positions)
}
