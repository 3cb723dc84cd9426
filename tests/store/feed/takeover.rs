//! Sequencers that run side by side, are killed, or stand still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventsource_core::EntityId;
use sqlx::Row;
use tasks::TaskEvent;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::database::Database;
use crate::support::feed::{check_order, reader, whole, whole_of};
use crate::support::machines::{created, reassigned};
use crate::support::tasks::started;
use crate::support::waiting::{TAKEOVER, within};

on_every_database! {
    and postgres_outbox:
    concurrent_sequencers_give_each_position_once,
}

on_postgres! {
    and postgres_outbox:
    terminated_sequencer_is_replaced,
    frozen_sequencer_is_replaced,
}

async fn concurrent_sequencers_give_each_position_once(database: &Database) {
    const EVENTS: usize = 400;
    let tasks = database.events::<TaskEvent>().await;
    let mut running = JoinSet::new();
    let mut stops = Vec::new();
    for _ in 0..4 {
        let store = database.another_store().await;
        let (stop, stopped) = oneshot::channel::<()>();
        stops.push(stop);
        let sequencer = store.sequencer().interval(Duration::from_millis(1));
        running.spawn(sequencer.run_until(async { stopped.await.unwrap_or_default() }));
    }
    let mut work = JoinSet::new();
    for _ in 0..16 {
        let tasks = tasks.clone();
        work.spawn(async move {
            for _ in 0..EVENTS / 16 {
                tasks.append(EntityId::new(), created()).await.unwrap();
            }
        });
    }
    work.spawn(reader(database.store().clone(), EVENTS));
    work.join_all().await;
    drop(stops);
    for stopped in running.join_all().await {
        stopped.unwrap();
    }
    let feed = whole(database.store()).await;
    assert_eq!(check_order(&feed).len(), EVENTS);
}

async fn terminated_sequencer_is_replaced(database: &Database) {
    const EVENTS: usize = 320;
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let busy = Arc::new(AtomicBool::new(true));
    let mut killer = JoinSet::new();
    for _ in 0..2 {
        let store = database.another_store().await;
        let sequencer = store.sequencer().interval(Duration::from_millis(1));
        let busy = Arc::clone(&busy);
        killer.spawn(async move {
            let (stop, stopped) = oneshot::channel::<()>();
            let running =
                tokio::spawn(sequencer.run_until(async { stopped.await.unwrap_or_default() }));
            while busy.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            drop(stop);
            running.await.unwrap().unwrap();
            0
        });
    }
    let stop = Arc::clone(&busy);
    killer.spawn(async move {
        let mut killed = 0;
        while stop.load(Ordering::SeqCst) {
            // This schema's, while they are at it.
            let rows = sqlx::query(
                "SELECT count(pg_terminate_backend(pid)) AS killed FROM pg_stat_activity
                WHERE state = 'active' AND pid <> pg_backend_pid()
                    AND query LIKE 'SELECT last_position, more FROM %' || current_schema() || '%'",
            );
            let row = rows.fetch_one(&pool).await.unwrap();
            killed += row.get::<i64, _>("killed");
        }
        killed
    });
    let mut work = JoinSet::new();
    for _ in 0..16 {
        let tasks = tasks.clone();
        work.spawn(async move {
            for _ in 0..EVENTS / 16 {
                tasks.append(EntityId::new(), created()).await.unwrap();
            }
        });
    }
    work.join_all().await;
    busy.store(false, Ordering::SeqCst);
    let killed: i64 = killer.join_all().await.into_iter().sum();
    let feed = whole_of(database.store(), EVENTS).await;
    assert_eq!(check_order(&feed).len(), EVENTS);
    assert!(killed > 0, "nobody was killed");
}

/// Freezes a sequencer in the middle of a batch, wherever it waits for an answer.
async fn frozen_sequencer_is_replaced(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut events = 0;
    for answers in 0..2 {
        let (proxy, stopped) = database.behind_proxy().await;
        // What is said only once is said now.
        stopped.feed().await.unwrap();
        let id = started(&tasks).await;
        proxy.freeze_after(answers);
        let reader = stopped.clone();
        let reading = tokio::spawn(async move { reader.feed().await });
        within(proxy.has_frozen()).await;
        tasks.append(id, reassigned("bob")).await.unwrap();
        events += 5;
        // While it is frozen, others go on without it.
        let feed = timeout(TAKEOVER, whole_of(database.store(), events)).await;
        let feed = feed.unwrap();
        check_order(&feed);
        assert_eq!(feed.len(), events);
        // It wakes up, and goes on from what the others have done.
        proxy.thaw();
        within(reading).await.unwrap().unwrap();
        tasks.append(id, reassigned("zoe")).await.unwrap();
        events += 1;
        let feed = whole_of(&stopped, events).await;
        check_order(&feed);
    }
}
