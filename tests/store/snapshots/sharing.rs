//! Snapshots that several programs keep, or may not keep.

use std::collections::HashMap;
use std::sync::{Arc, Barrier, Mutex};

use eventsource_core::{EntityId, Fold, RecordedEvent, Seq, Snapshot};
use serde::{Deserialize, Serialize};
use tasks::TaskEvent;

use crate::snapshots::folds::{Story, count, read, revise, revised};
use crate::support::database::Database;
use crate::support::plain_sql::{assert_refused, execute};

/// A fold whose first reader stands still before it takes in one event, until it is let go.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Slow {
    events: u32,
    #[serde(skip)]
    applied: u32,
}

struct Gate {
    before: Seq,
    barrier: Arc<Barrier>,
}

static GATES: Mutex<Option<HashMap<EntityId, Gate>>> = Mutex::new(None);

impl Fold<TaskEvent> for Slow {
    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        let mut gates = GATES.lock().unwrap();
        let here = |gate: &Gate| gate.before == event.seq;
        let gates_of = gates.get_or_insert_default();
        if gates_of.get(&event.entity_id).is_some_and(here) {
            let gate = gates_of.remove(&event.entity_id).unwrap();
            drop(gates);
            // What else this thread is to do others do meanwhile.
            tokio::task::block_in_place(|| {
                gate.barrier.wait();
                gate.barrier.wait();
            });
        }
        self.events += 1;
        self.applied += 1;
    }
}

impl Snapshot<TaskEvent> for Slow {
    const NAME: &'static str = "slow";
    const VERSION: u32 = 1;
    const EVERY: u32 = 1;
}

/// The one who began earlier and ends later has the older value.
pub async fn a_slower_reader_takes_nothing_back(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 4).await;
    let barrier = Arc::new(Barrier::new(2));
    let gate = Gate {
        before: Seq::new(5),
        barrier: Arc::clone(&barrier),
    };
    GATES
        .lock()
        .unwrap()
        .get_or_insert_default()
        .insert(id, gate);
    let slow = tasks.clone();
    let slow = tokio::spawn(async move {
        let folded = slow.fold::<Slow>(id).with_snapshots().await;
        folded.unwrap().unwrap().data
    });
    tokio::task::block_in_place(|| barrier.wait());
    revise(&tasks, id, 3).await;
    let later = tasks.fold::<Slow>(id).with_snapshots().await.unwrap();
    assert_eq!(later.unwrap().data.events, 8);
    tokio::task::block_in_place(|| barrier.wait());
    assert_eq!(slow.await.unwrap().events, 5);

    let next = tasks.fold::<Slow>(id).with_snapshots().await.unwrap();
    let next = next.unwrap().data;
    assert_eq!((next.events, next.applied), (8, 0));
}

/// Two programs read and write the same entity, and each keeps what it reads.
pub async fn programs_that_keep_at_the_same_time(database: &Database) {
    if database.is_in_memory() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let other = database.opener().await.unwrap();
    let other = other.open::<TaskEvent>().await.unwrap();
    let id = revised(&tasks, 2).await;
    let mut readers = tokio::task::JoinSet::new();
    for tasks in [&tasks, &other, &tasks, &other] {
        let tasks = tasks.clone();
        readers.spawn(async move {
            for _ in 0..15 {
                tasks.append(id, TaskEvent::Revised).await.unwrap();
                let folded = tasks
                    .fold::<Story<1>>(id)
                    .with_snapshots()
                    .await
                    .unwrap()
                    .unwrap();
                let until = tasks
                    .fold::<Story<1>>(id)
                    .as_of(folded.head.seq)
                    .await
                    .unwrap();
                assert_eq!(Some(folded), until);
            }
        });
    }
    let pool = database.sql().await.unwrap();
    let mut seen = 0;
    while !readers.is_empty() {
        let seq = "SELECT CAST(coalesce(max(seq), 0) AS bigint) FROM eventsource_snapshot";
        let now = count(&pool, seq).await;
        assert!(now >= seen, "{now} after {seen}");
        seen = now;
        while let Some(done) = readers.try_join_next() {
            done.unwrap();
        }
    }
    read::<1>(&tasks, id).await;
    assert_eq!(read::<1>(&other, id).await, 0);
    assert_eq!(tasks.load(id).await.unwrap().unwrap().seq.get(), 63);
}

pub async fn forgotten_are_those_of_one_fold(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (one, other) = (revised(&tasks, 2).await, revised(&tasks, 3).await);
    for id in [one, other] {
        read::<1>(&tasks, id).await;
        tasks.fold::<Slow>(id).with_snapshots().await.unwrap();
    }
    assert_eq!(tasks.forget_snapshots::<Story<1>>().await.unwrap(), 2);
    assert_eq!(tasks.forget_snapshots::<Story<1>>().await.unwrap(), 0);
    assert_eq!(read::<1>(&tasks, one).await, 3);
    assert_eq!(tasks.forget_snapshots::<Slow>().await.unwrap(), 2);
}

/// Who may only read uses what others keep, and nothing tells that it cannot keep anything.
pub async fn who_may_not_write_goes_without(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 5).await;
    let (Some(reader), Some(read_only), Some(writer)) = (
        database.connect_as("reader").await,
        database
            .connect_set("default_transaction_read_only=on")
            .await,
        database.connect_as("writer").await,
    ) else {
        return;
    };
    let reader = reader.open::<TaskEvent>().await.unwrap();
    let read_only = read_only.open::<TaskEvent>().await.unwrap();
    let writer = writer.open::<TaskEvent>().await.unwrap();
    for _ in 0..2 {
        assert_eq!(read::<1>(&reader, id).await, 6);
        assert_eq!(read::<1>(&read_only, id).await, 6);
    }
    reader.forget_snapshots::<Story<1>>().await.unwrap_err();
    assert_eq!(read::<1>(&writer, id).await, 6);
    assert_eq!(read::<1>(&reader, id).await, 0);
    assert_eq!(read::<1>(&read_only, id).await, 0);
    assert_eq!(writer.forget_snapshots::<Story<1>>().await.unwrap(), 1);

    let plain = database.sql_as("reader").await.unwrap();
    for sql in [
        "DELETE FROM eventsource_snapshot",
        "UPDATE eventsource_snapshot SET seq = 1",
        "INSERT INTO eventsource_snapshot SELECT * FROM eventsource_snapshot",
    ] {
        assert_refused(execute(&plain, sql).await, sql);
    }
    // Nor is it read where that is not allowed.
    let owner = database.sql().await.unwrap();
    let revoke = format!(
        "REVOKE ALL ON eventsource_snapshot FROM {}",
        database.role("writer")
    );
    execute(&owner, &revoke).await.unwrap();
    assert_eq!(read::<1>(&writer, id).await, 6);
    // Whoever migrates as the owner gives the right again.
    database.events::<TaskEvent>().await;
    let store = database.connect_as("writer").await.unwrap();
    let writer = store.open::<TaskEvent>().await.unwrap();
    assert_eq!(read::<1>(&writer, id).await, 6);
    assert_eq!(read::<1>(&writer, id).await, 0);
}

/// Tables of an earlier version, which has kept nothing.
pub async fn a_database_of_old_goes_without_until_it_is_migrated(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let id = revised(&tasks, 5).await;
    execute(&pool, "DROP TABLE eventsource_snapshot")
        .await
        .unwrap();
    let old = database.store().open::<TaskEvent>().await.unwrap();
    for _ in 0..2 {
        assert_eq!(read::<1>(&old, id).await, 6);
    }
    old.append(id, TaskEvent::Revised).await.unwrap();
    // Who may not create it is not kept from its work.
    if let Some(writer) = database.connect_as("writer").await {
        let tasks = writer.migrate::<TaskEvent>().await.unwrap();
        assert_eq!(read::<1>(&tasks, id).await, 7);
    }
    let tasks = database.events::<TaskEvent>().await;
    assert_eq!(read::<1>(&tasks, id).await, 7);
    assert_eq!(read::<1>(&tasks, id).await, 0);
    if let Some(writer) = database.connect_as("writer").await {
        let tasks = writer.open::<TaskEvent>().await.unwrap();
        assert_eq!(tasks.forget_snapshots::<Story<1>>().await.unwrap(), 1);
    }
}
