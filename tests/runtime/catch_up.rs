//! Read models that catch up with the feed.

use eventsource_core::Store;
use eventsource_runtime::{Runtime, projection};
use tasks::TaskEvent;
use tokio_util::sync::CancellationToken;

use crate::models::{Seen, start_tasks};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_memory, sqlite_file, postgres, postgres_outbox:
    projection_gets_every_event_once_and_in_order,
    projection_follows_while_it_runs,
    second_runtime_goes_on_where_the_first_ended,
}

/// Number of entities that [`Seen`] has, and of their events.
async fn seen(store: &Store) -> (i64, i64) {
    let mut tx = store.begin().await.unwrap();
    let tables = tx.tables().of_generation(1);
    tx.scope(tables, None);
    let count = "SELECT count(*), CAST(coalesce(sum(last_seq), 0) AS bigint) FROM {seen}";
    let rows = tx.fetch(count, ()).await.unwrap();
    tx.commit().await.unwrap();
    (rows[0].get(0).unwrap(), rows[0].get(1).unwrap())
}

async fn projection_gets_every_event_once_and_in_order(database: &Database) {
    let store = database.store();
    let tasks = database.events::<TaskEvent>().await;
    let subscription = projection(Seen).reads(&tasks);
    let runtime = Runtime::new(store).add(subscription).build().await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(seen(store).await, (0, 0));
    start_tasks(&tasks, 30).await;
    runtime.settle().await.unwrap();
    assert_eq!(seen(store).await, (30, 120));
    runtime.settle().await.unwrap();
    assert_eq!(seen(store).await, (30, 120));
}

async fn projection_follows_while_it_runs(database: &Database) {
    let store = database.store();
    let tasks = database.events::<TaskEvent>().await;
    let subscription = projection(Seen).reads(&tasks);
    let runtime = Runtime::new(store).add(subscription).build().await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.run_until(stop.clone().cancelled_owned()));
    for round in 1..=3 {
        start_tasks(&tasks, 5).await;
        until(async || seen(store).await == (5 * round, 20 * round)).await;
    }
    stop.cancel();
    running.await.unwrap();
}

async fn second_runtime_goes_on_where_the_first_ended(database: &Database) {
    let store = database.store();
    let tasks = database.events::<TaskEvent>().await;
    for round in 1..=2 {
        let subscription = projection(Seen).reads(&tasks);
        let runtime = Runtime::new(store).add(subscription).build().await.unwrap();
        start_tasks(&tasks, 10).await;
        runtime.settle().await.unwrap();
        assert_eq!(seen(store).await, (10 * round, 40 * round));
    }
}
