//! Handlers that write in the transaction that moves their checkpoint: exactly once in effect.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use eventsource_core::{EntityId, EventStore, Failure, Store, StoreOptions};
use eventsource_runtime::testing::{Faults, Point};
use eventsource_runtime::{
    Delivery, Handler, OnFailure, RetryPolicy, Runtime, RuntimeBuilder, handler,
};
use tasks::TaskEvent;

use crate::handlers::{Running, parked, start_tasks, tasks};
use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::waiting::{until, within};

on! { sqlite_memory, sqlite_file, postgres:
    handler_in_transaction_writes_each_event_once_and_in_order,
    failures_around_a_commit_leave_each_event_written_once,
    poisonous_event_in_transaction_leaves_nothing_and_others_go_on,
    outage_of_handler_in_transaction_sets_few_keys_aside,
    transaction_is_only_for_a_handler_that_asks_for_it,
}

on! { sqlite_file, postgres:
    two_workers_write_each_event_once,
}

on! { postgres:
    statement_that_fails_unnoticed_sets_its_event_aside,
}

/// Points that a handler passes.
const POINTS: [Point; 4] = [
    Point::BeforeHandler,
    Point::AfterHandler,
    Point::BeforeCommit,
    Point::AfterCommit,
];

/// Handler that writes each event into a table, after it has looked for those before it.
#[derive(Clone, Default)]
struct Ledger {
    /// Entity whose events fail after they were written, unless it is mended.
    poison: Option<EntityId>,
    is_mended: Arc<AtomicBool>,
}

impl Handler<TaskEvent> for Ledger {
    async fn handle(&self, delivery: Delivery<TaskEvent>) -> Result<(), Failure> {
        let event = &delivery.event;
        let id = event.entity_id.to_string();
        let mut transaction = delivery.transaction()?;
        let before = "SELECT count(*) FROM {ledger} WHERE entity_id = $1";
        let before: i64 = transaction.fetch(before, (&id,)).await?[0].get(0)?;
        if before + 1 != i64::from(event.seq.get()) {
            return Err(Failure::halt(format!("#{} after {before}", event.seq)));
        }
        assert_eq!(transaction.position(), Some(delivery.position));
        let insert = "INSERT INTO {ledger} (entity_id, seq) VALUES ($1, $2)";
        let row = (&id, i64::from(event.seq.get()));
        transaction.execute(insert, row).await?;
        let fails = self.poison == Some(event.entity_id) && !self.is_mended.load(Ordering::SeqCst);
        match fails {
            true => Err(Failure::retry("this one never")),
            false => Ok(()),
        }
    }
}

/// Opens the tasks, with a table for the handler.
async fn with_table(database: &Database) -> EventStore<TaskEvent> {
    let tasks = tasks(database).await;
    let mut transaction = database.store().begin().await.unwrap();
    let table = "CREATE TABLE {ledger} (entity_id text NOT NULL, seq bigint NOT NULL)";
    transaction.execute(table, ()).await.unwrap();
    transaction.commit().await.unwrap();
    tasks
}

fn ledger(store: &Store, tasks: &EventStore<TaskEvent>, ledger: Ledger) -> RuntimeBuilder {
    let subscription = handler("ledger", ledger).reads(tasks).shards(4);
    Runtime::new(store).add(subscription.retry(soon()).in_transaction())
}

/// Waits that are over within a test.
fn soon() -> RetryPolicy {
    let policy = RetryPolicy::default().in_place(3, Duration::from_millis(60));
    policy.waits(Duration::from_millis(100), Duration::from_millis(400))
}

/// Reads which events of each entity were written, in order.
async fn written(store: &Store) -> HashMap<String, Vec<i64>> {
    let mut transaction = store.begin().await.unwrap();
    let select = "SELECT entity_id, seq FROM {ledger} ORDER BY entity_id, seq";
    let rows = transaction.fetch(select, ()).await.unwrap();
    let mut written = HashMap::<_, Vec<i64>>::new();
    for row in rows {
        let id = row.get::<String>(0).unwrap();
        written.entry(id).or_default().push(row.get(1).unwrap());
    }
    written
}

/// Counts what was written.
async fn count(store: &Store) -> usize {
    written(store).await.values().map(Vec::len).sum()
}

/// Checks that each of these entities has had its four events written, once, and no other has.
async fn assert_written(store: &Store, ids: &[EntityId]) {
    let written = written(store).await;
    assert_eq!(written.len(), ids.len());
    for id in ids {
        assert_eq!(written[&id.to_string()], [1, 2, 3, 4], "{id}");
    }
}

async fn handler_in_transaction_writes_each_event_once_and_in_order(database: &Database) {
    let tasks = with_table(database).await;
    let store = database.store();
    let before = start_tasks(&tasks, 40).await;
    let running = Running::start(ledger(store, &tasks, Ledger::default())).await;
    let after = start_tasks(&tasks, 40).await;
    until(async || count(store).await == 320).await;
    running.end().await;
    assert_written(store, &[before, after].concat()).await;
    let runtime = ledger(store, &tasks, Ledger::default()).build().await;
    runtime.unwrap().settle().await.unwrap();
    assert_eq!(count(store).await, 320);
}

async fn failures_around_a_commit_leave_each_event_written_once(database: &Database) {
    let tasks = with_table(database).await;
    let store = database.store();
    let reached = Arc::new([const { AtomicU32::new(0) }; 4]);
    let counted = Arc::clone(&reached);
    let faults = Faults::new(move |point, _| {
        let place = POINTS.iter().position(|it| *it == point).unwrap();
        // There are few commits, of many events each.
        let every = [29, 37, 5, 6][place];
        let fails = counted[place].fetch_add(1, Ordering::SeqCst) % every == every - 1;
        async move {
            match fails {
                true => Err("the answer is lost".into()),
                false => Ok(()),
            }
        }
    });
    let runtime = ledger(store, &tasks, Ledger::default()).faults(faults);
    let running = Running::start(runtime).await;
    let mut ids = Vec::new();
    while ids.len() < 40 || reached[2].load(Ordering::SeqCst) < 12 {
        ids.extend(start_tasks(&tasks, 4).await);
        assert!(ids.len() < 4000, "{reached:?}");
    }
    until(async || count(store).await >= 4 * ids.len()).await;
    until(async || parked(store).await == (0, 0)).await;
    running.end().await;
    assert_written(store, &ids).await;
}

async fn two_workers_write_each_event_once(database: &Database) {
    let tasks = with_table(database).await;
    let store = database.store();
    let first = Running::start(ledger(store, &tasks, Ledger::default())).await;
    let mut ids = start_tasks(&tasks, 20).await;
    let second = Running::start(ledger(store, &tasks, Ledger::default())).await;
    ids.extend(start_tasks(&tasks, 40).await);
    first.kill().await;
    ids.extend(start_tasks(&tasks, 20).await);
    until(async || count(store).await >= 320).await;
    second.end().await;
    assert_written(store, &ids).await;
}

async fn poisonous_event_in_transaction_leaves_nothing_and_others_go_on(database: &Database) {
    let tasks = with_table(database).await;
    let store = database.store();
    let mut ids = start_tasks(&tasks, 30).await;
    let poisoned = ids.swap_remove(7);
    let picky = Ledger {
        poison: Some(poisoned),
        ..Ledger::default()
    };
    let running = Running::start(ledger(store, &tasks, picky.clone())).await;
    until(async || parked(store).await == (4, 1)).await;
    tasks.append(poisoned, reassigned("bob")).await.unwrap();
    ids.extend(start_tasks(&tasks, 10).await);
    until(async || parked(store).await == (5, 1)).await;
    until(async || count(store).await == 39 * 4).await;
    // It was tried again and again, and nothing of it is left.
    assert_written(store, &ids).await;
    picky.is_mended.store(true, Ordering::SeqCst);
    until(async || parked(store).await == (0, 0)).await;
    running.end().await;
    let written = written(store).await;
    assert_eq!(written[&poisoned.to_string()], [1, 2, 3, 4, 5]);
    assert_eq!(count(store).await, 39 * 4 + 5);
}

async fn outage_of_handler_in_transaction_sets_few_keys_aside(database: &Database) {
    let tasks = with_table(database).await;
    let store = database.store();
    let (is_up, asked) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let (up, counted, books) = (Arc::clone(&is_up), Arc::clone(&asked), Ledger::default());
    let down = move |delivery: Delivery<TaskEvent>| {
        counted.fetch_add(1, Ordering::SeqCst);
        let (is_up, books) = (up.load(Ordering::SeqCst), books.clone());
        async move {
            books.handle(delivery).await?;
            match is_up {
                true => Ok(()),
                false => Err(Failure::retry("nobody answers")),
            }
        }
    };
    let ids = start_tasks(&tasks, 40).await;
    let subscription = handler("ledger", down).reads(&tasks).shards(1);
    let subscription = subscription.retry(soon()).in_transaction();
    let running = Running::start(Runtime::new(store).add(subscription)).await;
    // Four keys with three tries each, the fifth opens the breaker, and then there are probes.
    until(async || asked.load(Ordering::SeqCst) >= 15).await;
    let (_, keys) = parked(store).await;
    assert!(keys <= 8, "{keys} keys were set aside");
    assert_eq!(count(store).await, 0);
    is_up.store(true, Ordering::SeqCst);
    until(async || count(store).await == 160).await;
    running.end().await;
    assert_written(store, &ids).await;
}

async fn transaction_is_only_for_a_handler_that_asks_for_it(database: &Database) {
    let tasks = with_table(database).await;
    start_tasks(&tasks, 1).await;
    let subscription = handler("ledger", Ledger::default()).reads(&tasks);
    let runtime = Runtime::new(database.store()).add(subscription).build();
    let error = runtime.await.unwrap().settle().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "'ledger' has halted at position 1: the handler has no transaction: say `.in_transaction()` \
         where its subscription is built"
    );
    assert_eq!(count(database.store()).await, 0);
}

async fn statement_that_fails_unnoticed_sets_its_event_aside(database: &Database) {
    let tasks = with_table(database).await;
    let ids = start_tasks(&tasks, 5).await;
    let (careless, books) = (ids[2], Ledger::default());
    let careless = move |delivery: Delivery<TaskEvent>| {
        let books = books.clone();
        async move {
            if delivery.event.entity_id == careless {
                let mut transaction = delivery.transaction()?;
                let _ = transaction.execute("SELECT 1 / 0", ()).await;
                return Ok(());
            }
            books.handle(delivery).await
        }
    };
    let subscription = handler("ledger", careless).reads(&tasks).shards(1);
    let subscription = subscription.retry(soon()).on_failure(OnFailure::Halt);
    let runtime = Runtime::new(database.store()).add(subscription.in_transaction());
    let error = runtime.build().await.unwrap().settle().await.unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with(
            "'ledger' has halted at position 9: a statement of the handler has failed"
        ),
        "{error}"
    );
    assert_written(database.store(), &ids[..2]).await;
}

const KILLED: &str = "killed here";
const SETTLED: &str = "settled";

#[tokio::test(flavor = "multi_thread")]
async fn workers_killed_at_each_point_write_each_event_once_on_postgres() {
    const TEST: &str =
        "in_transaction::workers_killed_at_each_point_write_each_event_once_on_postgres";
    match child::role() {
        Some(role) => work(&role).await,
        None => kill(TEST, &Database::postgres().await).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_killed_at_each_point_write_each_event_once_on_sqlite() {
    const TEST: &str =
        "in_transaction::workers_killed_at_each_point_write_each_event_once_on_sqlite";
    match child::role() {
        Some(role) => work(&role).await,
        None => kill(TEST, &Database::sqlite_file().await).await,
    }
}

/// Kills a worker at each point, where it was reached often or not; the last one comes through.
async fn kill(test: &str, database: &Database) {
    let tasks = with_table(database).await;
    let store = database.store();
    let mut ids = Vec::new();
    for point in POINTS {
        for skip in [1, 2, 30, u32::MAX] {
            ids.extend(start_tasks(&tasks, 10).await);
            let place = format!("{} {}", database.schema().unwrap_or("-"), database.url());
            let mut worker = Process::start(test, &format!("{point} {skip} {place}"));
            let line = within(worker.line()).await;
            match line.as_deref() {
                Some(KILLED) => worker.signal("KILL").await,
                Some(SETTLED) => (),
                line => panic!("{point}: the worker says {line:?}"),
            }
            worker.ended().await;
            // Its lease has expired; the test does not wait for that.
            let mut transaction = store.begin().await.unwrap();
            let expired = "DELETE FROM {eventsource_worker}";
            transaction.execute(expired, ()).await.unwrap();
            transaction.commit().await.unwrap();
            if skip == u32::MAX {
                assert_eq!(line.as_deref(), Some(SETTLED));
                assert_written(store, &ids).await;
            }
        }
    }
}

/// Runs the handler until nothing is left to do, or the point is reached for the last time.
async fn work(role: &str) {
    let [point, skip, schema, url] = role.splitn(4, ' ').collect::<Vec<_>>()[..] else {
        panic!("{role}");
    };
    let mut options = StoreOptions::new(url);
    if schema != "-" {
        options = options.schema(schema);
    }
    let store = options.connect().await.unwrap();
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let (point, left) = (point.to_owned(), AtomicU32::new(skip.parse().unwrap()));
    let faults = Faults::new(move |reached, _| {
        let here = reached.to_string() == point;
        let stops = here && left.fetch_sub(1, Ordering::SeqCst) == 1;
        async move {
            if stops {
                child::send(KILLED);
                std::future::pending::<()>().await;
            }
            Ok(())
        }
    });
    let runtime = ledger(&store, &tasks, Ledger::default()).faults(faults);
    runtime.build().await.unwrap().settle().await.unwrap();
    child::send(SETTLED);
}
