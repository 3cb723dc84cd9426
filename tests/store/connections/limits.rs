//! Names and time limits of connections.

use std::time::Duration;

use eventsource_core::{Retry, StoreOptions};
use eventsource_tests::waiting::LIMIT;
use sqlx::AssertSqlSafe;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::servers::pool_at;
use crate::support::tasks::started;
use crate::support::waiting::{until, until_blocked, within};

#[tokio::test(flavor = "multi_thread")]
async fn connection_uses_given_name_and_timeouts() {
    let database = Database::postgres().await;
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let name = format!("app {}", database.schema().unwrap());
    let options = StoreOptions::new(database.url())
        .schema_options(database.schema_options())
        .application_name(&name)
        .lock_timeout(Duration::from_millis(30))
        .acquire_timeout(LIMIT)
        .min_connections(3)
        .max_connections(3);
    let store = options.clone().connect().await.unwrap();
    let named = store.open::<TaskEvent>().await.unwrap();
    let pool = pool_at(database.url()).await;
    let connected = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
    until(async || {
        let count = sqlx::query_scalar::<_, i64>(connected).bind(&name);
        count.fetch_one(&pool).await.unwrap() >= 3
    })
    .await;

    // A row that somebody holds: given up after the lock timeout, and nothing is written.
    let schema = database.schema().unwrap();
    let mut holder = pool.begin().await.unwrap();
    let hold = format!("SELECT FROM {schema}.task WHERE id = '{id}' FOR UPDATE");
    sqlx::query(AssertSqlSafe(hold))
        .execute(&mut *holder)
        .await
        .unwrap();
    let refused = named.append(id, reassigned("ann")).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Later, "{refused:?}");

    // The same by the statement's own limit.
    let hasty = options
        .lock_timeout(LIMIT)
        .statement_timeout(Duration::from_millis(30));
    let hasty = hasty.connect().await.unwrap();
    // A migration takes the time that it takes, and leaves the limit as it was.
    let hasty = hasty.migrate::<TaskEvent>().await.unwrap();
    let refused = hasty.append(id, reassigned("ann")).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Later, "{refused:?}");
    holder.rollback().await.unwrap();
    // On a busy machine the statement may take longer than that by itself.
    within(async {
        loop {
            let append = hasty.append(id, reassigned("bob"));
            match append.idempotency_key("bob").await {
                Err(error) if error.retry() == Retry::Later => {}
                appended => break appended.unwrap(),
            }
        }
    })
    .await;
    assert_eq!(tasks.history(id).await.unwrap().len(), 5);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn call_without_free_connection_fails_after_acquire_timeout() {
    let database = Database::postgres().await;
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let store = StoreOptions::new(database.url())
        .schema_options(database.schema_options())
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(50))
        .lock_timeout(LIMIT);
    let store = store.connect().await.unwrap();
    let narrow = within(async {
        loop {
            match store.open::<TaskEvent>().await {
                Err(error) if error.retry() == Retry::Later => {}
                opened => break opened.unwrap(),
            }
        }
    })
    .await;
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    let hold = format!("SELECT 1 FROM task WHERE id = '{id}' FOR UPDATE");
    sqlx::query(AssertSqlSafe(hold))
        .execute(&mut *holder)
        .await
        .unwrap();
    let watcher = database.sql().await;
    let (one, other) = (narrow.clone(), narrow.clone());
    // It has the only connection, until the row is free.
    let waits = tokio::spawn(async move {
        loop {
            let append = one.append(id, reassigned("ann"));
            match append.idempotency_key("waits").await {
                Err(error) if error.retry() == Retry::Later => {}
                appended => break appended,
            }
        }
    });
    until_blocked(&watcher, 1).await;
    let refused = other.history(id).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Later);
    holder.rollback().await.unwrap();
    within(waits).await.unwrap().unwrap();
    database.remove().await;
}
