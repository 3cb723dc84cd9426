//! Idempotency keys: a request that is sent again is answered and not repeated.

use std::future::IntoFuture;

use eventsource_core::{EntityId, Error, Seq};
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::machines::{assigned, created, reassigned, until_started};
use crate::support::waiting::until_not_busy;

on_every_database! {
    and sqlite_memory:
    concurrent_repeats_with_one_key_store_once,
    key_used_for_two_new_entities_at_once_is_stored_once,
}

on_every_database! {
    key_reused_for_another_request_is_refused,
    append_repeated_with_key_returns_auto_transitions,
    key_used_twice_at_once_does_not_fail_other_appends,
    repeats_with_one_key_from_several_stores_store_once,
}

on_every_database! {
    and sqlite_memory, postgres_outbox:
    append_repeated_with_key_returns_first_answer,
}

async fn append_repeated_with_key_returns_first_answer(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    let request = || {
        tasks
            .append(id, created())
            .expected_seq(Seq::NO_STREAM)
            .append(other, created())
            .event(assigned("ann"))
            .idempotency_key("k")
    };
    let first = request().await.unwrap();
    assert!(!first.replayed);
    // The entity has moved on; the answer is still the first one.
    tasks.append(id, assigned("bob")).await.unwrap();
    let second = request().await.unwrap();
    assert!(second.replayed);
    assert_eq!(second.events, first.events);
    let third = request().repeated().await.unwrap().unwrap();
    assert_eq!((third.replayed, third.events), (true, first.events));
    assert_eq!(tasks.search().await.unwrap().total, Some(4));
}

async fn key_reused_for_another_request_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    tasks
        .append(id, assigned("ann"))
        .idempotency_key("k")
        .await
        .unwrap();
    let other_payload = tasks.append(id, assigned("bob")).idempotency_key("k");
    let other_entity = tasks
        .append(EntityId::new(), assigned("ann"))
        .idempotency_key("k");
    let more = tasks
        .append(id, assigned("ann"))
        .event(created())
        .idempotency_key("k");
    for request in [other_payload, other_entity, more] {
        let error = request.await.unwrap_err();
        assert!(
            matches!(&error, Error::IdempotencyKeyReused { key } if key == "k"),
            "{error:?}"
        );
    }
    assert_eq!(tasks.search().await.unwrap().total, Some(2));
}

async fn append_repeated_with_key_returns_auto_transitions(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let request = || {
        tasks
            .append(id, TaskEvent::Completed)
            .idempotency_key("done")
    };
    let first = request().await.unwrap();
    let second = request().await.unwrap();
    assert_eq!(second.events, first.events);
    assert_eq!(second.events.len(), 2);
    assert!(second.replayed);
}

async fn concurrent_repeats_with_one_key_store_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let mut tries = JoinSet::new();
    for _ in 0..16 {
        let tasks = tasks.clone();
        tries.spawn(async move {
            tasks
                .append(id, reassigned("ann"))
                .idempotency_key("k")
                .await
                .unwrap()
        });
    }
    let answers = tries.join_all().await;
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.events == answers[0].events)
    );
    assert_eq!(tasks.history(id).await.unwrap().len(), 5);
}

/// Uses one key for two entities that do not exist yet: there is no row to lock.
async fn key_used_for_two_new_entities_at_once_is_stored_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    for round in 0..8 {
        let mut tries = JoinSet::new();
        for _ in 0..2 {
            let (tasks, id) = (tasks.clone(), EntityId::new());
            let key = format!("k{round}");
            tries.spawn(async move { tasks.append(id, created()).idempotency_key(key).await });
        }
        let answers = tries.join_all().await;
        let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
        let [error] = refused.as_slice() else {
            panic!("one of two is refused: {refused:?}");
        };
        assert!(
            matches!(error, Error::IdempotencyKeyReused { .. }),
            "{error:?}"
        );
    }
    assert_eq!(tasks.search().await.unwrap().total, Some(8));
}

/// Appends with the same key, with another one, and without a key, all at once.
async fn key_used_twice_at_once_does_not_fail_other_appends(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    for round in 0..4 {
        let mut tries = JoinSet::new();
        for key in ["same", "same", "of its own", ""] {
            let (tasks, id) = (tasks.clone(), EntityId::new());
            tries.spawn(async move {
                let append = tasks.append(id, created());
                let answer = match key {
                    "" => append.await,
                    key => append.idempotency_key(format!("{key} {round}")).await,
                };
                (key, answer)
            });
        }
        for (key, answer) in tries.join_all().await {
            match answer {
                Ok(appended) => assert!(!appended.replayed),
                Err(error) => {
                    assert_eq!(key, "same");
                    let reused = matches!(error, Error::IdempotencyKeyReused { .. });
                    assert!(reused, "{error:?}");
                }
            }
        }
    }
    assert_eq!(tasks.search().await.unwrap().total, Some(12));
}

/// Repeats a request from stores that know nothing of each other.
async fn repeats_with_one_key_from_several_stores_store_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut programs = Vec::new();
    for _ in 0..4 {
        programs.push(database.another_events::<TaskEvent>().await);
    }
    for round in 0..6 {
        let id = EntityId::new();
        tasks.append(id, created()).await.unwrap();
        let mut tries = JoinSet::new();
        for tasks in programs.clone() {
            let key = format!("k{round}");
            tries.spawn(async move {
                let append = || {
                    let append = tasks.append(id, assigned("ann"));
                    append.idempotency_key(&key).into_future()
                };
                until_not_busy(append).await.unwrap()
            });
        }
        let answers = tries.join_all().await;
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        for answer in &answers {
            assert_eq!(answer.events, answers[0].events);
        }
        assert_eq!(tasks.history(id).await.unwrap().len(), 2);
    }
}
