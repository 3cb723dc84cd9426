//! Handlers that halt, and what is skipped then: the event at fault and no other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use eventsource_core::{EntityId, EventId, Failure, Position};
use eventsource_runtime::{Delivery, Note, RetryPolicy, Runtime, handler};
use tasks::TaskEvent;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::handlers::{start_tasks, tasks};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_memory, sqlite_file, postgres:
    skip_loses_no_event_before_the_one_that_has_halted,
    skip_of_an_event_that_was_set_aside_delivers_no_other_again,
    keys_that_fail_in_a_row_when_released_are_delivered_once_the_receiver_is_back,
}

/// How often each event was delivered.
type Counts = Arc<Mutex<BTreeMap<EventId, usize>>>;

fn count(counts: &Counts, delivery: &Delivery<TaskEvent>) {
    *counts.lock().unwrap().entry(delivery.event.id).or_default() += 1;
}

fn note() -> Note {
    Note::by("ann", "it was done by hand")
}

/// Runs until the sender is dropped.
fn run(runtime: &Runtime) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let stopped = async { drop(stopped.await) };
    (stop, tokio::spawn(runtime.clone().run_until(stopped)))
}

/// Runs until the handler has halted; then ends.
async fn halted_at(runtime: &Runtime) -> Position {
    let (stop, running) = run(runtime);
    let mut halted_at = None;
    until(async || {
        let status = runtime.status().await.unwrap();
        halted_at = status[0].halted().next().map(|halted| halted.position);
        halted_at.is_some()
    })
    .await;
    drop(stop);
    running.await.unwrap();
    halted_at.unwrap()
}

async fn skip_loses_no_event_before_the_one_that_has_halted(database: &Database) {
    let tasks = tasks(database).await;
    let ids = start_tasks(&tasks, 3).await;
    let (slow, poison) = (ids[0], ids[1]);
    let (counts, has_failed) = (Counts::default(), Arc::new(Notify::new()));
    let delivered = counts.clone();
    let deliver = move |delivery: Delivery<TaskEvent>| {
        let (delivered, has_failed) = (delivered.clone(), has_failed.clone());
        async move {
            let event = &delivery.event;
            if event.entity_id == poison && event.seq.get() == 1 {
                has_failed.notify_one();
                return Err(Failure::halt("not this one"));
            }
            if event.entity_id == slow && event.seq.get() == 1 {
                has_failed.notified().await;
            }
            count(&delivered, &delivery);
            Ok(())
        }
    };
    let runtime =
        Runtime::new(database.store()).add(handler("mails", deliver).reads(&tasks).shards(1));
    let runtime = runtime.build().await.unwrap();
    let position = halted_at(&runtime).await;
    runtime.skip("mails", position, note()).await.unwrap();
    runtime.settle().await.unwrap();
    let counts = counts.lock().unwrap().clone();
    assert_eq!(counts.len(), 11, "all but the one that was skipped");
}

async fn skip_of_an_event_that_was_set_aside_delivers_no_other_again(database: &Database) {
    let tasks = tasks(database).await;
    let poison = start_tasks(&tasks, 3).await[0];
    let counts = Counts::default();
    let delivered = counts.clone();
    let deliver = move |delivery: Delivery<TaskEvent>| {
        let delivered = delivered.clone();
        async move {
            let event = &delivery.event;
            match event.entity_id == poison && event.seq.get() == 1 {
                true if delivery.attempt == 1 => Err(Failure::park("not yet")),
                true => Err(Failure::halt("never")),
                false => {
                    count(&delivered, &delivery);
                    Ok(())
                }
            }
        }
    };
    let runtime =
        Runtime::new(database.store()).add(handler("mails", deliver).reads(&tasks).shards(1));
    let runtime = runtime.build().await.unwrap();
    runtime.settle().await.unwrap();
    runtime.retry_parked("mails", None, note()).await.unwrap();
    let position = halted_at(&runtime).await;
    runtime.skip("mails", position, note()).await.unwrap();
    let (stop, running) = run(&runtime);
    until(async || runtime.parked("mails", None, 1).await.unwrap().is_empty()).await;
    drop(stop);
    running.await.unwrap();
    let counts = counts.lock().unwrap().clone();
    assert_eq!(counts.len(), 11);
    assert!(counts.values().all(|times| *times == 1), "{counts:?}");
}

async fn keys_that_fail_in_a_row_when_released_are_delivered_once_the_receiver_is_back(
    database: &Database,
) {
    let tasks = tasks(database).await;
    let (is_back, counts) = (Arc::new(AtomicBool::new(false)), Counts::default());
    let bad: Arc<Mutex<Vec<EntityId>>> = Arc::default();
    let (back, delivered, fails) = (is_back.clone(), counts.clone(), bad.clone());
    let deliver = move |delivery: Delivery<TaskEvent>| {
        let fails = fails.lock().unwrap().contains(&delivery.event.entity_id);
        let fails = fails && !back.load(Ordering::SeqCst);
        if !fails {
            count(&delivered, &delivery);
        }
        async move {
            match fails {
                true => Err(Failure::retry("nobody is there")),
                false => Ok(()),
            }
        }
    };
    let retry = RetryPolicy::default().in_place(1, std::time::Duration::from_millis(1));
    let subscription = handler("mails", deliver).reads(&tasks).retry(retry);
    let runtime = Runtime::new(database.store()).add(subscription);
    let runtime = runtime.build().await.unwrap();
    for _ in 0..6 {
        // Between two that fail others succeed, so that this is no outage.
        let id = start_tasks(&tasks, 1).await[0];
        bad.lock().unwrap().push(id);
        runtime.settle().await.unwrap();
        start_tasks(&tasks, 1).await;
        runtime.settle().await.unwrap();
    }
    assert_eq!(runtime.parked("mails", None, 10).await.unwrap().len(), 6);
    runtime.retry_parked("mails", None, note()).await.unwrap();
    runtime.settle().await.unwrap();
    is_back.store(true, Ordering::SeqCst);
    until(async || {
        runtime.retry_parked("mails", None, note()).await.unwrap();
        runtime.settle().await.unwrap();
        runtime.parked("mails", None, 1).await.unwrap().is_empty()
    })
    .await;
    let counts = counts.lock().unwrap().clone();
    assert_eq!(counts.len(), 48);
}
