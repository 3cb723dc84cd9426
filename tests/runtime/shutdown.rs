//! Runtimes that are stopped while something hangs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use eventsource_runtime::{Delivery, Runtime, RuntimeBuilder, handler, projection};
use tasks::TaskEvent;

use crate::handlers::{Running, start_tasks, tasks};
use crate::models::{Seen, rows};
use crate::support::database::Database;
use crate::support::waiting::{until, within};

on! { sqlite_file, postgres: runtime_ends_in_time_while_things_hang_and_another_goes_on, }

/// Shards that a worker has.
const OWNED: &str = "SELECT count(*) FROM {eventsource_shard} WHERE owner IS NOT NULL";

/// Number of events that the projection has applied; it halts at one that comes twice.
const APPLIED: &str = "SELECT CAST(coalesce(sum(last_seq), 0) AS bigint) FROM {seen}";

/// Handler and schedule that do not end, beside a projection that does.
#[derive(Clone, Default)]
struct Hanging {
    is_mended: Arc<AtomicBool>,
    handled: Arc<AtomicUsize>,
    scheduled: Arc<AtomicBool>,
}

impl Hanging {
    async fn runtime(&self, database: &Database) -> RuntimeBuilder {
        let events = database.events::<TaskEvent>().await;
        let (mails, night) = (self.clone(), self.clone());
        let send = move |_: Delivery<TaskEvent>| {
            mails.handled.fetch_add(1, Ordering::SeqCst);
            let is_mended = mails.is_mended.load(Ordering::SeqCst);
            async move {
                match is_mended {
                    true => Ok(()),
                    false => std::future::pending().await,
                }
            }
        };
        let past = "2026-01-01T00:00:00Z".parse().unwrap();
        Runtime::new(database.store())
            .add(projection(Seen).reads(&events).shards(4))
            .add(handler("mails", send).reads(&events).shards(4))
            .at("night", past, move |_| {
                night.scheduled.store(true, Ordering::SeqCst);
                std::future::pending()
            })
    }
}

async fn runtime_ends_in_time_while_things_hang_and_another_goes_on(database: &Database) {
    let events = tasks(database).await;
    let store = database.store();
    let hanging = Hanging::default();
    let running = Running::start(hanging.runtime(database).await).await;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn({
        let (events, is_stopped) = (events.clone(), Arc::clone(&is_stopped));
        async move {
            let mut count = 0;
            while !is_stopped.load(Ordering::SeqCst) {
                count += start_tasks(&events, 1).await.len();
            }
            count
        }
    });
    until(async || hanging.handled.load(Ordering::SeqCst) >= 4).await;
    until(async || hanging.scheduled.load(Ordering::SeqCst)).await;
    until(async || rows(store, APPLIED).await[0] > 0).await;
    assert_ne!(rows(store, OWNED).await, [0]);
    let begun = Instant::now();
    within(running.end()).await;
    println!("ended after {:?}", begun.elapsed());
    // Nobody has to wait for a lease to expire.
    assert_eq!(rows(store, OWNED).await, [0]);
    hanging.is_mended.store(true, Ordering::SeqCst);
    hanging.handled.store(0, Ordering::SeqCst);
    let next = Running::start(hanging.runtime(database).await).await;
    let applied = rows(store, APPLIED).await[0];
    until(async || rows(store, APPLIED).await[0] > applied).await;
    until(async || hanging.handled.load(Ordering::SeqCst) > 0).await;
    is_stopped.store(true, Ordering::SeqCst);
    let count = 4 * load.await.unwrap();
    until(async || rows(store, APPLIED).await == [count as i64]).await;
    until(async || hanging.handled.load(Ordering::SeqCst) >= count).await;
    next.end().await;
    let halted = "SELECT count(*) FROM {eventsource_shard} WHERE halted IS NOT NULL";
    assert_eq!(rows(store, halted).await, [0]);
}
