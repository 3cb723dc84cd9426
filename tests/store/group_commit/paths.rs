//! Appends on every path: alone, with others, queued behind another one, together with another entity.
//! The result is the same.

use eventsource_core::{Appended, EntityId, Error, Event, EventStore, Seq};
use proptest::prelude::*;
use tasks::{TaskEvent, TaskEventType};
use tokio::task::JoinSet;

use crate::support::concurrency::{in_order, on_one_thread};
use crate::support::database::Database;
use crate::support::machines::{assigned, created, reassigned, until_started};
use crate::support::property::check;
use crate::support::tasks::some_event;

on_every_database! {
    append_gives_same_result_on_every_path,
    expected_seq_is_checked_for_each_append_of_group,
    rejection_in_group_reports_state_at_its_seq,
}

on_postgres! {
    appends_that_gather_are_one_transaction,
    constraint_violation_does_not_stop_appends_queued_behind,
    appends_waiting_for_one_entity_share_transactions,
}

/// Outcome of an append, without what differs from entity to entity.
type Outcome = Result<Vec<(Seq, TaskEventType, String, u32, Option<String>)>, String>;

fn outcome(answer: &Result<Appended<TaskEvent>, Error>) -> Outcome {
    let appended = answer.as_ref().map_err(ToString::to_string)?;
    Ok(appended
        .events
        .iter()
        .map(|event| {
            (
                event.seq,
                event.event.event_type(),
                event.state.to_string(),
                event.generation.get(),
                event.metadata.actor.clone(),
            )
        })
        .collect())
}

async fn outcomes(
    tasks: &EventStore<TaskEvent>,
    id: EntityId,
    answers: Vec<Result<Appended<TaskEvent>, Error>>,
) -> Vec<Outcome> {
    let events = answers.iter().flatten().flat_map(|answer| &answer.events);
    let events: Vec<_> = events.cloned().collect();
    // With their log sequences, parents, times and all.
    assert_eq!(tasks.history(id).await.unwrap(), events);
    answers.iter().map(outcome).collect()
}

fn event_types() -> impl Strategy<Value = Vec<TaskEventType>> {
    let all = [
        TaskEventType::Created,
        TaskEventType::Assigned,
        TaskEventType::Scheduled,
        TaskEventType::Started,
        TaskEventType::Reassigned,
        TaskEventType::Rescheduled,
        TaskEventType::Revised,
        TaskEventType::Canceled,
        TaskEventType::Completed,
    ];
    let more = prop::collection::vec(prop::sample::select(all.to_vec()), 1..10);
    (0_usize..=4, more).prop_map(|(legal, more)| {
        let begin = until_started().map(|event| event.event_type());
        begin.into_iter().take(legal).chain(more).collect()
    })
}

async fn append_gives_same_result_on_every_path(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    check(&event_types(), async |event_types: Vec<TaskEventType>| {
        let append = |id, n: usize| {
            let event = some_event(event_types[n]);
            tasks.append(id, event).by(format!("client {n}"))
        };
        let numbers = || 0..event_types.len();

        let id = EntityId::new();
        let mut alone = Vec::new();
        for n in numbers() {
            alone.push(append(id, n).await);
        }
        let alone = outcomes(&tasks, id, alone).await;

        let id = EntityId::new();
        let mut in_transactions = Vec::new();
        for n in numbers() {
            let mut answer = append(id, n).append(EntityId::new(), created()).await;
            if let Ok(appended) = &mut answer {
                appended.events.retain(|event| event.entity_id == id);
            }
            in_transactions.push(answer);
        }
        assert_eq!(outcomes(&tasks, id, in_transactions).await, alone);

        let id = EntityId::new();
        let keyed = |id, n: usize| append(id, n).idempotency_key(format!("{id} {n}"));
        let mut with_keys = Vec::new();
        for n in numbers() {
            with_keys.push(keyed(id, n).await);
        }
        // Each answers again as it did, whatever the state is by now.
        for (n, first) in (0..).zip(&with_keys) {
            if let Ok(first) = first {
                let again = keyed(id, n).await.unwrap();
                assert!(again.replayed);
                assert_eq!(again.events, first.events);
            }
        }
        assert_eq!(outcomes(&tasks, id, with_keys).await, alone);

        let ids = [EntityId::new(), EntityId::new()];
        let mut with_another = Vec::new();
        for n in numbers() {
            let both = in_order(ids.map(|id| async move { append(id, n).await })).await;
            with_another.extend(both.into_iter().next());
        }
        assert_eq!(outcomes(&tasks, ids[0], with_another).await, alone);

        let ids = [EntityId::new(), EntityId::new()];
        let mut keyed_with_another = Vec::new();
        for n in numbers() {
            let ask = async |id| match id == ids[0] {
                true => keyed(id, n).await,
                false => append(id, n).await,
            };
            let both = in_order(ids.map(ask)).await;
            keyed_with_another.extend(both.into_iter().next());
        }
        assert_eq!(outcomes(&tasks, ids[0], keyed_with_another).await, alone);

        // SQLite takes them in no order.
        if database.is_postgres() {
            let id = EntityId::new();
            let behind = in_order(numbers().map(|n| async move { append(id, n).await })).await;
            assert_eq!(outcomes(&tasks, id, behind).await, alone);
        }
    });
}

/// Queues appends with right and with stale expectations (M18).
async fn expected_seq_is_checked_for_each_append_of_group(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let ids = [(); 6].map(|()| EntityId::new());
    for id in ids {
        for event in until_started() {
            tasks.append(id, event).await.unwrap();
        }
    }
    // They are asked at once, so that one call can take them.
    let answers = in_order((0..).zip(ids).map(|(n, id)| {
        let stale = Seq::new(if n % 2 == 0 { 4 } else { 3 });
        let append = tasks.append(id, reassigned("ann")).expected_seq(stale);
        async move { append.await }
    }))
    .await;
    for (n, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(appended) => assert!(n % 2 == 0 && appended.events[0].seq == Seq::new(5)),
            Err(error) => {
                assert!(n % 2 == 1);
                assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
            }
        }
        let stored = tasks.history(ids[n]).await.unwrap().len();
        assert_eq!(stored, if n % 2 == 0 { 5 } else { 4 });
    }
}

/// Checks each refusal against the history at the sequence that it names.
async fn rejection_in_group_reports_state_at_its_seq(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let mut clients = JoinSet::new();
    for client in 0..40 {
        let tasks = tasks.clone();
        clients.spawn(async move {
            for round in 0..5 {
                let append = match (client + round) % 5 {
                    0 => tasks.append(id, created()),
                    1 => tasks.append(id, assigned("ann")),
                    2 => tasks.append(id, TaskEvent::Revised),
                    3 => tasks
                        .append(id, reassigned("bob"))
                        .expected_seq(Seq::new(round)),
                    _ => tasks.append(id, reassigned("ann")),
                };
                match append.await {
                    Ok(appended) => {
                        let history = tasks.history(id).await.unwrap();
                        let stored = &history[appended.first().seq.get() as usize - 1];
                        assert_eq!(stored, appended.first());
                    }
                    Err(Error::Rejected {
                        actual, rejection, ..
                    }) => {
                        let history = tasks.history(id).await.unwrap();
                        let state = history[actual.get() as usize - 1].state.to_string();
                        assert!(rejection.to_string().ends_with(&state), "{rejection}");
                    }
                    Err(Error::Conflict {
                        expected, actual, ..
                    }) => assert_ne!(expected, actual),
                    Err(other) => panic!("{other:?}"),
                }
            }
        });
    }
    clients.join_all().await;
    let history = tasks.history(id).await.unwrap();
    let seqs = history.iter().map(|event| event.seq.get());
    assert!(seqs.eq(1..=u32::try_from(history.len()).unwrap()));
}

/// Queues a first event and nine more on one thread. The first is sent by its caller, and the others
/// gather behind it.
async fn appends_that_gather_are_one_transaction(database: &Database) {
    let connect = database.store_options().max_connections(4).connect();
    let generations = on_one_thread(async move {
        let store = connect.await.unwrap();
        let tasks = store.migrate::<TaskEvent>().await.unwrap();
        let id = EntityId::new();
        let events = [created()].into_iter().chain(vec![TaskEvent::Revised; 9]);
        let appends = events.map(|event| async { tasks.append(id, event).await.unwrap() });
        let appended = in_order(appends).await;
        let generations = appended.iter().map(|one| one.first().generation.get());
        let generations: Vec<u32> = generations.collect();
        store.close().await;
        generations
    })
    .await;
    assert_eq!(generations, (1..=10).collect::<Vec<u32>>());
    let count = "SELECT count(DISTINCT xmin::text), count(*) FROM task_event";
    let pool = database.sql().await;
    let counted: (i64, i64) = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
    assert_eq!(counted, (2, 10));
}

/// Adds a constraint of the operator's own, which refuses some appends of a queue.
async fn constraint_violation_does_not_stop_appends_queued_behind(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let pool = database.sql().await;
    let no_bob = "ALTER TABLE task_event ADD CHECK (data ->> 'assignee' <> 'bob')";
    sqlx::query(no_bob).execute(&pool).await.unwrap();
    let names = ["ann", "eve", "bob", "joe", "bob", "zoe"].repeat(4);
    let appends = names
        .iter()
        .map(|name| async { tasks.append(id, reassigned(name)).await });
    let answers = in_order(appends).await;
    let mut stored = Vec::new();
    for (name, answer) in names.iter().zip(answers) {
        match answer {
            Ok(appended) => stored.extend(appended.events),
            Err(error) => {
                assert!(matches!(error, Error::RulesChanged { .. }), "{error:?}");
                assert_eq!(*name, "bob");
            }
        }
    }
    assert_eq!(stored.len(), 16);
    assert_eq!(tasks.history(id).await.unwrap()[4..], stored);
}

/// Counts the transactions of queued appends: a row holds the number of its own.
async fn appends_waiting_for_one_entity_share_transactions(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let appends = (0..40).map(|_| async { tasks.append(id, reassigned("ann")).await.unwrap() });
    in_order(appends).await;
    let count = "SELECT count(DISTINCT xmin::text), count(*) FROM task_event WHERE seq > 4";
    let pool = database.sql().await;
    let (transactions, events): (i64, i64) = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
    assert_eq!(events, 40);
    assert!(transactions < 10, "{transactions} transactions");
}
