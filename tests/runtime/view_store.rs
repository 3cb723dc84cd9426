//! Views that a runtime fills, as programs read them: fresh, and through rebuilds.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use eventsource_core::{EntityId, Error, EventStore, Keys, Reads, RecordedEvent, View};
use eventsource_runtime::{Note, Runtime, RuntimeError, catch_up, projection};
use serde::{Deserialize, Serialize};
use tasks::TaskEvent;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::models::{Seen, is_long, start_tasks};
use crate::support::database::Database;
use crate::support::machines::{assigned, created};
use crate::support::waiting::within;
use crate::views::Desk;

on! { sqlite_memory, sqlite_file, postgres:
    view_of_a_runtime_is_read_by_its_store,
    fresh_read_of_a_halted_view_fails_at_once,
}

on! { sqlite_file, postgres:
    readers_see_one_whole_generation_during_rebuilds,
    fresh_reads_of_another_store_are_never_stale,
    interrupted_rebuild_equals_live_while_others_append,
}

fn note() -> Note {
    Note::by("ann", "a test")
}

/// Appends a task that is assigned.
async fn assign(tasks: &EventStore<TaskEvent>, who: &str) {
    let task = tasks.append(EntityId::new(), created());
    task.event(assigned(who)).await.unwrap();
}

async fn view_of_a_runtime_is_read_by_its_store(database: &Database) {
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let view = catch_up::<Desk>().reads(&tasks).shards(2);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    assign(&tasks, "bob").await;
    let short = Duration::from_millis(20);
    let desks = store.view::<Desk>();
    let behind = desks.get(&"bob".to_owned()).fresh().within(short).await;
    assert!(matches!(behind, Err(Error::Behind { .. })), "{behind:?}");
    runtime.settle().await.unwrap();
    let bob = desks.get(&"bob".to_owned()).fresh().await.unwrap();
    assert_eq!(bob.unwrap().tasks, 1);
    assert_eq!(desks.list().fresh().await.unwrap().rows.len(), 2);
    runtime.rebuild("desk", note()).await.unwrap();
    runtime.settle().await.unwrap();
    let all = desks.get(&"all".to_owned()).fresh().await.unwrap();
    assert_eq!(all.unwrap().tasks, 1);
}

/// View that cannot be stored once it has seen an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Broken {
    #[serde(skip_deserializing)]
    seen: u32,
}

impl View for Broken {
    const NAME: &'static str = "broken";
    const VERSION: u32 = 1;
    type Key = String;
}

impl Reads<TaskEvent> for Broken {
    fn keys(_event: &RecordedEvent<TaskEvent>) -> Keys<String> {
        "all".to_owned().into()
    }

    fn apply(&mut self, _event: &RecordedEvent<TaskEvent>) {
        self.seen += 1;
    }
}

/// Waits far less than the read would.
async fn fresh_read_of_a_halted_view_fails_at_once(database: &Database) {
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let view = catch_up::<Broken>().reads(&tasks);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    assign(&tasks, "bob").await;
    let halted = within(runtime.settle()).await.unwrap_err();
    assert!(matches!(halted, RuntimeError::Halted { .. }), "{halted}");
    let all = "all".to_owned();
    let read = store.view::<Broken>().get(&all).fresh();
    let read = within(read.within(Duration::from_hours(1)).into_future()).await;
    assert!(matches!(read, Err(Error::Halted { .. })), "{read:?}");
}

/// Marks of a database that is read while it is rebuilt: each generation is made with another.
static MARKS: [AtomicU32; 2] = [AtomicU32::new(1), AtomicU32::new(1)];

/// Row that says with which mark it was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Marked<const N: usize> {
    events: u32,
    mark: u32,
}

impl<const N: usize> View for Marked<N> {
    const NAME: &'static str = "marked";
    const VERSION: u32 = 1;
    type Key = String;
}

impl<const N: usize> Reads<TaskEvent> for Marked<N> {
    fn keys(event: &RecordedEvent<TaskEvent>) -> Keys<String> {
        match &event.event {
            TaskEvent::Assigned { assignee } => assignee.clone().into(),
            _ => Keys::none(),
        }
    }

    fn apply(&mut self, _event: &RecordedEvent<TaskEvent>) {
        self.events += 1;
        self.mark = MARKS[N].load(Ordering::Relaxed);
    }
}

async fn readers_see_one_whole_generation_during_rebuilds(database: &Database) {
    match database.is_postgres() {
        true => read_during_rebuilds::<0>(database).await,
        false => read_during_rebuilds::<1>(database).await,
    }
}

async fn read_during_rebuilds<const N: usize>(database: &Database) {
    const ROWS: usize = 16;
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let view = catch_up::<Marked<N>>().reads(&tasks);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    for number in 0..2 * ROWS {
        assign(&tasks, &format!("person {:02}", number % ROWS)).await;
    }
    runtime.settle().await.unwrap();
    let (stop, answers) = (CancellationToken::new(), Arc::new(AtomicU64::new(0)));
    let mut readers = JoinSet::new();
    for _ in 0..8 {
        let (store, stop, answers) = (store.clone(), stop.clone(), answers.clone());
        readers.spawn(async move {
            let mut last = 0;
            while !stop.is_cancelled() {
                let page = store.view::<Marked<N>>().list().await.unwrap();
                let mark = page.rows[0].value.mark;
                let is_whole = |row: &eventsource_core::ViewRow<Marked<N>>| {
                    (row.value.events, row.value.mark) == (2, mark)
                };
                assert_eq!(page.rows.len(), ROWS, "{page:?}");
                assert!(page.rows.iter().all(is_whole), "{page:?}");
                assert!(mark >= last, "{mark} after {last}");
                last = mark;
                answers.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    for round in 2..22 {
        MARKS[N].store(round, Ordering::Relaxed);
        runtime.rebuild("marked", note()).await.unwrap();
        within(runtime.settle()).await.unwrap();
        // Readers that have just found it find another one.
        let dropped = store.retire_generation("marked", round - 1).await;
        assert!(dropped.unwrap());
        let page = store.view::<Marked<N>>().list().await.unwrap();
        assert_eq!(page.rows[0].value.mark, round);
        let before = answers.load(Ordering::Relaxed);
        crate::support::waiting::until(async || answers.load(Ordering::Relaxed) > before).await;
    }
    stop.cancel();
    while let Some(reader) = readers.join_next().await {
        reader.unwrap();
    }
}

/// Each client appends by one store, and reads by another.
async fn fresh_reads_of_another_store_are_never_stale(database: &Database) {
    const CLIENTS: usize = 16;
    let rounds = if is_long() { 10_000 } else { 208 };
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let view = catch_up::<Desk>().reads(&tasks).shards(4);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.run_until(stop.clone().cancelled_owned()));
    let other = database.another_store().await;
    let theirs = other.open::<TaskEvent>().await.unwrap();
    let committed = Arc::new(AtomicU32::new(0));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (tasks, other, committed) = (theirs.clone(), other.clone(), committed.clone());
        clients.spawn(async move {
            let who = format!("client {client}");
            for round in 1..=rounds / CLIENTS {
                assign(&tasks, &who).await;
                let before = committed.fetch_add(1, Ordering::SeqCst) + 1;
                let desks = other.view::<Desk>();
                let own = desks.get(&who).fresh().within(Duration::from_mins(3));
                let own = own.await.unwrap().unwrap();
                assert_eq!(own.tasks as usize, round, "stale");
                let all = "all".to_owned();
                let all = desks.get(&all).fresh().within(Duration::from_mins(3));
                let all = all.await.unwrap().unwrap();
                assert!(all.tasks >= before, "stale: {} of {before}", all.tasks);
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    stop.cancel();
    running.await.unwrap();
}

/// Numbers that a case repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        let (factor, step) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.0 = self.0.wrapping_mul(factor).wrapping_add(step);
        (self.0 >> 33) % limit
    }
}

/// Stops the rebuild at random, and goes on with it, until it is live; then compares it with another one.
async fn interrupted_rebuild_equals_live_while_others_append(database: &Database) {
    let cases = if is_long() { 500 } else { 10 };
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    for case in 0..cases {
        let mut random = Random(case);
        let shards = [1, 4][random.below(2) as usize];
        let runtime = Runtime::new(store)
            .add(catch_up::<Desk>().reads(&tasks).shards(shards))
            .add(projection(Seen).reads(&tasks));
        let runtime = runtime.build().await.unwrap();
        for _ in 0..=random.below(7) {
            assign(&tasks, &format!("person {}", random.below(9))).await;
        }
        start_tasks(&tasks, random.below(4) as usize).await;
        for name in ["desk", "seen"] {
            let rebuilt = runtime.rebuild(name, note()).await;
            let goes_on = matches!(rebuilt, Err(RuntimeError::Building { .. }));
            assert!(rebuilt.is_ok() || goes_on, "{rebuilt:?}");
        }
        let appending = async {
            for number in 0..10 {
                assign(&tasks, &format!("person {number}")).await;
            }
        };
        let interrupting = async {
            for _ in 0..5 {
                let some = Duration::from_millis(1 + random.below(20));
                let stop = tokio::time::sleep(some);
                runtime.clone().run_until(stop).await;
            }
        };
        tokio::join!(appending, interrupting);
        within(runtime.settle()).await.unwrap();
        for name in ["desk", "seen"] {
            let verified = within(runtime.verify(name, note())).await.unwrap();
            assert!(verified.is_equal(), "case {case}, {name}: {verified:?}");
        }
        let old = store.generations("desk").await.unwrap();
        for generation in old.iter().filter(|generation| !generation.is_live) {
            store
                .retire_generation("desk", generation.generation)
                .await
                .unwrap();
        }
    }
}
