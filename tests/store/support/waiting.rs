//! Waits for a condition, never for time to pass.

use std::time::{Duration, Instant};

use eventsource_core::{Error, Retry};
pub use eventsource_tests::waiting::{until, within};
use sqlx::AnyPool;

use super::database::Database;

/// Longest time in which others take over from a sequencer that stands still. The server ends its
/// transaction after two seconds; the rest is for a busy machine.
pub const TAKEOVER: Duration = Duration::from_secs(30);

/// Waits until at least this many statements of the test's schema wait for a lock.
pub async fn until_blocked(pool: &AnyPool, statements: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE '%' || current_schema() || '%'";
    until(async || {
        let count = sqlx::query_scalar::<_, i64>(waiting);
        count.fetch_one(pool).await.unwrap() >= statements
    })
    .await;
}

/// Waits until a statement of the test waits for a lock. SQLite does not show who waits; there the
/// test goes on at once, and its outcome is the same.
pub async fn until_somebody_waits(database: &Database) {
    if database.is_postgres() {
        until_blocked(&database.sql().await, 1).await;
    }
}

/// Repeats a call while SQLite is busy with other writers. It waits ten seconds for them and has no
/// queue: on a busy machine one of many may have to come again. A call that was refused sooner did
/// not wait, and fails the test.
pub async fn until_not_busy<T, F>(call: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let busy = |error: &Error| format!("{error:?}").contains("database is locked");
    within(async {
        loop {
            let begun = Instant::now();
            match call().await {
                Err(error) if busy(&error) => {
                    assert!(begun.elapsed() > Duration::from_secs(9), "{error}");
                    assert_eq!(error.retry(), Retry::Later);
                }
                answer => return answer,
            }
        }
    })
    .await
}
