//! Who may do what.

use eventsource_core::schema::Roles;
use eventsource_core::{EntityId, Error, Retry};
use tasks::TaskEvent;

use crate::database::Database;
use crate::machines::light::{first, longer};
use crate::machines::{created, until_started};
use crate::schema_plain::{assert_refused, execute};

/// Every way that a store writes and reads.
pub async fn the_program_needs_no_more_than_the_writers_rights(database: &Database) {
    database.events::<TaskEvent>().await;
    let Some(store) = database.connect_as("writer").await else {
        return;
    };
    // What is there is as it should be, so there is nothing that it would need a right for.
    store.migrate::<TaskEvent>().await.unwrap();
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let (one, other) = (EntityId::new(), EntityId::new());
    for event in until_started() {
        tasks.append(one, event).await.unwrap();
    }
    let done = tasks.append(one, TaskEvent::Completed).idempotency_key("k");
    assert_eq!(done.await.unwrap().events.len(), 2);
    let again = tasks.append(one, TaskEvent::Completed).idempotency_key("k");
    assert!(again.await.unwrap().replayed);
    let both = tasks
        .append(EntityId::new(), created())
        .also(other, created());
    assert_eq!(both.await.unwrap().events.len(), 2);
    assert_eq!(tasks.load(one).await.unwrap().unwrap().seq.get(), 6);
    assert_eq!(tasks.history(one).await.unwrap().len(), 6);
    assert_eq!(tasks.search().await.unwrap().total, 8);
}

pub async fn the_reader_reads(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    let Some(store) = database.connect_as("reader").await else {
        return;
    };
    let tasks = store.open::<TaskEvent>().await.unwrap();
    assert_eq!(tasks.load(id).await.unwrap().unwrap().seq.get(), 1);
    assert_eq!(tasks.history(id).await.unwrap().len(), 1);
    let error = tasks.append(id, TaskEvent::Revised).await.unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error:?}");
    let reader = database.sql_as("reader").await.unwrap();
    for sql in [
        "INSERT INTO task_event SELECT * FROM task_event",
        "UPDATE task SET seq = 2",
        "DELETE FROM task",
        "SELECT nextval('task_event_clock_seq')",
        "SELECT * FROM eventsource_idempotency",
    ] {
        assert_refused(execute(&reader, sql).await, sql);
    }
}

pub async fn only_the_owner_migrates(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let Some(store) = database.connect_as("writer").await else {
        return;
    };
    for refused in [
        store.migrate::<TaskEvent>().await.map(|_| ()),
        store.migrate::<longer::LightEvent>().await.map(|_| ()),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::NotPermitted { .. }), "{error:?}");
        assert_eq!(error.retry(), Retry::Never);
        assert!(
            error.to_string().contains("run `migrate` as their owner"),
            "{error}"
        );
    }
    let id = EntityId::new();
    lights.append(id, first::LightEvent::Wired).await.unwrap();
}

pub async fn a_role_that_is_not_there_is_named(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let options = database
        .schema_options()
        .roles(Roles::new().writer("nobody_at_all"));
    let store = database.connect_with(options).await;
    let error = store.migrate::<TaskEvent>().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot migrate 'task': the database has no role 'nobody_at_all': create it, as by \
         `CREATE ROLE \"nobody_at_all\" NOLOGIN`"
    );
}
