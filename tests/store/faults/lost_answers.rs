//! Answers of the server that are lost, and connections that it terminates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use eventsource_core::{Event, Seq};
use tasks::{TaskEvent, TaskEventType};
use tokio::task::JoinSet;

use crate::append::expected_seq::conflict;
use crate::support::concurrency::in_order;
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::shipments::{ShipmentEvent, create, sender, shipment};
use crate::support::tasks::started_stepwise;
use crate::support::waiting::{until, until_blocked, within};

on_postgres! {
    append_with_lost_answer_returns_stored_events,
    appends_on_terminated_connections_are_stored_once,
    append_with_expected_seq_and_lost_answer_is_no_conflict,
    append_with_lost_answer_and_no_index_of_event_ids_returns_stored_events,
    create_with_lost_answer_creates_one_entity,
    append_is_stored_once_if_connection_is_lost_while_its_call_runs,
    append_is_stored_once_if_connection_is_lost_while_its_call_runs_and_no_index,
}

/// Loses the answer to an append whose events are stored.
async fn append_with_lost_answer_returns_stored_events(database: &Database) {
    let (proxy, store) = database.behind_proxy().await;
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started_stepwise(&tasks).await;
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
    assert_eq!(tasks.head(id).await.unwrap().unwrap().seq, Seq::new(11));
}

async fn append_with_lost_answer_and_no_index_of_event_ids_returns_stored_events(
    database: &Database,
) {
    let without = database.schema_options().index_event_ids(false);
    let made = database.connect_with(without).await;
    made.migrate::<TaskEvent>().await.unwrap();
    let (proxy, store) = database.behind_proxy().await;
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let id = started_stepwise(&tasks).await;
    proxy.lose_the_next_answer();
    let appended = tasks.append(id, reassigned("ann")).await.unwrap();
    assert!(proxy.has_lost_it());
    let history = tasks.history(id).await.unwrap();
    assert_eq!(appended.events[..], history[4..]);
}

/// Terminates connections of the store while clients append.
async fn appends_on_terminated_connections_are_stored_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(started_stepwise(&tasks).await);
    }
    let pool = database.sql().await;
    let stored_count = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        let (tasks, id) = (tasks.clone(), ids[caller % ids.len()]);
        let stored_count = Arc::clone(&stored_count);
        callers.spawn(async move {
            let mut acknowledged = BTreeMap::new();
            for round in 0..200 {
                let name = format!("{caller}/{round}");
                let appended = tasks.append(id, reassigned(&name)).await.unwrap();
                acknowledged.insert(name, appended.first().clone());
                stored_count.fetch_add(1, Ordering::SeqCst);
            }
            acknowledged
        });
    }
    let hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'eventsource' AND datname = current_database()
            AND query LIKE '%' || current_schema() || '%' ORDER BY random() LIMIT 1";
    // Some appends between two of them: a store gives up that never gets anything done.
    for some in 1..=20 {
        until(async || stored_count.load(Ordering::SeqCst) >= 60 * some).await;
        sqlx::query(hang_up).execute(&pool).await.unwrap();
    }
    let acknowledged = within(callers.join_all()).await.into_iter().flatten();
    let mut acknowledged: BTreeMap<_, _> = acknowledged.collect();
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

/// Loses the answer to an append with an expected sequence: the newer head is its own event.
async fn append_with_expected_seq_and_lost_answer_is_no_conflict(database: &Database) {
    let (proxy, store) = database.behind_proxy().await;
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started_stepwise(&tasks).await;
    for round in 4..9 {
        let append = |name: String| {
            let append = tasks
                .append(id, reassigned(&name))
                .expected_seq(Seq::new(round));
            async move { append.await }
        };
        proxy.lose_the_next_answer();
        let names = (0..4).map(|client| format!("client {client}"));
        let answers = in_order(names.map(append)).await;
        assert!(proxy.has_lost_it());
        let history = tasks.history(id).await.unwrap();
        assert_eq!(history.len(), round as usize + 1);
        let mut winners = 0;
        for answer in answers {
            match answer {
                Ok(appended) => {
                    assert_eq!(appended.events[..], history[round as usize..]);
                    winners += 1;
                }
                Err(error) => {
                    let sequences = conflict(error, id);
                    assert_eq!(sequences, (Seq::new(round), Seq::new(round + 1)));
                }
            }
        }
        assert_eq!(winners, 1);
    }
}

/// Loses the answer to a create after its commit.
async fn create_with_lost_answer_creates_one_entity(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let (proxy, store) = database.behind_proxy().await;
    let behind = store.open::<ShipmentEvent>().await.unwrap();
    create(&behind).await;
    let mut last = 1;
    for answer in 1..=12 {
        proxy.lose_answer(answer);
        let created = behind
            .create(ShipmentEvent::Created)
            .by(sender())
            .await
            .unwrap();
        last += 1;
        assert_eq!(
            created.entity_id(),
            shipment(last),
            "without answer {answer}"
        );
        assert_eq!(created.events.len(), 1);
    }
    let page = shipments.search().limit(0).await.unwrap();
    assert_eq!(page.total, Some(last));
}

/// Loses the connection of a call that waits for a locked head: the server does not notice, and goes
/// on when the next attempt has been sent.
async fn append_is_stored_once_if_connection_is_lost_while_its_call_runs(database: &Database) {
    lose_running_call(database).await;
}

async fn append_is_stored_once_if_connection_is_lost_while_its_call_runs_and_no_index(
    database: &Database,
) {
    let without = database.schema_options().index_event_ids(false);
    let made = database.connect_with(without).await;
    made.migrate::<TaskEvent>().await.unwrap();
    lose_running_call(database).await;
}

async fn lose_running_call(database: &Database) {
    let (proxy, store) = database.behind_proxy().await;
    let tasks = store.open::<TaskEvent>().await;
    let tasks = match tasks {
        Ok(tasks) => tasks,
        Err(_) => store.migrate::<TaskEvent>().await.unwrap(),
    };
    let id = started_stepwise(&tasks).await;
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    let lock = format!("SELECT 1 FROM task WHERE id = '{id}' FOR UPDATE");
    sqlx::query(sqlx::AssertSqlSafe(lock))
        .execute(&mut *holder)
        .await
        .unwrap();
    let append = {
        let tasks = tasks.clone();
        tokio::spawn(async move { tasks.append(id, reassigned("ann")).await })
    };
    let watch = database.sql().await;
    until_blocked(&watch, 1).await;
    proxy.hang_up();
    until_blocked(&watch, 2).await;
    holder.rollback().await.unwrap();
    let appended = append.await.unwrap().unwrap();
    let history = tasks.history(id).await.unwrap();
    assert_eq!(history.len(), 5);
    assert_eq!(appended.events[..], history[4..]);
}
