//! Building, pausing and stopping a runtime.

use eventsource_runtime::{Note, Runtime, projection};
use tasks::TaskEvent;
use tokio_util::sync::CancellationToken;

use crate::models::{Seen, rows, start_tasks};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_memory, sqlite_file, postgres:
    mistakes_are_told_all_at_once,
    number_of_shards_is_fixed,
    paused_subscription_waits_for_resume,
    readiness_and_metrics_tell_what_is_paused_and_behind,
    stop_leaves_no_shard_and_no_worker,
    idle_models_write_nothing,
}

const COUNT: &str = "SELECT CAST(coalesce(sum(last_seq), 0) AS bigint) FROM {seen}";

async fn mistakes_are_told_all_at_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let built = Runtime::new(database.store())
        .connections(0)
        .add(projection(Seen).reads(&tasks).reads(&tasks).shards(3))
        .add(projection(Seen))
        .build()
        .await;
    let error = built.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the runtime may use no connections: allow it one or more; \
         'seen' reads 'task' twice; \
         'seen' has 3 shards: the number must be a power of two, up to 256; \
         two subscriptions are named 'seen'; \
         'seen' reads nothing: add `.reads(&events)`"
    );
    assert_eq!(error.mistakes.len(), 5);
}

async fn number_of_shards_is_fixed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let build = |shards| {
        let subscription = projection(Seen).reads(&tasks).shards(shards);
        Runtime::new(database.store()).add(subscription).build()
    };
    build(4).await.unwrap();
    let error = build(2).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "'seen' was made with 4 shards, and the program says 2: the number is fixed when a \
         subscription is made"
    );
    build(4).await.unwrap();
}

async fn paused_subscription_waits_for_resume(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let subscription = projection(Seen).reads(&tasks);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.clone().run_until(stop.clone().cancelled_owned()));
    start_tasks(&tasks, 2).await;
    until(async || rows(database.store(), COUNT).await == [8]).await;
    runtime
        .pause("seen", Note::by("ann", "maintenance"))
        .await
        .unwrap();
    let owner = "SELECT count(*) FROM {eventsource_shard} WHERE owner IS NOT NULL";
    assert_eq!(rows(database.store(), owner).await, [1]);
    // Its own batch may be under way; the next one is not begun.
    until(async || {
        start_tasks(&tasks, 1).await;
        runtime.status().await.unwrap()[0].lag_events >= 8
    })
    .await;
    let waiting = runtime.status().await.unwrap().remove(0);
    assert!(waiting.paused);
    runtime
        .resume("seen", Note::by("ann", "done"))
        .await
        .unwrap();
    until(async || runtime.status().await.unwrap()[0].lag_events == 0).await;
    let operations = runtime.status().await.unwrap().remove(0).operations;
    let done: Vec<_> = operations.iter().map(|it| &*it.operation).collect();
    assert_eq!(done, ["pause", "resume"]);
    stop.cancel();
    running.await.unwrap();
}

async fn readiness_and_metrics_tell_what_is_paused_and_behind(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let subscription = projection(Seen).reads(&tasks);
    let builder = Runtime::new(database.store()).add(subscription);
    let runtime = builder.build().await.unwrap();
    let ready = runtime.readiness().await.unwrap();
    assert!(ready.all_run() && ready.lag_seconds == 0.0, "{ready:?}");
    start_tasks(&tasks, 2).await;
    let note = Note::by("ann", "maintenance");
    runtime.pause("seen", note).await.unwrap();
    let ready = runtime.readiness().await.unwrap();
    assert_eq!(ready.paused, ["seen"]);
    assert!(ready.halted.is_empty() && !ready.all_run() && ready.lag_seconds > 0.0);
    let metrics = runtime.metrics().await.unwrap();
    for line in [
        "lag_events{subscription=\"seen\"} 8",
        "paused{subscription=\"seen\"} 1",
    ] {
        let line = format!("eventsource_subscription_{line}\n");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
}

async fn stop_leaves_no_shard_and_no_worker(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let subscription = projection(Seen).reads(&tasks).shards(8);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.clone().run_until(stop.clone().cancelled_owned()));
    let owned = "SELECT count(*) FROM {eventsource_shard} WHERE owner IS NOT NULL";
    until(async || rows(database.store(), owned).await == [8]).await;
    start_tasks(&tasks, 20).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(rows(database.store(), owned).await, [0]);
    let workers = "SELECT count(*) FROM {eventsource_worker}";
    assert_eq!(rows(database.store(), workers).await, [0]);
    // What was in flight is neither lost nor done twice.
    runtime.settle().await.unwrap();
    assert_eq!(rows(database.store(), COUNT).await, [80]);
}

/// A process that has nothing to do signs its own row, and writes no other.
async fn idle_models_write_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let subscription = projection(Seen).reads(&tasks).shards(4);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    start_tasks(&tasks, 5).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.clone().run_until(stop.clone().cancelled_owned()));
    until(async || rows(database.store(), COUNT).await == [20]).await;
    let shards = "SELECT position + 1000 * epoch FROM {eventsource_shard} ORDER BY shard";
    let owned = "SELECT count(*) FROM {eventsource_shard} WHERE owner IS NOT NULL";
    until(async || rows(database.store(), owned).await == [4]).await;
    // Those without the last event have saved that they have passed it.
    let positions = "SELECT position FROM {eventsource_shard}";
    until(async || rows(database.store(), positions).await == [20; 4]).await;
    let before = rows(database.store(), shards).await;
    let versions = "SELECT CAST(xmin::text AS bigint) FROM {eventsource_shard} ORDER BY shard";
    let written = match database.is_postgres() {
        true => rows(database.store(), versions).await,
        false => Vec::new(),
    };
    // Two signs of life of the worker.
    let signs = "SELECT count(*) FROM {eventsource_worker} WHERE seen_at > $1";
    for _ in 0..2 {
        let now = chrono::Utc::now();
        until(async || {
            let mut tx = database.store().begin().await.unwrap();
            tx.fetch(signs, (now,)).await.unwrap()[0]
                .get::<i64>(0)
                .unwrap()
                == 1
        })
        .await;
    }
    assert_eq!(rows(database.store(), shards).await, before);
    if database.is_postgres() {
        assert_eq!(rows(database.store(), versions).await, written);
    }
    stop.cancel();
    running.await.unwrap();
}
