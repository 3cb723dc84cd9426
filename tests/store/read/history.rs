//! Histories: their order, their pages, their metadata (C19, X20).

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use chrono::Utc;
use eventsource_core::model::EventIndex;
use eventsource_core::{EntityId, Error, Event, ExportedEvent, Metadata, RecordedEvent, Seq};
use futures_util::TryStreamExt;
use futures_util::stream::iter;
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::events::{all_ok, plain_event, started_events};
use crate::support::machines::{assigned, created, reassigned, scheduled, until_started};
use crate::support::plain_sql::{Stream, assert_refused, execute};

on_every_database! {
    and sqlite_memory:
    history_of_any_length_is_complete_across_pages,
}

on_every_database! {
    history_with_after_and_limit_returns_part,
    reads_of_unknown_ids_return_nothing,
    metadata_of_append_is_stored,
    append_after_event_from_future_keeps_times_in_order,
    metadata_written_by_plain_sql_is_read,
}

on! {
    sqlite_file, sqlite_memory:
    readers_of_long_history_are_served_in_turn,
}

/// Counts the readers between the middle of a long stream and its end.
async fn readers_of_long_history_are_served_in_turn(database: &Database) {
    const READERS: usize = 40;
    const EVENTS: usize = 12_000;
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let mut events = started_events(id);
    while events.len() < EVENTS {
        events.push(plain_event(id, &reassigned("ann"), 10));
    }
    tasks.import(all_ok(events)).await.unwrap();
    let (between, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (tasks, between, most) = (tasks.clone(), between.clone(), most.clone());
        readers.spawn(async move {
            let count = |count: &mut usize, _: &RecordedEvent<TaskEvent>| {
                *count += 1;
                if *count == 2000 {
                    most.fetch_max(between.fetch_add(1, Relaxed) + 1, Relaxed);
                } else if *count == EVENTS {
                    between.fetch_sub(1, Relaxed);
                }
            };
            tasks.history(id).fold_with(0, count).await.unwrap()
        });
    }
    assert_eq!(readers.join_all().await, [EVENTS; READERS]);
    let processors = std::thread::available_parallelism().unwrap().get();
    let most = most.load(Relaxed);
    assert!(most <= processors, "{most} at a time");
}

async fn history_with_after_and_limit_returns_part(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let all = tasks.history(id).await.unwrap();
    let part = tasks.history(id).after(Seq::new(1)).limit(2).await.unwrap();
    assert_eq!(part, all[1..3]);
    assert_eq!(tasks.history(id).after(Seq::new(4)).await.unwrap(), []);
}

async fn reads_of_unknown_ids_return_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    assert_eq!(tasks.head(EntityId::new()).await.unwrap(), None);
    assert_eq!(tasks.history(EntityId::new()).await.unwrap(), []);
    assert_eq!(
        tasks.event(eventsource_core::EventId::new()).await.unwrap(),
        None
    );
}

async fn metadata_of_append_is_stored(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks
        .append(id, created())
        .by("ann")
        .correlation_id("request-7")
        .causation_id("command-3")
        .idempotency_key("key-1")
        .await
        .unwrap();
    tasks.append(id, assigned("ann")).await.unwrap();
    let history = tasks.history(id).await.unwrap();
    let metadata = &history[0].metadata;
    assert_eq!(metadata.actor.as_deref(), Some("ann"));
    assert_eq!(metadata.correlation_id.as_deref(), Some("request-7"));
    assert_eq!(metadata.causation_id.as_deref(), Some("command-3"));
    assert_eq!(metadata.idempotency_key.as_deref(), Some("key-1"));
    assert_eq!(history[1].metadata, eventsource_core::Metadata::default());
}

/// Appends after an event of a server whose time was ahead of this one (C19, X20).
async fn append_after_event_from_future_keeps_times_in_order(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let task = Stream::new(database, TaskEvent::MACHINE);
    let ahead = if database.is_postgres() {
        "CAST('2126-01-01 00:00:00Z' AS timestamptz)"
    } else {
        "'2126-01-01T00:00:00.000000Z'"
    };
    let step = task.step(EventIndex::new(0).unwrap());
    let step = step.with("recorded_at", ahead);
    task.insert_past_guards(&step).await;

    tasks.append(task.id, assigned("ann")).await.unwrap();
    let with_key = tasks
        .append(task.id, scheduled())
        .idempotency_key("request");
    with_key.append(EntityId::new(), created()).await.unwrap();
    let history = tasks.history(task.id).await.unwrap();
    assert_eq!(history.len(), 3);
    assert!(
        history.is_sorted_by_key(|event| event.recorded_at),
        "{history:?}"
    );
    assert_eq!(
        history[0].recorded_at.to_rfc3339(),
        "2126-01-01T00:00:00+00:00"
    );
    let head = tasks.head(task.id).await.unwrap().unwrap();
    assert_eq!(head.updated_at, history[2].recorded_at);
}

/// Reads streams around the length of a page, which is 1,024 events.
async fn history_of_any_length_is_complete_across_pages(database: &Database) {
    const PAGE: u32 = 1024;
    let tasks = database.events::<TaskEvent>().await;
    for length in [1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1] {
        let id = EntityId::new();
        let round = [
            assigned("ann"),
            scheduled(),
            TaskEvent::Started,
            TaskEvent::Revised,
        ];
        let events = [created()].into_iter().chain(round.into_iter().cycle());
        let plain = events.map(|event| Ok(ExportedEvent::of(id, &event, Utc::now())?));
        tasks
            .import(iter(plain.take(length as usize)))
            .await
            .unwrap();

        let all = tasks.history(id).await.unwrap();
        assert_eq!(all.len(), length as usize);
        assert_eq!(
            (all[0].parent_id, all[0].prior_state.is_empty()),
            (None, true)
        );
        for (place, event) in all.iter().enumerate() {
            assert_eq!(event.seq, Seq::new(u32::try_from(place).unwrap() + 1));
        }
        for pair in all.windows(2) {
            assert_eq!(pair[1].parent_id, Some(pair[0].id));
            assert_eq!(pair[1].prior_state, pair[0].state);
        }
        let streamed: Vec<_> = tasks.history(id).stream().try_collect().await.unwrap();
        assert_eq!(streamed, all, "a stream of {length}");
        let count = tasks.history(id).fold_with(0, |count, _| *count += 1);
        assert_eq!(count.await.unwrap(), length);

        for after in [0, 1, 2, PAGE - 2, PAGE - 1, PAGE, PAGE + 1] {
            // What an event says of itself when nothing around it is read.
            if let Some(event) = all.get(after as usize) {
                let alone = tasks.event(event.id).await.unwrap();
                assert_eq!(alone.as_ref(), Some(event));
            }
            for limit in [1, PAGE - 1, PAGE, PAGE + 1] {
                let part = || tasks.history(id).after(Seq::new(after)).limit(limit.into());
                let expected = part_of(&all, after, limit);
                assert_eq!(part().await.unwrap(), expected, "{limit} after {after}");
                let streamed: Vec<_> = part().stream().try_collect().await.unwrap();
                assert_eq!(streamed, expected, "{limit} after {after}");
                let until = part().as_of(Seq::new(PAGE)).await.unwrap();
                let expected = expected.iter().filter(|event| event.seq <= Seq::new(PAGE));
                assert!(until.iter().eq(expected), "{limit} after {after}");
            }
        }
    }
}

fn part_of(
    all: &[RecordedEvent<TaskEvent>],
    after: u32,
    limit: u32,
) -> &[RecordedEvent<TaskEvent>] {
    let from = all.len().min(after as usize);
    let to = all.len().min((after + limit) as usize);
    &all[from..to]
}

/// Reads metadata of every form that plain SQL can store.
async fn metadata_written_by_plain_sql_is_read(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let ann = |roles: &[&str]| {
        let mut metadata = Metadata::default();
        metadata.actor = Some("ann \u{e9} \"x\"".to_owned());
        metadata.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        metadata
    };
    let cases = [
        ("{}", Metadata::default()),
        ("{ }", Metadata::default()),
        (r#"{"shoe_size": 43}"#, Metadata::default()),
        (r#"{"actor": null}"#, Metadata::default()),
        (
            "{\"actor\": \"ann \u{e9} \\\"x\\\"\", \"shoe_size\": {}}",
            ann(&[]),
        ),
        (
            "{\"roles\": [\"SENDER\"], \"actor\": \"ann \u{e9} \\\"x\\\"\"}",
            ann(&["SENDER"]),
        ),
    ];
    for (stored, expected) in cases {
        let task = Stream::new(database, TaskEvent::MACHINE);
        let step = task.step(EventIndex::new(0).unwrap());
        let text = if database.is_postgres() {
            format!("CAST('{stored}' AS jsonb)")
        } else {
            format!("'{stored}'")
        };
        let step = step.with("metadata", text);
        task.insert_past_guards(&step).await;

        let history = tasks.history(task.id).await.unwrap();
        assert_eq!(history[0].metadata, expected, "{stored}");
        let event = tasks.event(history[0].id).await.unwrap();
        assert_eq!(event.as_ref(), history.first());
        let found = tasks.search().entity(task.id).await.unwrap();
        let found = found.readable().unwrap();
        assert_eq!((found.total, found.items), (Some(1), history));
    }
    // What cannot be read is an error, and the next one is read all the same.
    let task = Stream::new(database, TaskEvent::MACHINE);
    let step = task.step(EventIndex::new(0).unwrap());
    let wrong = "CAST('{\"actor\": 5}' AS jsonb)";
    let wrong = match database.is_postgres() {
        true => wrong,
        false => "'{\"actor\": 5}'",
    };
    let step = step.with("metadata", wrong);
    if database.is_postgres() {
        assert_refused(execute(&pool, &task.write(&step)).await, wrong);
        let drop =
            "ALTER DOMAIN task_event_rules_89e2fe73 DROP CONSTRAINT task_event_metadata_check";
        execute(&pool, drop).await.unwrap();
    }
    task.insert_past_guards(&step).await;
    let assigned = tasks.append(task.id, assigned("ann")).await.unwrap();
    let first = assigned.last().parent_id.unwrap();
    for _ in 0..20 {
        let error = tasks.history(task.id).await.unwrap_err();
        let Error::Unreadable(event) = error else {
            panic!("{error}");
        };
        assert_eq!((event.id, event.seq), (first, Seq::new(1)));
        let rest = tasks.history(task.id).after(Seq::new(1)).await.unwrap();
        assert_eq!(
            (rest[0].parent_id, &rest[..]),
            (Some(first), &assigned.events[..])
        );
        let head = tasks.head(task.id).await.unwrap();
        assert_eq!(head.map(|head| head.seq), Some(Seq::new(2)));
    }
}
