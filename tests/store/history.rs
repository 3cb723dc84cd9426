//! What is kept of a stream, and read back (C19, X20).

use eventsource_core::model::EventIndex;
use eventsource_core::{EntityId, Event, Seq};
use tasks::TaskEvent;

use crate::database::Database;
use crate::machines::{assigned, created, scheduled, until_started};
use crate::schema_plain::{Stream, execute};

pub async fn history_is_read_in_parts(database: &Database) {
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

pub async fn what_is_not_there_is_none(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    assert_eq!(tasks.load(EntityId::new()).await.unwrap(), None);
    assert_eq!(tasks.history(EntityId::new()).await.unwrap(), []);
    assert_eq!(
        tasks.event(eventsource_core::EventId::new()).await.unwrap(),
        None
    );
}

pub async fn metadata_is_kept(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks
        .append(id, created())
        .by("ann")
        .correlated_with("request-7")
        .caused_by("command-3")
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
    assert_eq!(history[1].metadata, Default::default());
}

/// C19, X20: whatever the clocks say, also when the server that wrote last was ahead of this one.
pub async fn a_stream_goes_on_after_a_time_that_is_still_to_come(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let task = Stream::new(database, TaskEvent::MACHINE);
    let ahead = if database.is_postgres() {
        "CAST('2126-01-01 00:00:00Z' AS timestamptz)"
    } else {
        "'2126-01-01T00:00:00.000000Z'"
    };
    let step = task.step(EventIndex::new(0).unwrap());
    let step = step.with("recorded_at", ahead);
    execute(&pool, &task.write(&step)).await.unwrap();

    tasks.append(task.id, assigned("ann")).await.unwrap();
    let with_key = tasks
        .append(task.id, scheduled())
        .idempotency_key("request");
    with_key.also(EntityId::new(), created()).await.unwrap();
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
    let head = tasks.load(task.id).await.unwrap().unwrap();
    assert_eq!(head.updated_at, history[2].recorded_at);
}
