//! Exclusive imports, which drop the indexes and make them again.

use eventsource_core::{EntityId, Error, ExportedEvent};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::{all_ok, started_events};
use crate::support::machines::{deadline, reassigned};

on_every_database! {
    and postgres_outbox:
    exclusive_import_is_checked_like_any_import,
}

on_postgres! {
    import_as_writer_is_refused,
}

on_postgres! {
    and postgres_outbox:
    exclusive_import_restores_indexes_and_constraints,
}

/// Query for the constraints, indexes and triggers of the log, the heads and their partitions.
const KEYS: &str = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        || ' ' || convalidated AS line FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND conparentid = 0
    UNION ALL SELECT pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index
        JOIN pg_class AS class ON class.oid = indexrelid
    WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE '%\\_p_\\_%'
        AND relname NOT LIKE '%\\_p_'
    UNION ALL SELECT tgname || ' ' || tgenabled::text FROM pg_trigger
        JOIN pg_class AS class ON class.oid = tgrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal) AS lines";

async fn exclusive_import_restores_indexes_and_constraints(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let pool = database.sql().await;
    let index = "CREATE INDEX mine ON task_event (recorded_at DESC) WHERE seq > 1";
    sqlx::query(index).execute(&pool).await.unwrap();
    let keys = async || -> String {
        let keys = sqlx::query_scalar(KEYS).fetch_one(&pool).await;
        keys.unwrap()
    };
    let before = keys().await;
    for key in [
        "mine",
        "task_event_by_clock",
        "task_event_pkey",
        "task_event_event_id",
    ] {
        assert!(before.contains(key), "{before}");
    }
    tasks
        .import(all_ok(started_events(id)))
        .exclusive()
        .await
        .unwrap();
    assert_eq!(keys().await, before);
    // Each part has its own.
    let parts: i64 = sqlx::query_scalar(
        // Other tests' indexes may go while theirs are looked at: only one's own are.
        "WITH own AS MATERIALIZED (
            SELECT oid FROM pg_class
            WHERE relkind IN ('i', 'I') AND relnamespace = current_schema()::regnamespace)
        SELECT count(*) FROM own WHERE pg_get_indexdef(oid) LIKE '%recorded_at%'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(parts, if database.is_partitioned() { 4 } else { 1 });
    let feed = tasks.feed().limit(100).await.unwrap();
    assert_eq!(feed.events.len(), 4);
}

async fn exclusive_import_is_checked_like_any_import(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let import = tasks.import(all_ok(started_events(id)));
    import.exclusive().await.unwrap();
    assert_eq!(tasks.history(id).await.unwrap().len(), 4);
    // It goes on with what is there, and is refused what anyone is refused.
    let time = deadline() + chrono::TimeDelta::days(1);
    let mut events = vec![ExportedEvent::of(id, &reassigned("bob"), time).unwrap()];
    tasks
        .import(all_ok(events.clone()))
        .exclusive()
        .await
        .unwrap();
    events[0].event_id = Some(tasks.history(id).await.unwrap()[1].id);
    let refused = tasks.import(all_ok(events)).exclusive().await.unwrap_err();
    assert!(
        refused.to_string().contains("another event with this id"),
        "{refused}"
    );
    let illegal = tasks.import(all_ok(started_events(id))).exclusive().await;
    assert!(
        matches!(illegal, Err(Error::ImportRejected(_))),
        "{illegal:?}"
    );
    tasks.append(id, reassigned("eve")).await.unwrap();
    assert_eq!(tasks.history(id).await.unwrap().len(), 6);
    let feed = tasks.feed().limit(100).await.unwrap();
    assert_eq!(feed.events.len(), 6);
}

/// Imports in the name of a role that may append and does not own the tables. Only a dry run is for
/// everybody.
async fn import_as_writer_is_refused(database: &Database) {
    database.events::<TaskEvent>().await;
    let store = database.connect_as("writer").await;
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let id = EntityId::new();
    let events = || all_ok(started_events(id));
    for refused in [
        tasks.import(events()).exclusive().await,
        tasks.import(events()).await,
    ] {
        assert!(
            matches!(refused, Err(Error::NotPermitted { .. })),
            "{refused:?}"
        );
    }
    tasks.import(events()).dry_run().await.unwrap();
    assert_eq!(tasks.history(id).await.unwrap().len(), 0);
}
