//! Snapshots that several stores save, or may not save.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use eventsource_core::{EntityId, Fold, RecordedEvent, Seq, Snapshot};
use serde::{Deserialize, Serialize};
use sqlx::{AnyPool, AssertSqlSafe};
use tasks::TaskEvent;

use super::story::{Story, read, revise, revised};
use crate::support::database::Database;
use crate::support::plain_sql::{assert_refused, execute};
use crate::support::waiting::until_not_busy;

on_every_database! {
    and sqlite_memory:
    slower_reader_does_not_overwrite_newer_snapshot,
}

on_every_database! {
    concurrent_stores_saving_snapshots_agree,
    forget_snapshots_removes_those_of_one_fold,
    fold_without_snapshot_table_works_until_migration,
}

on_postgres! {
    writer_without_snapshot_table_can_migrate_and_fold,
    fold_without_right_to_write_uses_snapshot_of_others,
}

/// Fold whose first reader stands still before one event, until it is let go.
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

/// Lets a reader begin before another one and end after it, with an older value.
async fn slower_reader_does_not_overwrite_newer_snapshot(database: &Database) {
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
        folded.unwrap().unwrap().value
    });
    tokio::task::block_in_place(|| barrier.wait());
    revise(&tasks, id, 3).await;
    let later = tasks.fold::<Slow>(id).with_snapshots().await.unwrap();
    assert_eq!(later.unwrap().value.events, 8);
    tokio::task::block_in_place(|| barrier.wait());
    assert_eq!(slow.await.unwrap().events, 5);

    let next = tasks.fold::<Slow>(id).with_snapshots().await.unwrap();
    let next = next.unwrap().value;
    assert_eq!((next.events, next.applied), (8, 0));
}

/// Appends and folds from two stores, each of which saves snapshots.
async fn concurrent_stores_saving_snapshots_agree(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let other = database.another_store().await;
    let other = other.open::<TaskEvent>().await.unwrap();
    let id = revised(&tasks, 2).await;
    let mut readers = tokio::task::JoinSet::new();
    for tasks in [&tasks, &other, &tasks, &other] {
        let tasks = tasks.clone();
        readers.spawn(async move {
            for _ in 0..15 {
                let append = || tasks.append(id, TaskEvent::Revised).into_future();
                until_not_busy(append).await.unwrap();
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
    let pool = database.sql().await;
    let mut seen = 0;
    let mut pause = tokio::time::interval(Duration::from_millis(5));
    while !readers.is_empty() {
        pause.tick().await;
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
    assert_eq!(tasks.head(id).await.unwrap().unwrap().seq.get(), 63);
}

async fn forget_snapshots_removes_those_of_one_fold(database: &Database) {
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

/// Folds in the name of roles that may not write: they use snapshots and save none, without an error.
async fn fold_without_right_to_write_uses_snapshot_of_others(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 5).await;
    let reader = database.connect_as("reader").await;
    let read_only = database
        .connect_set("default_transaction_read_only=on")
        .await;
    let writer = database.connect_as("writer").await;
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

    let plain = database.sql_as("reader").await;
    for sql in [
        "DELETE FROM eventsource_snapshot",
        "UPDATE eventsource_snapshot SET seq = 1",
        "INSERT INTO eventsource_snapshot SELECT * FROM eventsource_snapshot",
    ] {
        assert_refused(execute(&plain, sql).await, sql);
    }
    // Nor is it read where that is not allowed.
    let owner = database.sql().await;
    let revoke = format!(
        "REVOKE ALL ON eventsource_snapshot FROM {}",
        database.role("writer")
    );
    execute(&owner, &revoke).await.unwrap();
    assert_eq!(read::<1>(&writer, id).await, 6);
    // Whoever migrates as the owner gives the right again.
    database.events::<TaskEvent>().await;
    let store = database.connect_as("writer").await;
    let writer = store.open::<TaskEvent>().await.unwrap();
    assert_eq!(read::<1>(&writer, id).await, 6);
    assert_eq!(read::<1>(&writer, id).await, 0);
}

/// Drops the table, as in a database of an earlier version.
async fn fold_without_snapshot_table_works_until_migration(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let id = revised(&tasks, 5).await;
    execute(&pool, "DROP TABLE eventsource_snapshot")
        .await
        .unwrap();
    let old = database.store().open::<TaskEvent>().await.unwrap();
    for _ in 0..2 {
        assert_eq!(read::<1>(&old, id).await, 6);
    }
    old.append(id, TaskEvent::Revised).await.unwrap();
    let tasks = database.events::<TaskEvent>().await;
    assert_eq!(read::<1>(&tasks, id).await, 7);
    assert_eq!(read::<1>(&tasks, id).await, 0);
}

/// Migrates and folds in the name of a role that may not create the table.
async fn writer_without_snapshot_table_can_migrate_and_fold(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 5).await;
    let pool = database.sql().await;
    execute(&pool, "DROP TABLE eventsource_snapshot")
        .await
        .unwrap();
    let writer = database.connect_as("writer").await;
    let tasks = writer.migrate::<TaskEvent>().await.unwrap();
    for _ in 0..2 {
        assert_eq!(read::<1>(&tasks, id).await, 6);
    }
    // The owner makes it, with the rights of the writer.
    database.events::<TaskEvent>().await;
    let writer = database.connect_as("writer").await;
    let tasks = writer.open::<TaskEvent>().await.unwrap();
    assert_eq!(read::<1>(&tasks, id).await, 6);
    assert_eq!(read::<1>(&tasks, id).await, 0);
    assert_eq!(tasks.forget_snapshots::<Story<1>>().await.unwrap(), 1);
}

async fn count(pool: &AnyPool, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}
