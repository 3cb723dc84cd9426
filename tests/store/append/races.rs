//! Appends of many clients to the same entities at the same time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{EntityId, Error, EventStore, Retry, Seq};
use tasks::TaskEvent;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::machines::{assigned, created, reassigned};
use crate::support::tasks::started;

on_every_database! {
    and sqlite_memory:
    concurrent_appends_with_same_expected_seq_have_one_winner,
    concurrent_first_events_with_expected_seq_have_one_winner,
    concurrent_first_events_have_one_winner,
    concurrent_appends_to_one_entity_are_all_stored,
    concurrent_appends_to_same_entities_never_deadlock,
}

on_every_database! {
    concurrent_appends_fit_into_default_timeouts,
}

on_postgres! {
    append_to_locked_entity_does_not_block_others,
}

const CLIENTS: usize = 32;

/// Runs `client` 32 times at once, each on a handle of its own.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    tasks: &EventStore<TaskEvent>,
    client: impl Fn(usize, EventStore<TaskEvent>) -> F,
) -> Vec<T> {
    let start = Arc::new(Barrier::new(CLIENTS));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let start = Arc::clone(&start);
        let work = client(number, tasks.clone());
        clients.spawn(async move {
            start.wait().await;
            work.await
        });
    }
    clients.join_all().await
}

/// Other tests wait as long as a busy machine may take; here nothing is told how long to wait.
async fn concurrent_appends_fit_into_default_timeouts(database: &Database) {
    let id = started(&database.events::<TaskEvent>().await).await;
    let store = database.store_with_default_timeouts().await;
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let answers = at_once(&tasks, |number, tasks| async move {
        for round in 0..5 {
            let event = reassigned(&format!("client {number}, {round}"));
            tasks.append(id, event).await?;
            tasks.append(EntityId::new(), created()).await?;
        }
        Ok::<_, Error>(())
    })
    .await;
    for answer in answers {
        answer.unwrap();
    }
    let head = tasks.head(id).await.unwrap().unwrap();
    assert_eq!(head.seq, Seq::new(4 + 5 * 32));
    store.close().await;
}

async fn concurrent_appends_with_same_expected_seq_have_one_winner(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    for round in 4..9 {
        let expected = Seq::new(round);
        let answers = at_once(&tasks, |number, tasks| async move {
            let event = reassigned(&format!("client {number}"));
            tasks.append(id, event).expected_seq(expected).await
        })
        .await;
        let mut winners = 0;
        for answer in answers {
            match answer {
                Ok(appended) => {
                    assert_eq!(appended.first().seq, expected.next());
                    winners += 1;
                }
                Err(Error::Conflict {
                    expected: theirs,
                    actual,
                    entity_id,
                    ..
                }) => assert_eq!((theirs, actual, entity_id), (expected, expected.next(), id)),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(winners, 1);
    }
    assert_eq!(tasks.history(id).await.unwrap().len(), 9);
}

/// Lets all clients append a first event. In microcosm-eventsource two of them can succeed.
async fn concurrent_first_events_with_expected_seq_have_one_winner(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let answers = at_once(&tasks, |_, tasks| async move {
        tasks
            .append(id, created())
            .expected_seq(Seq::NO_STREAM)
            .await
    })
    .await;
    let losers: Vec<Error> = answers.into_iter().filter_map(Result::err).collect();
    assert_eq!(losers.len(), CLIENTS - 1);
    for error in losers {
        let is_conflict = matches!(error, Error::Conflict { expected: Seq::NO_STREAM, actual, .. } if actual == Seq::new(1));
        assert!(is_conflict, "{error:?}");
    }
}

async fn concurrent_first_events_have_one_winner(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let answers = at_once(&tasks, |_, tasks| async move {
        tasks.append(id, created()).await
    })
    .await;
    let losers: Vec<Error> = answers.into_iter().filter_map(Result::err).collect();
    assert_eq!(losers.len(), CLIENTS - 1);
    for error in losers {
        assert_eq!(
            error.to_string(),
            "Event type 'CREATED' may not follow [CREATED]"
        );
    }
    assert_eq!(tasks.search().await.unwrap().total, Some(1));
}

/// Lets all clients append the same event type. In microcosm-eventsource a loser learns that its
/// event was stored, and its payload is not.
async fn concurrent_appends_to_one_entity_are_all_stored(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let answers = at_once(&tasks, |number, tasks| async move {
        tasks
            .append(id, reassigned(&format!("client {number}")))
            .await
            .unwrap()
    })
    .await;
    let history = tasks.history(id).await.unwrap();
    let seqs: Vec<u32> = history.iter().map(|recorded| recorded.seq.get()).collect();
    assert_eq!(seqs, (1..=36).collect::<Vec<_>>());
    let assignees: BTreeSet<String> = history[4..]
        .iter()
        .map(|recorded| match &recorded.event {
            TaskEvent::Reassigned { assignee } => assignee.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(assignees.len(), CLIENTS);
    for appended in answers {
        assert_eq!(
            history[appended.first().seq.get() as usize - 1],
            appended.events[0]
        );
    }
    assert!(history.is_sorted_by_key(|recorded| recorded.log_seq));
    assert!(history.is_sorted_by_key(|recorded| recorded.recorded_at));
}

async fn concurrent_appends_to_same_entities_never_deadlock(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (one, other, new) = (
        started(&tasks).await,
        started(&tasks).await,
        EntityId::new(),
    );
    at_once(&tasks, |number, tasks| async move {
        let ids = if number % 2 == 0 {
            [one, other]
        } else {
            [other, one]
        };
        for round in 0..4 {
            let event = reassigned(&format!("client {number}, round {round}"));
            tasks
                .append(ids[0], event.clone())
                .append(ids[1], event)
                .await
                .unwrap();
        }
        // New ones too, in either order: one client creates them, the others are refused.
        let born = tasks
            .append(ids[0], assigned("late"))
            .append(new, created())
            .await;
        assert!(
            matches!(born, Err(Error::Rejected { .. })),
            "ASSIGNED may not follow [STARTED]"
        );
    })
    .await;
    for id in [one, other] {
        assert_eq!(
            tasks.head(id).await.unwrap().unwrap().seq,
            Seq::new(4 + 4 * 32)
        );
    }
    assert_eq!(tasks.head(new).await.unwrap(), None);

    // Two that nobody has yet: one client creates both.
    let (one, other) = (EntityId::new(), EntityId::new());
    let born = at_once(&tasks, |number, tasks| async move {
        let ids = if number % 2 == 0 {
            [one, other]
        } else {
            [other, one]
        };
        tasks
            .append(ids[0], created())
            .append(ids[1], created())
            .await
    })
    .await;
    assert_eq!(born.iter().filter(|answer| answer.is_ok()).count(), 1);
    for error in born.into_iter().filter_map(Result::err) {
        assert!(matches!(error, Error::Rejected { .. }), "{error:?}");
    }
}

/// Locks the row of one entity, as at a prompt, and appends to it and to another one.
async fn append_to_locked_entity_does_not_block_others(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (held, free) = (started(&tasks).await, started(&tasks).await);
    let pool = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    let lock = format!("SELECT 1 FROM task WHERE id = '{held}' FOR UPDATE");
    sqlx::query(sqlx::AssertSqlSafe(lock))
        .execute(&mut *holder)
        .await
        .unwrap();
    let options = database.store_options();
    let hasty = options.lock_timeout(Duration::from_millis(100));
    let hasty = hasty.connect().await.unwrap();
    let hasty = hasty.open::<TaskEvent>().await.unwrap();
    let mut waiting = JoinSet::new();
    for _ in 0..4 {
        let hasty = hasty.clone();
        waiting.spawn(async move { hasty.append(held, reassigned("ann")).await.unwrap_err() });
    }
    for error in waiting.join_all().await {
        assert_eq!(error.retry(), Retry::Later, "{error:?}");
    }
    hasty.append(free, reassigned("ann")).await.unwrap();
    holder.rollback().await.unwrap();
    tasks.append(held, reassigned("ann")).await.unwrap();
}
