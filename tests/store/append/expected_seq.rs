//! Appends that expect a sequence, when only one of many can be right.

use std::collections::BTreeMap;
use std::future::IntoFuture;

use eventsource_core::{EntityId, Error, Seq};
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::support::concurrency::{in_order, on_one_thread};
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::tasks::started_stepwise;
use crate::support::waiting::until_not_busy;

on_every_database! {
    append_retried_after_conflict_is_stored_in_the_end,
    append_repeated_with_key_after_head_moved_is_replayed,
}

on_postgres! {
    stale_appends_that_gather_are_refused_by_one_call,
}

/// Takes apart a conflict: the sequence that was expected, and the actual one.
pub fn conflict(error: Error, of: EntityId) -> (Seq, Seq) {
    let text = error.to_string();
    match error {
        Error::Conflict {
            entity_id,
            id,
            expected,
            actual,
        } if entity_id == of && id == of.to_string() => (expected, actual),
        _ => panic!("{text}"),
    }
}

/// Lets clients read, append at the sequence they have read, and read again after a conflict.
async fn append_retried_after_conflict_is_stored_in_the_end(database: &Database) {
    const CLIENTS: usize = 24;
    const EACH: usize = 5;
    let tasks = database.events::<TaskEvent>().await;
    let id = started_stepwise(&tasks).await;
    // Two programs.
    let programs = [tasks.clone(), database.another_events().await];
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let tasks = programs[client % 2].clone();
        clients.spawn(async move {
            let mut stored = BTreeMap::new();
            for round in 0..EACH {
                let name = format!("client {client}, round {round}");
                let appended = loop {
                    let seen = tasks.head(id).await.unwrap().unwrap().seq;
                    let append = || {
                        let append = tasks.append(id, reassigned(&name));
                        append.expected_seq(seen).into_future()
                    };
                    match until_not_busy(append).await {
                        Ok(appended) => break appended,
                        Err(error) => {
                            let (expected, actual) = conflict(error, id);
                            assert_eq!(expected, seen);
                            assert!(actual > seen, "{actual:?} is not after {seen:?}");
                            let now = tasks.head(id).await.unwrap().unwrap().seq;
                            assert!(actual <= now, "{actual:?} is not yet");
                        }
                    }
                };
                stored.insert(name, appended.first().clone());
            }
            stored
        });
    }
    let mut stored: BTreeMap<_, _> = clients.join_all().await.into_iter().flatten().collect();
    let history = tasks.history(id).await.unwrap();
    let seqs = history.iter().map(|event| event.seq.get());
    assert!(seqs.eq(1..=u32::try_from(4 + CLIENTS * EACH).unwrap()));
    for event in &history[4..] {
        let TaskEvent::Reassigned { assignee } = &event.event else {
            panic!("{event:?}");
        };
        assert_eq!(stored.remove(assignee).as_ref(), Some(event));
    }
    assert_eq!(stored, BTreeMap::new(), "acknowledged and not stored");
}

/// Queues appends behind one that moves the entity on. One call refuses them all, in the words with
/// which it refuses one.
async fn stale_appends_that_gather_are_refused_by_one_call(database: &Database) {
    let (proxy, store) = database.behind_proxy().await;
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started_stepwise(&tasks).await;
    let last = started_stepwise(&tasks).await;
    let before = proxy.answers();
    let appends = on_one_thread(async move {
        let expectations = [4, 4, 0, 3, 4, 1, 2, 4, 4, 4];
        let append = |seq| {
            let append = tasks
                .append(id, reassigned("ann"))
                .expected_seq(Seq::new(seq));
            async move { append.await }
        };
        let behind = in_order(expectations.map(append)).await;
        // The same of the database, which has nobody waiting.
        let mut asked = Vec::new();
        for seq in [0, 3, 4] {
            asked.push((seq, append(seq).await.unwrap_err().to_string()));
        }
        tasks.append(last, reassigned("ann")).await.unwrap();
        (expectations, behind, asked)
    });
    let (expectations, behind, asked) = appends.await;
    // Six calls, and two statements to prepare on each connection; nine more if each was asked alone.
    let answers = proxy.answers() - before;
    assert!(answers < 18, "{answers} answers");
    for (n, (seq, answer)) in expectations.into_iter().zip(behind).enumerate() {
        match answer {
            Ok(appended) => assert_eq!((n, appended.first().seq), (0, Seq::new(5))),
            Err(error) => {
                let text = error.to_string();
                let same = asked.iter().find(|(asked, _)| *asked == seq);
                assert!(same.is_none_or(|(_, asked)| *asked == text), "{text}");
                assert_eq!(conflict(error, id), (Seq::new(seq), Seq::new(5)));
            }
        }
    }
}

/// Repeats a request with a key while the entity moves on.
async fn append_repeated_with_key_after_head_moved_is_replayed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started_stepwise(&tasks).await;
    let keyed = || {
        let append = tasks
            .append(id, reassigned("ann"))
            .expected_seq(Seq::new(4));
        append.idempotency_key("k")
    };
    let first = keyed().await.unwrap();
    for _ in 0..8 {
        let seen = tasks.head(id).await.unwrap().unwrap().seq;
        let ask = async |is_repeat: bool| match is_repeat {
            true => keyed().await.unwrap(),
            false => {
                let append = tasks.append(id, reassigned("bob")).expected_seq(seen);
                append.await.unwrap()
            }
        };
        let answers = in_order([false, true, true].map(ask)).await;
        assert_eq!(answers[0].first().seq, seen.next());
        for repeat in &answers[1..] {
            assert!(repeat.replayed);
            assert_eq!(repeat.events, first.events);
        }
    }
}
