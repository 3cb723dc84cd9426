//! Events that no handler or read model can take: they are set aside, or halt their shard, and nothing else.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use eventsource_core::{EntityId, EventStore, Failure};
use eventsource_runtime::{Delivery, OnFailure, RetryPolicy, Runtime, handler, projection};
use futures_util::future::join_all;
use tasks::TaskEvent;

use crate::handlers::{Running, parked, start_tasks, tasks};
use crate::models::Seen;
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::plain_sql::{execute, unguarded};
use crate::support::waiting::until;

on! { sqlite_file, postgres:
    one_key_of_a_thousand_that_fails_for_ever_delays_no_other,
    payload_that_does_not_parse_sets_aside_exactly_its_entity,
    payload_that_does_not_parse_halts_at_exactly_that_event,
}

/// Events of the key that fails, after those that all have.
const LATER: usize = 50;

async fn one_key_of_a_thousand_that_fails_for_ever_delays_no_other(database: &Database) {
    let tasks = tasks(database).await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        let some = (0..5).map(|_| start_tasks(&tasks, 10));
        ids.extend(join_all(some).await.concat());
    }
    let poisoned = ids.swap_remove(500);
    let delivered = Arc::new(Mutex::new(HashMap::<EntityId, Vec<u32>>::new()));
    let is_mended = Arc::new(AtomicBool::new(false));
    let (noted, mended) = (Arc::clone(&delivered), Arc::clone(&is_mended));
    let picky = move |delivery: Delivery<TaskEvent>| {
        let (id, seq) = (delivery.event.entity_id, delivery.event.seq.get());
        let fails = id == poisoned && !mended.load(Ordering::SeqCst);
        if !fails {
            noted.lock().unwrap().entry(id).or_default().push(seq);
        }
        async move {
            match fails {
                true => Err(Failure::retry("this one never")),
                false => Ok(()),
            }
        }
    };
    let soon = RetryPolicy::default().in_place(3, Duration::from_millis(100));
    let soon = soon.parked(u32::MAX);
    let soon = soon.waits(Duration::from_millis(100), Duration::from_millis(400));
    let subscription = handler("mails", picky).reads(&tasks).retry(soon);
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    let count = || {
        delivered
            .lock()
            .unwrap()
            .values()
            .map(Vec::len)
            .sum::<usize>()
    };
    until(async || count() == 4 * ids.len()).await;
    let mut longest = Duration::ZERO;
    for (later, other) in ids.iter().enumerate().take(LATER) {
        tasks
            .append(poisoned, reassigned(&format!("ann{later}")))
            .await
            .unwrap();
        let appended = Instant::now();
        tasks.append(*other, reassigned("bob")).await.unwrap();
        until(async || delivered.lock().unwrap()[other].len() == 5).await;
        longest = longest.max(appended.elapsed());
    }
    println!("an event of another key waits {longest:?} at most");
    let all = i64::try_from(LATER + 4).unwrap();
    until(async || parked(database.store()).await == (all, 1)).await;
    assert_eq!(delivered.lock().unwrap().get(&poisoned), None);
    is_mended.store(true, Ordering::SeqCst);
    until(async || parked(database.store()).await == (0, 0)).await;
    running.end().await;
    let in_order: Vec<u32> = (1..).take(LATER + 4).collect();
    assert_eq!(delivered.lock().unwrap()[&poisoned], in_order);
}

/// Starts tasks, and breaks the third event of one of them; returns its entity and position.
async fn broken(database: &Database) -> (EventStore<TaskEvent>, EntityId, String) {
    let tasks = tasks(database).await;
    let ids = start_tasks(&tasks, 10).await;
    let sql = format!(
        "UPDATE task_event SET data = '[1]' WHERE task_id = '{}' AND seq = 2",
        ids[4]
    );
    let pool = unguarded(database).await;
    execute(&pool, &sql).await.unwrap();
    (tasks, ids[4], "18".to_owned())
}

async fn payload_that_does_not_parse_sets_aside_exactly_its_entity(database: &Database) {
    let (tasks, broken, _) = broken(database).await;
    let delivered = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&delivered);
    let note = move |delivery: Delivery<TaskEvent>| {
        noted
            .lock()
            .unwrap()
            .push((delivery.event.entity_id, delivery.event.seq.get()));
        async { Ok::<_, Failure>(()) }
    };
    let runtime = Runtime::new(database.store()).add(handler("mails", note).reads(&tasks));
    runtime.build().await.unwrap().settle().await.unwrap();
    assert_eq!(parked(database.store()).await, (3, 1));
    let delivered = delivered.lock().unwrap();
    assert_eq!(delivered.len(), 37);
    let of_broken: Vec<_> = delivered.iter().filter(|(id, _)| *id == broken).collect();
    assert_eq!(of_broken, [&(broken, 1)]);
}

async fn payload_that_does_not_parse_halts_at_exactly_that_event(database: &Database) {
    let (tasks, _, position) = broken(database).await;
    let strict = |_: Delivery<TaskEvent>| async { Ok::<_, Failure>(()) };
    let strict = handler("mails", strict).reads(&tasks).shards(1);
    let strict = strict.on_failure(OnFailure::Halt);
    for runtime in [
        Runtime::new(database.store()).add(strict),
        Runtime::new(database.store()).add(projection(Seen).reads(&tasks)),
    ] {
        let error = runtime.build().await.unwrap().settle().await.unwrap_err();
        let error = error.to_string();
        let halted = format!("has halted at position {position}: ");
        assert!(error.contains(&halted), "{error}");
    }
}
