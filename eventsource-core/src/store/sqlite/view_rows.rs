//! Rows of a view.
//!
//! Whoever has the write lock is alone, so nothing needs a lock of its own. A statement for each row is
//! a call in this process, and is prepared once.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::store::contract::view_rows::ViewRows;

/// Reads the values of these keys.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    table: &str,
    keys: &[String],
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let sql =
        format!("SELECT key, value FROM {table} WHERE key IN (SELECT value FROM json_each($1))");
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(serde_json::json!(keys).to_string())
        .fetch_all(connection)
        .await
}

/// Writes rows.
pub(crate) async fn upsert(
    connection: &mut SqliteConnection,
    table: &str,
    rows: &ViewRows,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO {table} (key, value, position) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, position = excluded.position"
    );
    let values = rows.values.iter().zip(&rows.positions);
    for (key, (value, position)) in rows.keys.iter().zip(values) {
        sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(key)
            .bind(value)
            .bind(position)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Deletes the rows of these keys.
pub(crate) async fn delete(
    connection: &mut SqliteConnection,
    table: &str,
    keys: &[String],
) -> Result<(), sqlx::Error> {
    let sql = format!("DELETE FROM {table} WHERE key = $1");
    for key in keys {
        sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(key)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
