//! Servers that a test starts for itself.

use eventsource_tests::postgres::{PostgresError, PostgresServer};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::spawn_blocking;

/// Starts a server, or returns `None` where the tests are to use one that is already running and no
/// programs are installed.
pub async fn own_server(
    start: impl FnOnce() -> Result<PostgresServer, PostgresError> + Send + 'static,
) -> Option<PostgresServer> {
    match spawn_blocking(start).await.unwrap() {
        Err(PostgresError::NotFound) if std::env::var_os("DATABASE_URL").is_some() => {
            eprintln!("SKIPPED: no Postgres server can be started");
            None
        }
        started => Some(started.unwrap()),
    }
}

pub async fn pool_at(url: &str) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(1);
    pool.connect(url).await.unwrap()
}
