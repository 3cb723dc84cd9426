//! Temporary Postgres server of a run, and connections to it.

use eventsource_tests::postgres::PostgresServer;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

/// Server with a database for each side, deleted when dropped.
pub struct Server {
    server: PostgresServer,
}

impl Server {
    pub async fn start() -> Self {
        let started = tokio::task::spawn_blocking(PostgresServer::start).await;
        let server = started.unwrap().unwrap_or_else(|error| panic!("{error}"));
        Self { server }
    }

    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Returns the URL of the database that every server has.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the URL of a database, which is created if it does not exist.
    pub async fn database(&self, name: &str) -> String {
        let mut connection = PgConnection::connect(&self.url()).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        // There already.
        let _ = sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut connection)
            .await;
        at(&self.url(), name)
    }

    pub async fn drop_database(&self, name: &str) {
        let mut connection = PgConnection::connect(&self.url()).await.unwrap();
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        sqlx::raw_sql(AssertSqlSafe(drop))
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

/// Replaces the database of a URL.
fn at(url: &str, database: &str) -> String {
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{database}")
}

/// Replaces the port of a URL, by that of a proxy for example.
pub fn through(url: &str, port: u16) -> String {
    let (before, database) = url.rsplit_once('/').unwrap();
    let (host, _) = before.rsplit_once(':').unwrap();
    format!("{host}:{port}/{database}")
}

/// Opens a pool as all sides have it: the same number of connections, and no check of a connection
/// before each call.
pub async fn pool(url: &str, connections: u32) -> PgPool {
    sqlx::postgres::PgPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .connect(url)
        .await
        .unwrap()
}

/// Opens a pool as [`pool`] does, with the version of the driver that the peers' crates use.
pub async fn pool08(url: &str, connections: u32) -> sqlx08::PgPool {
    sqlx08::postgres::PgPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .connect(url)
        .await
        .unwrap()
}
