//! Calls of the function that appends by name, and what they raise.

use sqlx::postgres::PgDatabaseError;
use sqlx::{AnyPool, AssertSqlSafe, Row};

/// Error that a statement raises, as a client sees it.
#[derive(Debug)]
pub struct Raised {
    pub code: String,
    pub message: String,
    pub detail: String,
    pub hint: String,
}

/// Runs a statement and returns what it raises; `None` if nothing.
pub async fn raised(pool: &AnyPool, sql: &str) -> Option<Raised> {
    let run = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    let error = run.execute(pool).await.err()?;
    let error = error.as_database_error().expect(sql);
    let error = error.downcast_ref::<PgDatabaseError>();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some(Raised {
        code: error.code().to_owned(),
        message: error.message().to_owned(),
        detail: text(error.detail()),
        hint: text(error.hint()),
    })
}

/// Runs a query that has to succeed, and returns the first column of its rows.
pub async fn column(pool: &AnyPool, sql: &str) -> Vec<String> {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    let rows = query
        .fetch_all(pool)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.get(0)).collect()
}

/// Calls the function of an entity with these arguments; returns the type and the sequence of each
/// event, such as `STARTED 4`.
pub async fn appended(pool: &AnyPool, entity: &str, arguments: &str) -> Vec<String> {
    let sql = format!("SELECT event_type || ' ' || seq FROM {entity}_append({arguments})");
    column(pool, &sql).await
}
