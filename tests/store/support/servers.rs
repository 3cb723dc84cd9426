//! Servers that a test starts for itself.

use eventsource_tests::postgres::{PostgresError, PostgresServer};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::spawn_blocking;

use crate::support::waiting::until;

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

/// Server and a standby of it.
pub struct Replicated {
    pub primary: PostgresServer,
    pub standby: PostgresServer,
}

impl Replicated {
    /// Starts both, or returns `None` as [`own_server`] does.
    pub async fn start() -> Option<Self> {
        let primary = own_server(PostgresServer::start).await?;
        let started = spawn_blocking(|| {
            let standby = primary.standby().unwrap();
            Self { primary, standby }
        });
        Some(started.await.unwrap())
    }

    /// Stops both.
    pub async fn stop(self) {
        let stopped = spawn_blocking(move || {
            self.standby.stop().unwrap();
            self.primary.stop().unwrap();
        });
        stopped.await.unwrap();
    }
}

/// Lets a standby hear nothing of the primary until [`resume_replay`].
pub async fn pause_replay(standby: &PgPool) {
    let pause = sqlx::query("SELECT pg_wal_replay_pause()");
    pause.execute(standby).await.unwrap();
    let paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'";
    until(async || {
        let paused = sqlx::query_scalar::<_, bool>(paused).fetch_one(standby);
        paused.await.unwrap()
    })
    .await;
}

/// Lets a standby follow again.
pub async fn resume_replay(standby: &PgPool) {
    let resume = sqlx::query("SELECT pg_wal_replay_resume()");
    resume.execute(standby).await.unwrap();
}
