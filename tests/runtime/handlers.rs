//! Handlers: order, retries, keys that are set aside, outages.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventsource_core::{
    Actor, EntityId, Event, EventStore, EventType, Failure, ReadPolicy, ReadPolicyError, ReadScope,
    Seq, Store,
};
use eventsource_runtime::{Delivery, OnFailure, RetryPolicy, Runtime, RuntimeBuilder, handler};
use tasks::TaskEvent::{self, Completed, Started};
use tasks::TaskEventType;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::database::Database;
use crate::support::machines::{reassigned, until_started};
use crate::support::waiting::until;

on! { sqlite_memory, sqlite_file, postgres:
    handler_gets_every_event_once_and_in_order_of_its_entity,
    handler_gets_only_the_events_that_were_selected,
    handler_that_fails_is_tried_again_with_the_same_id,
    handler_that_panics_or_hangs_is_tried_again,
    poisonous_key_is_set_aside_and_others_go_on,
    key_that_was_set_aside_is_released_in_order,
    outage_sets_no_key_aside,
    handler_that_says_halt_halts_its_shard,
    what_the_reader_may_not_see_is_not_delivered,
}

/// Handler that remembers what it was given, and does with it as a test says.
type Deliveries = Arc<Mutex<Vec<(EntityId, Seq, u32, String)>>>;

/// Runtime in a task of its own.
pub struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn start(runtime: RuntimeBuilder) -> Self {
        let runtime = runtime.build().await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let until = async { stopped.await.unwrap_or_default() };
        Self {
            stop,
            task: tokio::spawn(runtime.run_until(until)),
        }
    }

    pub async fn end(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }

    /// Ends it as a process that is killed does: nothing is saved or given back.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Opens the tasks with the tables of the runtime.
pub async fn tasks(database: &Database) -> EventStore<TaskEvent> {
    let tasks = database.events::<TaskEvent>().await;
    database.store().migrate_runtime().await.unwrap();
    tasks
}

/// Makes started tasks: four events each.
pub async fn start_tasks(tasks: &EventStore<TaskEvent>, count: usize) -> Vec<EntityId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = EntityId::new();
        let [created, rest @ ..] = until_started();
        let first = tasks.append(id, created);
        let append = rest
            .into_iter()
            .fold(first, eventsource_core::Append::event);
        append.await.unwrap();
        ids.push(id);
    }
    ids
}

/// Waits that are over within a test.
fn soon() -> RetryPolicy {
    let (first, longest) = (Duration::from_millis(100), Duration::from_millis(400));
    let policy = RetryPolicy::default().in_place(3, Duration::from_millis(300));
    policy.waits(first, longest)
}

fn note(deliveries: &Deliveries, delivery: &Delivery<TaskEvent>) {
    deliveries.lock().unwrap().push((
        delivery.event.entity_id,
        delivery.event.seq,
        delivery.attempt,
        delivery.id.to_string(),
    ));
}

/// Checks that each of these entities has had its first events delivered in order, once.
fn assert_in_order(deliveries: &Deliveries, ids: &[EntityId], events: u32) {
    let mut next = HashMap::new();
    for (id, seq, ..) in deliveries.lock().unwrap().iter() {
        let next = next.entry(*id).or_insert(1);
        assert_eq!(seq.get(), *next, "{id}");
        *next += 1;
    }
    for id in ids {
        assert_eq!(next.get(id), Some(&(events + 1)), "{id}");
    }
}

pub async fn parked(store: &Store) -> (i64, i64) {
    let mut transaction = store.begin().await.unwrap();
    let count = "SELECT count(*), count(DISTINCT key) FROM {eventsource_parked}";
    let rows = transaction.fetch(count, ()).await.unwrap();
    (rows[0].get(0).unwrap(), rows[0].get(1).unwrap())
}

async fn handler_gets_every_event_once_and_in_order_of_its_entity(database: &Database) {
    let tasks = tasks(database).await;
    let deliveries = Deliveries::default();
    let runtime = || {
        let deliveries = Arc::clone(&deliveries);
        let remember = move |delivery: Delivery<TaskEvent>| {
            note(&deliveries, &delivery);
            async {
                tokio::task::yield_now().await;
                Ok::<_, Failure>(())
            }
        };
        Runtime::new(database.store()).add(handler("mails", remember).reads(&tasks))
    };
    let before = start_tasks(&tasks, 20).await;
    let running = Running::start(runtime()).await;
    let after = start_tasks(&tasks, 20).await;
    until(async || deliveries.lock().unwrap().len() == 160).await;
    running.end().await;
    let ids = [before, after].concat();
    assert_in_order(&deliveries, &ids, 4);
    // What was handled is not handled again.
    let runtime = runtime().build().await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(deliveries.lock().unwrap().len(), 160);
}

async fn handler_gets_only_the_events_that_were_selected(database: &Database) {
    let tasks = tasks(database).await;
    let deliveries = Deliveries::default();
    let ids = start_tasks(&tasks, 3).await;
    tasks.append(ids[1], Completed).await.unwrap();
    let (remember, chosen) = (Arc::clone(&deliveries), ids[1]);
    let remember = move |delivery: Delivery<TaskEvent>| {
        note(&remember, &delivery);
        async { Ok::<_, Failure>(()) }
    };
    let subscription = handler("mails", remember)
        .reads(&tasks)
        .only(&[TaskEventType::Started, TaskEventType::Completed])
        .having(move |event| event.entity_id == chosen)
        .keyed_by(|event| event.event.event_type().name().to_owned());
    let runtime = Runtime::new(database.store()).add(subscription);
    runtime.build().await.unwrap().settle().await.unwrap();
    let mut seqs: Vec<_> = (deliveries.lock().unwrap().iter())
        .map(|(id, seq, ..)| (*id, seq.get()))
        .collect();
    seqs.sort_unstable_by_key(|(_, seq)| *seq);
    assert_eq!(seqs, [(chosen, 4), (chosen, 5)]);
}

async fn handler_that_fails_is_tried_again_with_the_same_id(database: &Database) {
    let tasks = tasks(database).await;
    let deliveries = Deliveries::default();
    let remember = Arc::clone(&deliveries);
    let fails_twice = move |delivery: Delivery<TaskEvent>| {
        note(&remember, &delivery);
        async move {
            match delivery.attempt {
                1 | 2 => Err(Failure::retry("not yet")),
                _ => Ok(()),
            }
        }
    };
    let ids = start_tasks(&tasks, 1).await;
    let subscription = handler("mails", fails_twice).reads(&tasks).retry(soon());
    let subscription = subscription.only(&[TaskEventType::Started]);
    let runtime = Runtime::new(database.store()).add(subscription);
    runtime.build().await.unwrap().settle().await.unwrap();
    let deliveries = deliveries.lock().unwrap().clone();
    let attempts: Vec<_> = deliveries
        .iter()
        .map(|(_, _, attempt, _)| *attempt)
        .collect();
    assert_eq!(attempts, [1, 2, 3]);
    let event = tasks.history(ids[0]).await.unwrap().remove(3);
    assert!(
        deliveries
            .iter()
            .all(|(_, _, _, id)| *id == format!("mails/{}", event.id))
    );
    assert_eq!(parked(database.store()).await, (0, 0));
}

async fn handler_that_panics_or_hangs_is_tried_again(database: &Database) {
    let tasks = tasks(database).await;
    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    let bad = move |delivery: Delivery<TaskEvent>| {
        let done = Arc::clone(&counted);
        async move {
            match delivery.attempt {
                1 => panic!("at the first try"),
                2 => tokio::time::sleep(Duration::from_hours(1)).await,
                _ => (),
            }
            done.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Failure>(())
        }
    };
    start_tasks(&tasks, 1).await;
    let subscription = handler("mails", bad)
        .reads(&tasks)
        .only(&[TaskEventType::Started])
        .retry(RetryPolicy::default())
        .time_limit(Duration::from_millis(50));
    let runtime = Runtime::new(database.store()).add(subscription);
    runtime.build().await.unwrap().settle().await.unwrap();
    assert_eq!(done.load(Ordering::SeqCst), 1);
}

async fn poisonous_key_is_set_aside_and_others_go_on(database: &Database) {
    let tasks = tasks(database).await;
    let deliveries = Deliveries::default();
    let ids = start_tasks(&tasks, 30).await;
    let (remember, poison) = (Arc::clone(&deliveries), ids[7]);
    let picky = move |delivery: Delivery<TaskEvent>| {
        let is_poison = delivery.event.entity_id == poison;
        if !is_poison {
            note(&remember, &delivery);
        }
        async move {
            match is_poison {
                true => Err(Failure::park("this one never")),
                false => Ok(()),
            }
        }
    };
    let subscription = handler("mails", picky).reads(&tasks).retry(soon());
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    until(async || deliveries.lock().unwrap().len() == 29 * 4).await;
    until(async || parked(database.store()).await == (4, 1)).await;
    // Later events of the key follow those before them, and nobody else waits.
    tasks.append(poison, reassigned("bob")).await.unwrap();
    let more = start_tasks(&tasks, 10).await;
    until(async || deliveries.lock().unwrap().len() == 39 * 4).await;
    until(async || parked(database.store()).await == (5, 1)).await;
    running.end().await;
    let others: Vec<_> = ids
        .into_iter()
        .filter(|id| *id != poison)
        .chain(more)
        .collect();
    assert_in_order(&deliveries, &others, 4);
}

async fn key_that_was_set_aside_is_released_in_order(database: &Database) {
    let tasks = tasks(database).await;
    let deliveries = Deliveries::default();
    let is_mended = Arc::new(AtomicBool::new(false));
    let ids = start_tasks(&tasks, 5).await;
    let (remember, mended, broken) = (Arc::clone(&deliveries), Arc::clone(&is_mended), ids[2]);
    let fails = move |delivery: Delivery<TaskEvent>| {
        let fails = delivery.event.entity_id == broken && !mended.load(Ordering::SeqCst);
        if !fails {
            note(&remember, &delivery);
        }
        async move {
            match fails {
                true => Err(Failure::retry("not yet")),
                false => Ok(()),
            }
        }
    };
    let subscription = handler("mails", fails).reads(&tasks).retry(soon());
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    until(async || parked(database.store()).await == (4, 1)).await;
    tasks.append(broken, reassigned("bob")).await.unwrap();
    until(async || parked(database.store()).await == (5, 1)).await;
    is_mended.store(true, Ordering::SeqCst);
    until(async || parked(database.store()).await == (0, 0)).await;
    // The key is free: what comes now is delivered at once, after the others.
    let id = start_tasks(&tasks, 1).await[0];
    // An auto transition follows, so these are two.
    tasks.append(broken, Completed).await.unwrap();
    until(async || deliveries.lock().unwrap().len() == 4 * 4 + 4 + 7).await;
    running.end().await;
    assert_in_order(&deliveries, &[broken], 7);
    assert_in_order(&deliveries, &[ids[0], ids[1], ids[3], ids[4], id], 4);
}

async fn outage_sets_no_key_aside(database: &Database) {
    let tasks = tasks(database).await;
    let deliveries = Deliveries::default();
    let (is_up, asked) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let (remember, up, counted) = (
        Arc::clone(&deliveries),
        Arc::clone(&is_up),
        Arc::clone(&asked),
    );
    let down = move |delivery: Delivery<TaskEvent>| {
        let is_up = up.load(Ordering::SeqCst);
        counted.fetch_add(1, Ordering::SeqCst);
        if is_up {
            note(&remember, &delivery);
        }
        async move {
            match is_up {
                true => Ok(()),
                false => Err(Failure::retry("nobody answers")),
            }
        }
    };
    let ids = start_tasks(&tasks, 40).await;
    let subscription = handler("mails", down).reads(&tasks).retry(soon());
    let running = Running::start(Runtime::new(database.store()).add(subscription)).await;
    until(async || asked.load(Ordering::SeqCst) > 5).await;
    let begun = std::time::Instant::now();
    let before = asked.load(Ordering::SeqCst);
    until(async || asked.load(Ordering::SeqCst) > before + 2).await;
    // It pauses: there are few probes a second.
    assert!(
        begun.elapsed() > Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    let (_, keys) = parked(database.store()).await;
    assert!(keys <= 8, "{keys} keys were set aside");
    is_up.store(true, Ordering::SeqCst);
    until(async || deliveries.lock().unwrap().len() == 160).await;
    running.end().await;
    assert_in_order(&deliveries, &ids, 4);
}

async fn handler_that_says_halt_halts_its_shard(database: &Database) {
    let tasks = tasks(database).await;
    let deliveries = Deliveries::default();
    let remember = Arc::clone(&deliveries);
    let strict = move |delivery: Delivery<TaskEvent>| {
        let halts = matches!(delivery.event.event, Started);
        if !halts {
            note(&remember, &delivery);
        }
        async move {
            match halts {
                true => Err(Failure::retry("no")),
                false => Ok(()),
            }
        }
    };
    start_tasks(&tasks, 1).await;
    let subscription = handler("mails", strict)
        .reads(&tasks)
        .retry(soon())
        .on_failure(OnFailure::Halt);
    let runtime = Runtime::new(database.store()).add(subscription);
    let error = runtime.build().await.unwrap().settle().await.unwrap_err();
    assert_eq!(error.to_string(), "'mails' has halted at position 4: no");
    assert_eq!(deliveries.lock().unwrap().len(), 3);
    assert_eq!(parked(database.store()).await, (0, 0));
}

/// Shows nobody what a task is about.
struct NoTitles;

impl ReadPolicy<TaskEvent> for NoTitles {
    async fn scope(&self, _: Option<&Actor>) -> Result<ReadScope<TaskEvent>, ReadPolicyError> {
        Ok(ReadScope::all().hiding(TaskEventType::Created))
    }
}

async fn what_the_reader_may_not_see_is_not_delivered(database: &Database) {
    let tasks = tasks(database).await;
    let ids = start_tasks(&tasks, 3).await;
    let guarded = tasks.with_read_policy(NoTitles);
    let deliveries = Deliveries::default();
    let remember = Arc::clone(&deliveries);
    let remember = move |delivery: Delivery<TaskEvent>| {
        note(&remember, &delivery);
        async { Ok::<_, Failure>(()) }
    };
    let reader = guarded.reading_as("partner");
    let subscription = handler("partner", remember).reads(&reader);
    let runtime = Runtime::new(database.store()).add(subscription);
    runtime.build().await.unwrap().settle().await.unwrap();
    let deliveries = deliveries.lock().unwrap();
    assert_eq!(deliveries.len(), 9);
    assert!(deliveries.iter().all(|(_, seq, ..)| seq.get() > 1));
    assert!(
        ids.iter()
            .all(|id| deliveries.iter().any(|(of, ..)| of == id))
    );
}
