//! Many writers, workers that die, and an old transaction: no event is passed over, none comes twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use eventsource_core::EntityId;
use tasks::TaskEvent;

use crate::models::{is_long, rows};
use crate::support::database::Database;
use crate::support::machines::{created, reassigned, until_started};
use crate::support::waiting::until;
use crate::workers;

on! { postgres, postgres_outbox: no_event_is_lost_between_writers_and_workers, }

const WRITERS: u64 = 16;

/// Numbers of events that the four projections have.
const DONE: &str = "SELECT CAST(sum(last_seq) AS bigint) FROM {seen}
    UNION ALL SELECT CAST(sum(last_seq) AS bigint) FROM {seen_b}
    UNION ALL SELECT CAST(sum(last_seq) AS bigint) FROM {seen_c}
    UNION ALL SELECT CAST(sum(last_seq) AS bigint) FROM {seen_d}";

async fn no_event_is_lost_between_writers_and_workers(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let store = database.store();
    store.migrate_runtime().await.unwrap();
    // A transaction that writes, and does not end.
    let foreign = database.sql().await;
    let mut old = foreign.begin().await.unwrap();
    sqlx::query("SELECT txid_current()")
        .execute(&mut *old)
        .await
        .unwrap();
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(workers::start(database).await);
    }
    let total = if is_long() { 100_000 } else { 1600 };
    let stored = Arc::new(AtomicI64::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (tasks, stored) = (tasks.clone(), stored.clone());
        writers.spawn(async move {
            let mut random = writer;
            let mut written = 0;
            while written < total / WRITERS as i64 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let id = EntityId::new();
                let [first, rest @ ..] = until_started();
                let begun = rest
                    .into_iter()
                    .fold(tasks.append(id, first), eventsource_core::Append::event);
                begun.await.unwrap();
                tasks.append(id, reassigned("zoe")).await.unwrap();
                // One that is refused, and rolled back.
                tasks.append(id, created()).await.unwrap_err();
                written += 5;
                stored.fetch_add(5, Ordering::Relaxed);
                if random % 5 == 0 {
                    tokio::time::sleep(Duration::from_millis(random % 17)).await;
                }
            }
        });
    }
    let kills = if is_long() { 5 } else { 1 };
    for kill in 1..=kills {
        until(async || stored.load(Ordering::Relaxed) >= total * kill / (kills + 1)).await;
        let mut victim = processes.remove(0);
        victim.signal("KILL").await;
        victim.ended().await;
        processes.push(workers::start(database).await);
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    let events = stored.load(Ordering::Relaxed);
    let begun = std::time::Instant::now();
    until(async || rows(store, DONE).await == [events; 4]).await;
    println!(
        "{events} events; level {:?} after the last",
        begun.elapsed()
    );
    let halted = "SELECT count(*) FROM {eventsource_shard} WHERE halted IS NOT NULL";
    assert_eq!(rows(store, halted).await, [0]);
    old.rollback().await.unwrap();
}
