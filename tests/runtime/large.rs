//! Rebuild of a read model from many events, within a bound of memory.
//!
//! `EVENTSOURCE_LONG=1` takes a million events, in a process of its own:
//! `EVENTSOURCE_LONG=1 ./test -p eventsource-tests --test runtime -- large:: --nocapture`.

use std::time::Instant;

use eventsource_core::EntityId;
use eventsource_runtime::{Note, Runtime, catch_up};
use futures_util::{StreamExt, stream};
use tasks::TaskEvent;

use crate::models::is_long;
use crate::support::database::Database;
use crate::support::events::started_events;
use crate::views::Desk;

on! { postgres:
    rebuild_of_many_events_takes_little_memory,
}

/// Most memory of the process while it rebuilds.
const MOST: u64 = 128 << 20;

/// Returns the most memory that the process has had since [`forget_peak`], where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}

fn forget_peak() {
    // Where it cannot be forgotten, what came before counts too.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

async fn rebuild_of_many_events_takes_little_memory(database: &Database) {
    let tasks_count = if is_long() { 250_000 } else { 500 };
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let events = stream::iter(0..tasks_count)
        .flat_map(|_| stream::iter(started_events(EntityId::new()).into_iter().map(Ok)));
    let imported = tasks.import(events).await.unwrap();
    assert_eq!(imported.events, 4 * tasks_count);
    // Positions are given to all of them.
    store.feed().committed_position().await.unwrap();
    let view = catch_up::<Desk>().reads(&tasks);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    forget_peak();
    let begun = Instant::now();
    runtime.settle().await.unwrap();
    let filled = begun.elapsed();
    let note = Note::by("ann", "a test");
    runtime.rebuild("desk", note).await.unwrap();
    let begun = Instant::now();
    runtime.settle().await.unwrap();
    let rebuilt = begun.elapsed();
    let all = store.view::<Desk>().get(&"all".to_owned()).fresh().await;
    assert_eq!(u64::from(all.unwrap().unwrap().tasks), tasks_count);
    let Some(peak) = peak() else { return };
    println!(
        "{} events: filled in {filled:?}, rebuilt in {rebuilt:?}, at most {} MiB",
        imported.events,
        peak >> 20
    );
    if is_long() {
        assert!(peak < MOST, "{} MiB", peak >> 20);
    }
}
