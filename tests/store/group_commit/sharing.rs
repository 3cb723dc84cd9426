//! Appends that travel together, and what each of them is told.

use std::collections::{BTreeMap, BTreeSet};
use std::future::IntoFuture;
use std::time::Duration;

use eventsource_core::{EntityId, Error, Event, EventStore, Seq};
use futures_util::FutureExt;
use sqlx::AssertSqlSafe;
use tasks::{TaskEvent, TaskEventType};
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::machines::{assigned, created, reassigned, scheduled, until_started};

async fn started(tasks: &EventStore<TaskEvent>) -> EntityId {
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    id
}

pub async fn one_callers_refusal_is_not_anothers(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut callers = JoinSet::new();
    for number in 0..60 {
        let tasks = tasks.clone();
        callers.spawn(async move {
            let id = EntityId::new();
            tasks.append(id, created()).await.unwrap();
            match number % 3 {
                0 => {
                    let appended = tasks.append(id, assigned("ann")).then(scheduled()).await;
                    let appended = appended.unwrap();
                    let seqs: Vec<Seq> = appended.events.iter().map(|event| event.seq).collect();
                    assert_eq!(seqs, [Seq::new(2), Seq::new(3)]);
                    assert_eq!(appended.events[0].parent_id, {
                        let history = tasks.history(id).await.unwrap();
                        assert_eq!(history[1..], appended.events);
                        Some(history[0].id)
                    });
                }
                1 => {
                    let refused = tasks.append(id, TaskEvent::Started).await.unwrap_err();
                    assert_eq!(
                        refused.to_string(),
                        "Event type 'STARTED' may not follow [CREATED]"
                    );
                }
                _ => {
                    let append = tasks.append(id, assigned("ann")).expecting(Seq::new(9));
                    let conflict = append.await.unwrap_err();
                    let Error::Conflict {
                        entity_id,
                        expected,
                        actual,
                        ..
                    } = conflict
                    else {
                        panic!("{conflict:?}");
                    };
                    assert_eq!(
                        (entity_id, expected, actual),
                        (id, Seq::new(9), Seq::new(1))
                    );
                }
            }
            let seq = tasks.load(id).await.unwrap().unwrap().seq;
            assert_eq!(seq, Seq::new(if number % 3 == 0 { 3 } else { 1 }));
        });
    }
    callers.join_all().await;
}

/// A statement that fails as a whole, here for a constraint of the operator's own, is repeated for each
/// append alone.
pub async fn a_row_that_the_database_refuses_is_not_the_others_fault(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await.unwrap();
    let no_bob = "ALTER TABLE task_event ADD CHECK (data ->> 'assignee' <> 'bob')";
    sqlx::query(no_bob).execute(&pool).await.unwrap();
    let mut callers = JoinSet::new();
    for number in 0..60 {
        let tasks = tasks.clone();
        let assignee = if number % 20 == 0 { "bob" } else { "ann" };
        callers.spawn(async move {
            let id = EntityId::new();
            let appended = tasks.append(id, created()).then(assigned(assignee)).await;
            let stored = tasks.history(id).await.unwrap().len();
            match appended {
                Ok(_) => assert_eq!((assignee, stored), ("ann", 2)),
                Err(error) => {
                    assert!(matches!(error, Error::RulesChanged { .. }), "{error:?}");
                    assert_eq!((assignee, stored), ("bob", 0));
                }
            }
        });
    }
    callers.join_all().await;
}

/// A row holds the number of the transaction that wrote it.
pub async fn appends_at_the_same_time_share_transactions(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    const APPENDS: usize = 200;
    let tasks = database.events::<TaskEvent>().await;
    let mut callers = JoinSet::new();
    for _ in 0..APPENDS {
        let tasks = tasks.clone();
        callers.spawn(async move { tasks.append(EntityId::new(), created()).await.unwrap() });
    }
    callers.join_all().await;
    let count = "SELECT count(DISTINCT xmin::text), count(*) FROM task_event";
    let pool = database.sql().await.unwrap();
    let (transactions, events): (i64, i64) = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
    assert_eq!(events, 200);
    assert!(transactions < 100, "{transactions} transactions");
}

/// Someone at a prompt holds some rows, more than there are statements on their way at a time; who
/// wants one of them waits, and nobody else does.
pub async fn who_waits_for_a_row_waits_alone(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await.unwrap();
    let mut holder = pool.begin().await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let held = started(&tasks).await;
        let lock = format!("SELECT 1 FROM task WHERE id = '{held}' FOR UPDATE");
        sqlx::query(AssertSqlSafe(lock))
            .execute(&mut *holder)
            .await
            .unwrap();
        let tasks = tasks.clone();
        let append = async move { tasks.append(held, reassigned("ann")).await };
        waiting.push(tokio::spawn(append));
    }
    let mut others = JoinSet::new();
    for _ in 0..50 {
        let tasks = tasks.clone();
        others.spawn(async move { started(&tasks).await });
    }
    others.join_all().await;
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    holder.rollback().await.unwrap();
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
}

/// Who gives up before the append was sent has not appended, however long ago that was.
pub async fn an_append_that_was_given_up_is_not_sent_later(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let held = started(&tasks).await;
    let pool = database.sql().await.unwrap();
    let mut holder = pool.begin().await.unwrap();
    let lock = format!("SELECT 1 FROM task WHERE id = '{held}' FOR UPDATE");
    sqlx::query(AssertSqlSafe(lock))
        .execute(&mut *holder)
        .await
        .unwrap();
    let mut sent = Box::pin(tasks.append(held, reassigned("ann")).into_future());
    let mut behind = Box::pin(tasks.append(held, reassigned("bob")).into_future());
    assert!((&mut sent).now_or_never().is_none());
    // It is on its way when others that came later have been answered.
    started(&tasks).await;
    assert!((&mut behind).now_or_never().is_none());
    drop(behind);
    holder.rollback().await.unwrap();
    sent.await.unwrap();
    tasks.append(held, reassigned("eve")).await.unwrap();
    let history = tasks.history(held).await.unwrap();
    let events: Vec<&TaskEvent> = history[4..].iter().map(|event| &event.event).collect();
    assert_eq!(events, [&reassigned("ann"), &reassigned("eve")]);
}

/// The events are stored, and the store does not hear of it.
pub async fn a_lost_answer_is_found(database: &Database) {
    let Some((proxy, store)) = database.behind_proxy().await else {
        return;
    };
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started(&tasks).await;
    for round in 5..10 {
        proxy.lose_the_next_answer();
        let appended = tasks.append(id, reassigned("ann")).await.unwrap();
        assert!(proxy.has_lost_it());
        let history = tasks.history(id).await.unwrap();
        assert_eq!(history.len(), round);
        assert_eq!(appended.events[..], history[round - 1..]);
    }
    // The same where the events that are in the way are one's own.
    proxy.lose_the_next_answer();
    let appended = tasks.append(id, TaskEvent::Completed).await.unwrap();
    assert!(proxy.has_lost_it());
    let types: Vec<_> = appended
        .events
        .iter()
        .map(|event| event.event.event_type())
        .collect();
    assert_eq!(types, [TaskEventType::Completed, TaskEventType::Ended]);
    assert_eq!(tasks.load(id).await.unwrap().unwrap().seq, Seq::new(11));
}

/// The server hangs up on the store again and again, whatever that is doing.
pub async fn nothing_is_lost_or_repeated_when_the_server_hangs_up(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(started(&tasks).await);
    }
    let pool = database.sql().await.unwrap();
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        let (tasks, id) = (tasks.clone(), ids[caller % ids.len()]);
        callers.spawn(async move {
            let mut acknowledged = BTreeMap::new();
            for round in 0..200 {
                let name = format!("{caller}/{round}");
                let appended = tasks.append(id, reassigned(&name)).await.unwrap();
                acknowledged.insert(name, appended.first().clone());
            }
            acknowledged
        });
    }
    let hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'eventsource' AND datname = current_database()
            AND query LIKE '%' || current_schema() || '%' ORDER BY random() LIMIT 1";
    let mut acknowledged = BTreeMap::new();
    let mut pause = tokio::time::interval(Duration::from_millis(60));
    while !callers.is_empty() {
        tokio::select! {
            Some(done) = callers.join_next() => acknowledged.extend(done.unwrap()),
            _ = pause.tick() => {
                sqlx::query(hang_up).execute(&pool).await.unwrap();
            }
        }
    }
    let mut stored = BTreeSet::new();
    for id in ids {
        let history = tasks.history(id).await.unwrap();
        for (n, event) in (1..).zip(&history) {
            assert_eq!(event.seq, Seq::new(n));
            if let TaskEvent::Reassigned { assignee } = &event.event {
                assert!(
                    stored.insert(assignee.clone()),
                    "{assignee} is stored twice"
                );
                assert_eq!(acknowledged.remove(assignee).as_ref(), Some(event));
            }
        }
    }
    assert_eq!(acknowledged, BTreeMap::new(), "acknowledged and not stored");
}
