//! Appends that share transactions, and the result of each.

use std::future::IntoFuture;

use eventsource_core::{EntityId, Error, Retry, Seq};
use futures_util::FutureExt;
use futures_util::future::{Either, select, select_all};
use sqlx::AssertSqlSafe;
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::machines::{assigned, created, reassigned, scheduled};
use crate::support::tasks::started_stepwise;
use crate::support::waiting::{until_blocked, within};

on_every_database! {
    rejected_append_does_not_fail_others_in_group,
}

on_postgres! {
    constraint_violation_does_not_fail_others_in_group,
    concurrent_appends_share_transactions,
    appends_waiting_for_locked_rows_do_not_block_others,
    lists_waiting_for_locked_rows_leave_connections_to_others,
    appends_queued_for_one_locked_row_fail_after_one_lock_timeout,
    cancelled_append_is_never_sent,
    request_in_queue_is_sent_while_calls_before_it_wait_for_locked_rows,
    auto_transition_is_stored_while_others_wait_for_locked_rows,
    append_is_stored_while_an_earlier_one_of_its_entity_is_not_polled,
    append_is_stored_while_earlier_ones_are_not_polled,
    append_with_key_that_is_held_does_not_block_those_without,
}

async fn rejected_append_does_not_fail_others_in_group(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut callers = JoinSet::new();
    for number in 0..60 {
        let tasks = tasks.clone();
        callers.spawn(async move {
            let id = EntityId::new();
            tasks.append(id, created()).await.unwrap();
            match number % 3 {
                0 => {
                    let appended = tasks.append(id, assigned("ann")).event(scheduled()).await;
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
                    let append = tasks.append(id, assigned("ann")).expected_seq(Seq::new(9));
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
            let seq = tasks.head(id).await.unwrap().unwrap().seq;
            assert_eq!(seq, Seq::new(if number % 3 == 0 { 3 } else { 1 }));
        });
    }
    callers.join_all().await;
}

/// Adds a constraint of the operator's own. A call that fails as a whole is repeated for each append
/// alone.
async fn constraint_violation_does_not_fail_others_in_group(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let no_bob = "ALTER TABLE task_event ADD CHECK (data ->> 'assignee' <> 'bob')";
    sqlx::query(no_bob).execute(&pool).await.unwrap();
    let mut callers = JoinSet::new();
    for number in 0..60 {
        let tasks = tasks.clone();
        let assignee = if number % 20 == 0 { "bob" } else { "ann" };
        callers.spawn(async move {
            let id = EntityId::new();
            let appended = tasks.append(id, created()).event(assigned(assignee)).await;
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

/// Counts the transactions: a row holds the number of its own.
async fn concurrent_appends_share_transactions(database: &Database) {
    const APPENDS: usize = 200;
    let tasks = database.events::<TaskEvent>().await;
    let mut callers = JoinSet::new();
    for _ in 0..APPENDS {
        let tasks = tasks.clone();
        callers.spawn(async move { tasks.append(EntityId::new(), created()).await.unwrap() });
    }
    callers.join_all().await;
    let count = "SELECT count(DISTINCT xmin::text), count(*) FROM task_event";
    let pool = database.sql().await;
    let (transactions, events): (i64, i64) = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
    assert_eq!(events, 200);
    assert!(transactions < 100, "{transactions} transactions");
}

/// Locks more rows, as at a prompt, than there are calls under way at a time.
async fn appends_waiting_for_locked_rows_do_not_block_others(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let held = started_stepwise(&tasks).await;
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
        others.spawn(async move { started_stepwise(&tasks).await });
    }
    others.join_all().await;
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    holder.rollback().await.unwrap();
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
}

/// Locks one row of each of several lists, as at a prompt, with two connections for all.
async fn lists_waiting_for_locked_rows_leave_connections_to_others(database: &Database) {
    let options = database.store_options().max_connections(2);
    let store = options.connect().await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..6 {
        let (held, free) = (started_stepwise(&tasks).await, EntityId::new());
        lock(&mut holder, held).await;
        let tasks = tasks.clone();
        let list = async move {
            let list = tasks.append(free, created());
            list.append(held, reassigned("ann")).await
        };
        waiting.push(tokio::spawn(list));
    }
    let mut others = JoinSet::new();
    for _ in 0..20 {
        let tasks = tasks.clone();
        others.spawn(async move {
            let id = started_stepwise(&tasks).await;
            let pair = tasks.append(EntityId::new(), created());
            pair.append(id, reassigned("bob")).await.unwrap();
            assert_eq!(tasks.history(id).await.unwrap().len(), 5);
        });
    }
    within(others.join_all()).await;
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    holder.rollback().await.unwrap();
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap().unwrap().events.len(), 2);
    }
}

/// Would take longer than a test may if each append began to wait for the lock in its turn.
async fn appends_queued_for_one_locked_row_fail_after_one_lock_timeout(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let held = started_stepwise(&tasks).await;
    let options = database.store_options();
    let options = options.lock_timeout(std::time::Duration::from_secs(1));
    let hasty = options.connect().await.unwrap();
    let hasty = hasty.open::<TaskEvent>().await.unwrap();
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    lock(&mut holder, held).await;
    let mut queued = JoinSet::new();
    for number in 0..400 {
        let hasty = hasty.clone();
        queued.spawn(async move {
            let append = hasty.append(held, reassigned("ann"));
            match number % 2 {
                0 => append.await,
                _ => append.append(EntityId::new(), created()).await,
            }
        });
    }
    for refused in within(queued.join_all()).await {
        let refused = refused.unwrap_err();
        assert_eq!(refused.retry(), Retry::Later, "{refused:?}");
    }
    holder.rollback().await.unwrap();
    assert_eq!(tasks.history(held).await.unwrap().len(), 4);
}

/// Drops an append that waits behind another one of its entity.
async fn cancelled_append_is_never_sent(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let held = started_stepwise(&tasks).await;
    let pool = database.sql().await;
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
    started_stepwise(&tasks).await;
    assert!((&mut behind).now_or_never().is_none());
    drop(behind);
    holder.rollback().await.unwrap();
    sent.await.unwrap();
    tasks.append(held, reassigned("eve")).await.unwrap();
    let history = tasks.history(held).await.unwrap();
    let events: Vec<&TaskEvent> = history[4..].iter().map(|event| &event.event).collect();
    assert_eq!(events, [&reassigned("ann"), &reassigned("eve")]);
}

/// Locks the rows of an entity for a transaction.
async fn lock(holder: &mut sqlx::AnyConnection, id: EntityId) {
    let lock = format!("SELECT 1 FROM task WHERE id = '{id}' FOR UPDATE");
    sqlx::query(AssertSqlSafe(lock))
        .execute(holder)
        .await
        .unwrap();
}

/// Takes all lanes by requests whose heads are locked, while another is in the queue.
async fn request_in_queue_is_sent_while_calls_before_it_wait_for_locked_rows(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let held = started_stepwise(&tasks).await;
        lock(&mut holder, held).await;
        waiting.push(held);
    }
    let free = EntityId::new();
    tasks.append(free, created()).await.unwrap();
    let waiting = waiting
        .into_iter()
        .map(|held| tasks.append(held, reassigned("ann")).into_future());
    let mut waiting: Vec<_> = waiting.collect();
    for append in &mut waiting {
        assert!(append.now_or_never().is_none());
    }
    let mut queued = tasks
        .append(free, assigned("ann"))
        .event(scheduled())
        .into_future();
    assert!((&mut queued).now_or_never().is_none());
    let Either::Left((appended, waiting)) = select(queued, select_all(waiting)).await else {
        panic!("an append to a locked row has ended before the other");
    };
    assert_eq!(appended.unwrap().events.len(), 2);
    holder.rollback().await.unwrap();
    let (first, _, others) = waiting.await;
    first.unwrap();
    for append in others {
        append.await.unwrap();
    }
}

/// Has as many requests wait for locked heads as may at a time.
async fn auto_transition_is_stored_while_others_wait_for_locked_rows(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let free = started_stepwise(&tasks).await;
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    let mut waiting = JoinSet::new();
    for _ in 0..8 {
        let held = started_stepwise(&tasks).await;
        lock(&mut holder, held).await;
        let tasks = tasks.clone();
        waiting.spawn(async move { tasks.append(held, reassigned("ann")).await });
    }
    until_blocked(&database.sql().await, 2).await;
    let completed = tasks.append(free, TaskEvent::Completed).await.unwrap();
    assert_eq!(completed.events.len(), 2);
    assert!(waiting.try_join_next().is_none());
    holder.rollback().await.unwrap();
    waiting.join_all().await;
}

/// Begins an append and does not poll it while another of the entity is awaited.
async fn append_is_stored_while_an_earlier_one_of_its_entity_is_not_polled(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started_stepwise(&tasks).await;
    let mut idle = tasks.append(id, reassigned("ann")).into_future();
    assert!((&mut idle).now_or_never().is_none());
    within(async { tasks.append(id, reassigned("bob")).await })
        .await
        .unwrap();
    idle.await.unwrap();
}

async fn append_is_stored_while_earlier_ones_are_not_polled(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        let mut append = tasks.append(EntityId::new(), created()).into_future();
        assert!((&mut append).now_or_never().is_none());
        idle.push(append);
    }
    within(async { tasks.append(EntityId::new(), created()).await })
        .await
        .unwrap();
    for append in idle {
        append.await.unwrap();
    }
}

/// Holds an idempotency key at a prompt, for which one of many requests has to wait.
async fn append_with_key_that_is_held_does_not_block_those_without(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let prompt = database.sql().await;
    let mut holder = prompt.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM task_append(NULL, 'CREATED', idempotency_key => 'k')")
        .execute(&mut *holder)
        .await
        .unwrap();
    let append = |key: Option<&'static str>| {
        let tasks = tasks.clone();
        tokio::spawn(async move {
            let append = tasks.append(EntityId::new(), created());
            match key {
                Some(key) => append.idempotency_key(key).await,
                None => append.await,
            }
        })
    };
    let mut others: Vec<_> = (0..20).map(|_| append(None)).collect();
    let with_key = append(Some("k"));
    others.extend((0..40).map(|_| append(None)));
    for other in others {
        within(other).await.unwrap().unwrap();
    }
    assert!(!with_key.is_finished());
    holder.rollback().await.unwrap();
    within(with_key).await.unwrap().unwrap();
}
