//! Index of the event ids, which can be left out; Postgres only.

use eventsource_core::ddl::SchemaOptions;
use eventsource_core::{EntityId, Error, Event, EventStore, ViolationKind};
use sqlx::AnyPool;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::{all_ok, started_events};
use crate::support::machines::created;
use crate::support::plain_sql::Stream;
use crate::support::shipments::{ShipmentEvent, sender};

on_postgres! {
    event_without_index_of_ids_is_found_by_entity_only,
    index_of_event_ids_can_be_added_later,
    index_of_event_ids_is_refused_by_repeated_ids,
    counted_entities_keep_index_of_event_ids,
    resumed_import_without_index_of_event_ids_skips_stored_events,
}

fn without(database: &Database) -> SchemaOptions {
    database.schema_options().index_event_ids(false)
}

async fn tasks_without(database: &Database) -> EventStore<TaskEvent> {
    let store = database.connect_with(without(database)).await;
    store.migrate::<TaskEvent>().await.unwrap()
}

/// Counts the unique keys of the event ids, without those of partitions.
async fn keys(pool: &AnyPool, log: &str) -> i64 {
    let count = "SELECT count(*) FROM pg_constraint
        WHERE conrelid = to_regclass($1) AND contype = 'u'
            AND pg_get_constraintdef(oid) LIKE 'UNIQUE (event_id, %'";
    let count = sqlx::query_scalar(count).bind(log.to_owned());
    count.fetch_one(pool).await.unwrap()
}

async fn event_without_index_of_ids_is_found_by_entity_only(database: &Database) {
    let tasks = tasks_without(database).await;
    let pool = database.sql().await;
    assert_eq!(keys(&pool, "task_event").await, 0);
    let id = EntityId::new();
    let append = || tasks.append(id, created()).event(TaskEvent::Revised);
    let stored = append().idempotency_key("k").await.unwrap();
    assert!(append().idempotency_key("k").await.unwrap().replayed);

    let first = stored.events[0].id;
    let refused = tasks.event(first).await.unwrap_err();
    assert!(
        matches!(refused, Error::EventIdsNotIndexed { entity: "task" }),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("index_event_ids(true)"));
    let refused = tasks.search().parent(first).await.unwrap_err();
    assert!(
        matches!(refused, Error::EventIdsNotIndexed { .. }),
        "{refused:?}"
    );
    let next = tasks.search().parent(first).entity(id).await.unwrap();
    assert_eq!(next.readable().unwrap().items, stored.events[1..]);
    assert_eq!(tasks.history(id).await.unwrap(), stored.events);
    assert!(tasks.verify().await.unwrap().is_valid());
}

async fn index_of_event_ids_can_be_added_later(database: &Database) {
    let tasks = tasks_without(database).await;
    let id = EntityId::new();
    let stored = tasks.append(id, created()).await.unwrap();
    let indexed = database.store().open::<TaskEvent>().await.unwrap();
    let missing = indexed.verify().await.unwrap().differences;
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let expected = ["constraint", "index"]
        .map(|object| format!("{object} task_event_event_id of task_event is missing"));
    assert_eq!(missing, expected);

    let pool = database.sql().await;
    for _ in 0..2 {
        let indexed = database.events::<TaskEvent>().await;
        assert_eq!(keys(&pool, "task_event").await, 1);
        let found = indexed.event(stored.events[0].id).await.unwrap();
        assert_eq!(found, Some(stored.events[0].clone()));
        assert!(indexed.verify().await.unwrap().is_valid());
    }
    // Who does not ask for it takes it from nobody.
    let tasks = tasks_without(database).await;
    assert_eq!(keys(&pool, "task_event").await, 1);
    assert!(tasks.verify().await.unwrap().is_valid());
}

async fn index_of_event_ids_is_refused_by_repeated_ids(database: &Database) {
    let tasks = tasks_without(database).await;
    let mut task = Stream::new(database, TaskEvent::MACHINE);
    for name in ["CREATED", "REVISED"] {
        let event = TaskEvent::MACHINE.index_of(name).unwrap();
        let step = task.step(event).with("event_id", task.quoted_id());
        task.insert_past_guards(&step).await;
        task = task.after(event);
    }
    let violations = tasks.verify().await.unwrap().violations;
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(
        matches!(violations[0].kind, ViolationKind::DuplicateEventId { .. }),
        "{violations:?}"
    );
    let refused = database.store().migrate::<TaskEvent>().await.unwrap_err();
    let Error::MigrationRefused { reason, .. } = refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("`verify`"), "{reason}");
    tasks.append(EntityId::new(), created()).await.unwrap();
}

async fn counted_entities_keep_index_of_event_ids(database: &Database) {
    let store = database.connect_with(without(database)).await;
    let shipments = store.migrate::<ShipmentEvent>().await.unwrap();
    let pool = database.sql().await;
    assert_eq!(keys(&pool, "shipment_event").await, 1);
    let stored = shipments.create(ShipmentEvent::Created).by(sender());
    let stored = stored.await.unwrap();
    let found = shipments.event(stored.events[0].id).await.unwrap();
    assert_eq!(found, Some(stored.events[0].clone()));
    assert!(shipments.verify().await.unwrap().is_valid());
}

async fn resumed_import_without_index_of_event_ids_skips_stored_events(database: &Database) {
    let tasks = tasks_without(database).await;
    let (first, second) = (EntityId::new(), EntityId::new());
    tasks.import(all_ok(started_events(first))).await.unwrap();
    let mut lines = Vec::new();
    tasks.export().lines(&mut lines).await.unwrap();
    let before = tasks.history(first).await.unwrap();
    let again = || tasks.import_lines(&lines[..]).resume();
    assert_eq!(again().await.unwrap().events, 0);
    assert_eq!(again().exclusive().await.unwrap().events, 0);
    let other = all_ok(started_events(second));
    tasks.import(other).exclusive().await.unwrap();
    assert_eq!(tasks.history(first).await.unwrap(), before);
    assert!(tasks.verify().await.unwrap().is_valid());
}
