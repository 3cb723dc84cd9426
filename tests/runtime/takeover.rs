//! Workers that are killed or stopped, and those that take over from them.

use std::time::Instant;

use eventsource_core::{EntityId, EventStore};
use tasks::TaskEvent;

use crate::models::{is_long, rows};
use crate::support::child::Process;
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::tasks::started;
use crate::support::waiting::until;
use crate::workers;

on! { sqlite_file, postgres: killed_and_stopped_workers_are_taken_over, }

/// Shards of each worker, the fewest first.
const SHARES: &str = "SELECT count(*) FROM {eventsource_shard} WHERE owner IS NOT NULL
    AND subscription = 'seen' GROUP BY owner ORDER BY 1";

/// Number of events that the projection in 16 shards has, and the one in one shard.
const DONE: &str = "SELECT CAST(sum(last_seq) AS bigint) FROM {seen}
    UNION ALL SELECT CAST(sum(last_seq) AS bigint) FROM {seen_b}";

const HALTED: &str = "SELECT count(*) FROM {eventsource_shard} WHERE halted IS NOT NULL";

/// Appends to entities of all shards; returns the number of events.
async fn append(tasks: &EventStore<TaskEvent>, ids: &[EntityId]) -> i64 {
    for id in ids {
        tasks.append(*id, reassigned("ann")).await.unwrap();
    }
    ids.len() as i64
}

async fn killed_and_stopped_workers_are_taken_over(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let store = database.store();
    store.migrate_runtime().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..32 {
        ids.push(started(&tasks).await);
    }
    let mut events = 128;
    let mut running: Vec<Process> = Vec::new();
    for expected in [&[16][..], &[8, 8], &[5, 5, 6]] {
        running.push(workers::start(database).await);
        let joined = Instant::now();
        until(async || rows(store, SHARES).await == expected).await;
        println!(
            "balanced over {} after {:?}",
            expected.len(),
            joined.elapsed()
        );
        events += append(&tasks, &ids).await;
    }
    let (kills, stops) = if is_long() { (20, 5) } else { (1, 1) };
    let mut times = Vec::new();
    for round in 0..kills + stops {
        let mut victim = running.remove(0);
        // In the middle of its work.
        let busy = async {
            for _ in 0..3 {
                events += append(&tasks, &ids).await;
            }
        };
        let kills_now = round < kills;
        tokio::join!(busy, victim.signal(if kills_now { "KILL" } else { "STOP" }));
        let begun = Instant::now();
        events += append(&tasks, &ids).await;
        until(async || rows(store, DONE).await == [events, events]).await;
        times.push(begun.elapsed());
        if kills_now {
            victim.ended().await;
            running.push(workers::start(database).await);
        } else {
            // It goes on with what it was doing, under an epoch that has passed.
            victim.signal("CONT").await;
            running.push(victim);
            events += append(&tasks, &ids).await;
        }
        until(async || rows(store, DONE).await == [events, events]).await;
        until(async || rows(store, SHARES).await == [5, 5, 6]).await;
    }
    times.sort();
    println!("taken over after {times:?}");
    // Whatever is applied twice, or out of order, halts.
    assert_eq!(rows(store, HALTED).await, [0]);
}
