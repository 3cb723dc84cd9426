//! First and later events in one call, and calls that never end.

use std::future::IntoFuture;

use eventsource_core::{EntityId, Error, Seq};
use futures_util::FutureExt;
use sqlx::AssertSqlSafe;
use tasks::TaskEvent;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, spawn_blocking};

use crate::support::concurrency::{in_order, on_one_thread};
use crate::support::database::Database;
use crate::support::machines::{assigned, created, reassigned, until_started};
use crate::support::tasks::started_stepwise;
use crate::support::waiting::{until_blocked, until_not_busy, within};

on_every_database! {
    concurrent_first_events_from_several_stores_have_one_winner,
}

on_postgres! {
    first_and_later_events_that_gather_share_transactions,
    appends_outlive_runtime_of_other_callers,
}

/// Queues first events and others, with a key and without, some of them to be refused: what gathers
/// behind the first four is stored in two transactions, one for those with keys, and each gets its own
/// result.
async fn first_and_later_events_that_gather_share_transactions(database: &Database) {
    let connect = database.store_options().max_connections(4).connect();
    on_one_thread(async move {
        let store = connect.await.unwrap();
        let tasks = store.migrate::<TaskEvent>().await.unwrap();
        let ids = [(); 17].map(|()| EntityId::new());
        // Every other one has begun.
        for id in ids.iter().skip(1).step_by(2) {
            for event in until_started() {
                tasks.append(*id, event).await.unwrap();
            }
        }
        let tasks = &tasks;
        let ask = async |n: usize, key: bool| {
            let event = match n {
                0..8 if n.is_multiple_of(2) => created(),
                0..8 => reassigned("ann"),
                // Refused, whoever begins with it.
                8..12 => assigned("ann"),
                _ => created(),
            };
            let append = tasks.append(ids[n], event);
            let append = match n {
                14 | 15 => append.expected_seq(Seq::NO_STREAM),
                _ => append,
            };
            match key {
                // The last one has that of the first.
                true => append.idempotency_key(format!("k{}", n % 16)).await,
                false => append.await,
            }
        };
        let has_key = |n: usize| n % 4 < 2;
        let answers = in_order((0..17).map(|n| ask(n, has_key(n)))).await;
        for (n, answer) in answers.iter().enumerate() {
            let began = n % 2 == 1;
            match answer {
                Ok(appended) => {
                    assert!(n < 8 || n == 12 || n == 14, "{n}");
                    assert!(!appended.replayed);
                    let seq = if began { 5 } else { 1 };
                    assert_eq!(appended.first().seq, Seq::new(seq));
                    let history = tasks.history(ids[n]).await.unwrap();
                    assert_eq!(history.last(), appended.events.last());
                    assert_eq!(history.len(), seq as usize);
                }
                Err(Error::Conflict {
                    expected, actual, ..
                }) => assert_eq!((n, *expected, *actual), (15, Seq::NO_STREAM, Seq::new(4))),
                Err(Error::IdempotencyKeyReused { key }) => {
                    assert_eq!((n, key.as_str()), (16, "k0"));
                }
                Err(Error::Rejected {
                    actual, rejection, ..
                }) => {
                    assert_eq!(*actual, Seq::new(if began { 4 } else { 0 }));
                    let reason = match (n, began) {
                        (8..12, true) => "Event type 'ASSIGNED' may not follow [STARTED]",
                        (8..12, false) => "Event type 'ASSIGNED' may not be initial",
                        _ => "Event type 'CREATED' may not follow [STARTED]",
                    };
                    assert_eq!(rejection.to_string(), reason);
                }
                Err(other) => panic!("{n}: {other:?}"),
            }
        }
        // Those that were stored with a key answer again, together as well; a key of what was refused
        // is free.
        let keyed = (0..17).filter(|n| has_key(*n));
        let again = in_order(keyed.clone().map(|n| ask(n, true))).await;
        for (n, again) in keyed.zip(again) {
            match (&answers[n], again) {
                (Ok(first), Ok(again)) => {
                    assert!(again.replayed);
                    assert_eq!(again.events, first.events);
                }
                (Err(first), Err(again)) => assert_eq!(first.to_string(), again.to_string()),
                (first, again) => panic!("{n}: {first:?} and then {again:?}"),
            }
        }
        store.close().await;
    })
    .await;
    let pool = database.sql().await;
    let of =
        "SELECT count(DISTINCT xmin::text), count(*) FROM task_event WHERE seq = 5 OR task_id IN
        (SELECT id FROM task WHERE seq = 1)";
    let counted: (i64, i64) = sqlx::query_as(of).fetch_one(&pool).await.unwrap();
    assert_eq!(counted, (6, 10));
    let keys = "SELECT count(DISTINCT xmin::text), count(*) FROM eventsource_idempotency_key";
    let counted: (i64, i64) = sqlx::query_as(keys).fetch_one(&pool).await.unwrap();
    assert_eq!(counted, (3, 5));
}

/// Begins the same entities from several stores, each in another order.
async fn concurrent_first_events_from_several_stores_have_one_winner(database: &Database) {
    let mut programs = Vec::new();
    for _ in 0..3 {
        let store = database.another_store().await;
        programs.push(store.migrate::<TaskEvent>().await.unwrap());
    }
    for round in 0..4 {
        let ids = [(); 40].map(|()| EntityId::new());
        let mut clients = JoinSet::new();
        for (number, tasks) in programs.iter().enumerate() {
            let order = ids.into_iter().cycle().skip(13 * number).take(ids.len());
            for id in order {
                let tasks = tasks.clone();
                clients.spawn(async move {
                    until_not_busy(|| async {
                        let append = tasks.append(id, created());
                        match (number + round) % 3 {
                            0 => append.await,
                            1 => append.expected_seq(Seq::NO_STREAM).await,
                            _ => append.idempotency_key(format!("{number} {id}")).await,
                        }
                    })
                    .await
                });
            }
        }
        let answers = clients.join_all().await;
        let stored: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(stored.len(), ids.len());
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            let actual = match error {
                Error::Conflict { actual, .. } | Error::Rejected { actual, .. } => *actual,
                other => panic!("{other:?}"),
            };
            assert_eq!(actual, Seq::new(1));
        }
        for id in ids {
            let history = programs[0].history(id).await.unwrap();
            assert_eq!(history.len(), 1);
            assert!(stored.iter().any(|appended| appended.events == history));
        }
    }
}

/// Ends a runtime that has calls of a shared store under way.
async fn appends_outlive_runtime_of_other_callers(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let ids = [
        started_stepwise(&tasks).await,
        started_stepwise(&tasks).await,
    ];
    let (prompt, eye) = (database.sql().await, database.sql().await);
    let row = format!("SELECT 1 FROM task WHERE id = '{}' FOR UPDATE", ids[0]);
    // As many as there are calls at a time wait for the table; one, aside, for the row.
    for (lock, statements) in [("LOCK TABLE task IN EXCLUSIVE MODE", 2), (&row, 1)] {
        let mut holder = prompt.begin().await.unwrap();
        sqlx::query(AssertSqlSafe(lock.to_owned()))
            .execute(&mut *holder)
            .await
            .unwrap();
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        for (number, id) in (1..).zip(ids).take(statements) {
            let tasks = tasks.clone();
            runtime.spawn(async move { tasks.append(id, reassigned("gone")).await });
            until_blocked(&eye, number).await;
        }
        // This one waits behind the others, and nobody comes after it.
        let append = match statements {
            1 => tasks.append(ids[0], reassigned("ann")),
            _ => tasks.append(EntityId::new(), created()),
        };
        let mut behind = append.into_future();
        assert!((&mut behind).now_or_never().is_none());
        spawn_blocking(move || drop(runtime)).await.unwrap();
        holder.rollback().await.unwrap();
        within(behind).await.unwrap();
        for id in ids {
            let append = tasks.append(id, reassigned("bob")).into_future();
            within(append).await.unwrap();
            let history = tasks.history(id).await.unwrap();
            let seqs = history.iter().map(|event| event.seq.get());
            assert!(seqs.eq(1..=u32::try_from(history.len()).unwrap()));
        }
    }
}
