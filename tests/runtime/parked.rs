//! What people do to keys that are set aside, and to handlers that are to be given events again.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventsource_core::{EntityId, Failure, Position, Seq};
use eventsource_runtime::{
    Delivery, Note, RetryPolicy, Runtime, RuntimeError, Start, handler, projection,
};
use tasks::TaskEvent;

use crate::handlers::{start_tasks, tasks};
use crate::models::Seen;
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::waiting::until;
use crate::time::machines::clocked;

on! { sqlite_memory, sqlite_file, postgres:
    parked_keys_are_listed_page_by_page,
    parked_key_is_tried_again_when_somebody_says_so,
    parked_event_is_skipped_once_by_two_people,
    key_from_which_events_are_skipped_while_others_come_is_released,
    handler_is_given_events_again_by_replay,
    replay_of_what_is_no_handler_is_refused,
}

on! { sqlite_file, postgres: parked_key_is_tried_when_the_clock_of_the_store_says_so, }

/// Handler whose events fail for good until it is mended, and what it was given after that.
#[derive(Clone, Default)]
struct Mails {
    is_mended: Arc<AtomicBool>,
    sent: Arc<Mutex<Vec<(EntityId, Seq, String)>>>,
}

impl Mails {
    async fn runtime(&self, database: &Database) -> Runtime {
        let (mails, events) = (self.clone(), database.events::<TaskEvent>().await);
        let send = move |delivery: Delivery<TaskEvent>| {
            let is_mended = mails.is_mended.load(Ordering::SeqCst);
            if is_mended {
                let event = &delivery.event;
                let sent = (event.entity_id, event.seq, delivery.id.to_string());
                mails.sent.lock().unwrap().push(sent);
            }
            async move {
                match is_mended {
                    true => Ok(()),
                    false => Err(Failure::park("no such mailbox")),
                }
            }
        };
        let retry = RetryPolicy::default().in_place(1, Duration::from_millis(100));
        let subscription = handler("mails", send).reads(&events).retry(retry);
        let runtime = Runtime::new(database.store()).add(subscription);
        runtime.build().await.unwrap()
    }

    fn sent(&self) -> Vec<u64> {
        let sent = self.sent.lock().unwrap();
        sent.iter()
            .map(|(_, seq, _)| u64::from(seq.get()))
            .collect()
    }
}

fn ann() -> Note {
    Note::by("ann", "the mailbox was made")
}

async fn parked_keys_are_listed_page_by_page(database: &Database) {
    let ids = start_tasks(&tasks(database).await, 3).await;
    let runtime = Mails::default().runtime(database).await;
    runtime.settle().await.unwrap();
    let all = runtime.parked("mails", None, 100).await.unwrap();
    let mut keys: Vec<_> = all.iter().map(|key| key.entity_id).collect();
    let mut expected = ids.clone();
    keys.sort();
    expected.sort();
    assert_eq!(keys, expected);
    for key in &all {
        assert_eq!((key.waiting, key.entity.as_str()), (4, "task"));
        assert_eq!(key.error, "no such mailbox");
        assert_eq!(key.next_try, None);
    }
    let first = runtime.parked("mails", None, 2).await.unwrap();
    let after = first.last().map(|key| key.key.clone());
    let rest = runtime.parked("mails", after.as_deref(), 2).await.unwrap();
    assert_eq!([first, rest].concat(), all);
    let unknown = runtime.parked("nobody", None, 2).await.unwrap_err();
    assert!(matches!(unknown, RuntimeError::Unknown { .. }), "{unknown}");
}

async fn parked_key_is_tried_again_when_somebody_says_so(database: &Database) {
    start_tasks(&tasks(database).await, 2).await;
    let mails = Mails::default();
    let runtime = mails.runtime(database).await;
    runtime.settle().await.unwrap();
    mails.is_mended.store(true, Ordering::SeqCst);
    let key = runtime.parked("mails", None, 1).await.unwrap()[0]
        .key
        .clone();
    for wrong in ["nobody", "a\0b"] {
        let error = runtime.retry_parked("mails", Some(wrong), ann()).await;
        let error = error.unwrap_err();
        assert!(matches!(error, RuntimeError::NotParked { .. }), "{error}");
    }
    let retried = runtime.retry_parked("mails", Some(&key), ann()).await;
    assert_eq!(retried.unwrap(), 1);
    let due = runtime.parked("mails", None, 2).await.unwrap();
    let due = due.iter().filter(|key| key.next_try.is_some()).count();
    assert_eq!(due, 1);
    assert_eq!(runtime.retry_parked("mails", None, ann()).await.unwrap(), 2);
    until(async || {
        runtime.settle().await.unwrap();
        runtime.parked("mails", None, 2).await.unwrap().is_empty()
    })
    .await;
    assert_eq!(mails.sent().len(), 8);
    let status = &runtime.status().await.unwrap()[0];
    let done: Vec<_> = status.operations.iter().collect();
    assert_eq!(done.len(), 2);
    assert_eq!(done[0].operation, "retry_parked");
    assert_eq!(done[0].key.as_ref(), Some(&key));
    assert_eq!((done[1].actor.as_str(), &done[1].key), ("ann", &None));
}

async fn parked_key_is_tried_when_the_clock_of_the_store_says_so(database: &Database) {
    for in_transaction in [false, true] {
        let (store, clock) = clocked(database).await;
        // Far from the present: a clock that is not the store's would never say so, or at once.
        clock.advance(Duration::from_hours(24 * 365));
        let events = match in_transaction {
            true => store.open::<TaskEvent>().await.unwrap(),
            false => store.migrate::<TaskEvent>().await.unwrap(),
        };
        store.migrate_runtime().await.unwrap();
        let start = store.feed().latest_position().await.unwrap();
        start_tasks(&events, 1).await;
        let (tries, is_mended) = (
            Arc::new(AtomicU32::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (counted, mended) = (Arc::clone(&tries), Arc::clone(&is_mended));
        let send = move |_: Delivery<TaskEvent>| {
            counted.fetch_add(1, Ordering::SeqCst);
            let is_mended = mended.load(Ordering::SeqCst);
            async move {
                match is_mended {
                    true => Ok(()),
                    false => Err(Failure::retry("no such mailbox")),
                }
            }
        };
        let (wait, longest) = (Duration::from_hours(1), Duration::from_hours(2));
        let retry = RetryPolicy::default().in_place(1, Duration::from_millis(100));
        let name = if in_transaction { "books" } else { "mails" };
        let subscription = handler(name, send)
            .reads(&events)
            .from(Start::After(start))
            .retry(retry.waits(wait, longest));
        let runtime = match in_transaction {
            true => Runtime::new(&store).add(subscription.in_transaction()),
            false => Runtime::new(&store).add(subscription),
        };
        let runtime = runtime.build().await.unwrap();
        let settled = async || {
            runtime.settle().await.unwrap();
            tries.load(Ordering::SeqCst)
        };
        assert_eq!((settled().await, settled().await), (1, 1));
        clock.advance(wait * 2);
        until(async || settled().await == 2).await;
        assert_eq!(settled().await, 2);
        is_mended.store(true, Ordering::SeqCst);
        clock.advance(longest * 2);
        until(async || {
            settled().await;
            runtime.parked(name, None, 1).await.unwrap().is_empty()
        })
        .await;
        assert_eq!(settled().await, 6);
    }
}

async fn parked_event_is_skipped_once_by_two_people(database: &Database) {
    start_tasks(&tasks(database).await, 1).await;
    let mails = Mails::default();
    let runtime = mails.runtime(database).await;
    runtime.settle().await.unwrap();
    let head = runtime.parked("mails", None, 1).await.unwrap().remove(0);
    let skip = |who: &str| {
        let note = Note::by(who, "it was written by hand");
        runtime.skip_parked("mails", &head.key, head.position, note)
    };
    let (one, other) = tokio::join!(skip("ann"), skip("bob"));
    let refused = [one, other].into_iter().filter_map(Result::err);
    let refused: Vec<_> = refused.collect();
    assert_eq!(refused.len(), 1);
    let RuntimeError::ParkedElsewhere { actual, .. } = refused[0] else {
        panic!("{}", refused[0]);
    };
    let next = runtime.parked("mails", None, 1).await.unwrap().remove(0);
    assert_eq!((next.position, next.waiting), (actual, 3));
    let status = &runtime.status().await.unwrap()[0];
    assert_eq!(status.operations.len(), 1);
    let done = &status.operations[0];
    assert_eq!(done.operation, "skip_parked");
    assert_eq!(done.position, Some(head.position));
    assert_eq!(done.error.as_deref(), Some("no such mailbox"));
}

/// The worker sets events aside behind those that a person skips at the same time.
async fn key_from_which_events_are_skipped_while_others_come_is_released(database: &Database) {
    let tasks = tasks(database).await;
    let ids = start_tasks(&tasks, 1).await;
    let mails = Mails::default();
    let runtime = mails.runtime(database).await;
    let running = tokio::spawn(runtime.clone().run_until(std::future::pending()));
    let mut skipped = 0;
    for round in 0..20 {
        let append = tasks.append(ids[0], reassigned(&format!("ann{round}")));
        let skip = async {
            let head = runtime.parked("mails", None, 1).await.unwrap();
            for head in head {
                let skip = runtime.skip_parked("mails", &head.key, head.position, ann());
                match skip.await {
                    Ok(()) => skipped += 1,
                    Err(RuntimeError::NotParked { .. } | RuntimeError::ParkedElsewhere { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let (appended, ()) = tokio::join!(append.into_future(), skip);
        appended.unwrap();
    }
    mails.is_mended.store(true, Ordering::SeqCst);
    // What waits for a person is retried; what follows it needs nobody.
    until(async || runtime.status().await.unwrap()[0].lag_events == 0).await;
    runtime.retry_parked("mails", None, ann()).await.unwrap();
    until(async || runtime.parked("mails", None, 1).await.unwrap().is_empty()).await;
    running.abort();
    let sent: std::collections::BTreeSet<_> = mails.sent().into_iter().collect();
    assert_eq!(sent.len(), 24 - skipped);
}

async fn handler_is_given_events_again_by_replay(database: &Database) {
    let tasks = tasks(database).await;
    start_tasks(&tasks, 2).await;
    let mails = Mails::default();
    let runtime = mails.runtime(database).await;
    runtime.settle().await.unwrap();
    mails.is_mended.store(true, Ordering::SeqCst);
    // What was set aside is delivered with the others, once.
    runtime
        .replay("mails", Position::START, ann())
        .await
        .unwrap();
    assert_eq!(runtime.parked("mails", None, 1).await.unwrap(), []);
    runtime.settle().await.unwrap();
    assert_eq!(mails.sent().len(), 8);
    let again = || runtime.replay("mails", Position::START, ann());
    let (one, other) = tokio::join!(again(), again());
    // The second may come when nothing is left to put back.
    assert!(one.is_ok() || other.is_ok());
    runtime.settle().await.unwrap();
    let sent = mails.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 16);
    for delivery in &sent[..8] {
        // The same events with the same ids.
        let times = sent.iter().filter(|other| *other == delivery).count();
        assert_eq!(times, 2);
    }
    let end = database.store().feed().latest_position().await.unwrap();
    let error = runtime.replay("mails", end, ann()).await.unwrap_err();
    assert!(matches!(error, RuntimeError::NotReached { .. }), "{error}");
}

async fn replay_of_what_is_no_handler_is_refused(database: &Database) {
    let tasks = tasks(database).await;
    let runtime = Runtime::new(database.store());
    let runtime = runtime.add(projection(Seen).reads(&tasks)).build().await;
    let runtime = runtime.unwrap();
    let error = runtime.replay("seen", Position::START, ann()).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "'seen' is a projection, not a handler: only handlers are given events again"
    );
}
