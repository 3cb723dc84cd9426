//! Rights of the writer, the reader, and the owner.

use eventsource_core::ddl::Roles;
use eventsource_core::{EntityId, Error, Retry};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::feed::{nth, number, whole};
use crate::support::machines::light::{first, longer};
use crate::support::machines::{created, until_started};
use crate::support::plain_sql::{assert_refused, execute};
use crate::support::tasks::started;
use crate::support::waiting::within;

on_postgres! {
    reader_role_can_only_read,
    migrate_as_writer_is_refused,
    migrate_with_missing_role_names_it,
}

on_postgres! {
    and postgres_outbox:
    writer_role_can_do_every_store_call,
    reader_role_can_follow_feed,
    writer_role_of_one_machine_sequences_events_of_all,
    read_only_connection_reads_feed,
}

/// Writes and reads in every way in the name of the writer.
async fn writer_role_can_do_every_store_call(database: &Database) {
    database.events::<TaskEvent>().await;
    let store = database.connect_as("writer").await;
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
        .append(other, created());
    assert_eq!(both.await.unwrap().events.len(), 2);
    assert_eq!(tasks.head(one).await.unwrap().unwrap().seq.get(), 6);
    assert_eq!(tasks.history(one).await.unwrap().len(), 6);
    assert_eq!(tasks.search().await.unwrap().total, Some(8));
    assert_eq!(tasks.feed().await.unwrap().events.len(), 8);
    let page = store.feed().await.unwrap();
    assert_eq!((page.events.len(), number(page.checkpoint)), (8, 8));
    let mut follow = tasks.feed().after(page.checkpoint).subscribe();
    let waiting = tokio::spawn(async move { follow.next().await.unwrap() });
    let last = tasks.append(other, TaskEvent::Revised).await.unwrap();
    let (position, event) = within(waiting).await.unwrap();
    assert_eq!(
        (number(position), event.unwrap()),
        (9, last.events[0].clone())
    );
}

/// Reads positions that others give, and hears of more.
async fn reader_role_can_follow_feed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let store = database.connect_as("reader").await;
    let read = store.open::<TaskEvent>().await.unwrap();
    let page = read.feed().await.unwrap();
    assert_eq!(
        (page.events.len(), number(page.checkpoint)),
        (0, 0),
        "none yet"
    );
    assert_eq!(whole(database.store()).await.len(), 4);
    assert_eq!(whole(&store).await.len(), 4);
    assert_eq!(read.feed().await.unwrap().events.len(), 4);
    let mut follow = read.feed().after(nth(4)).subscribe();
    let waiting = tokio::spawn(async move { follow.next().await.unwrap() });
    tasks.append(id, TaskEvent::Revised).await.unwrap();
    assert_eq!(whole(database.store()).await.len(), 5);
    assert_eq!(number(within(waiting).await.unwrap().0), 5);
    let reader = database.sql_as("reader").await;
    for sql in [
        "INSERT INTO eventsource_feed SELECT * FROM eventsource_feed",
        "DELETE FROM eventsource_feed",
        "UPDATE eventsource_sequencer SET batch = 0",
        "SELECT * FROM eventsource_sequencer FOR UPDATE",
        "INSERT INTO eventsource_feed_entity VALUES (2, 'x')",
    ] {
        assert_refused(execute(&reader, sql).await, sql);
    }
}

/// Migrates a second machine that the writer may not read: it gives its events positions all the same.
async fn writer_role_of_one_machine_sequences_events_of_all(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let writer = database.connect_as("writer").await;
    started(&tasks).await;
    assert_eq!(whole(&writer).await.len(), 4);
    let options = database.schema_options().roles(Roles::new());
    let owner = database.connect_with(options).await;
    let lights = owner.migrate::<first::LightEvent>().await.unwrap();
    let id = EntityId::new();
    lights.append(id, first::LightEvent::Wired).await.unwrap();
    started(&tasks).await;
    let sql = database.writer_sql().await;
    assert_refused(
        execute(&sql, "SELECT FROM light_event").await,
        "light_event",
    );
    assert_eq!(whole(&writer).await.len(), 9);
    assert_eq!(whole(&owner).await.len(), 9);
}

/// Reads through connections that may not write.
async fn read_only_connection_reads_feed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    started(&tasks).await;
    let store = database
        .connect_set("default_transaction_read_only=on")
        .await;
    let read = store.open::<TaskEvent>().await.unwrap();
    assert_eq!(read.feed().await.unwrap().events.len(), 0);
    assert_eq!(whole(database.store()).await.len(), 4);
    assert_eq!(read.feed().await.unwrap().events.len(), 4);
}

async fn reader_role_can_only_read(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    let store = database.connect_as("reader").await;
    let tasks = store.open::<TaskEvent>().await.unwrap();
    assert_eq!(tasks.head(id).await.unwrap().unwrap().seq.get(), 1);
    assert_eq!(tasks.history(id).await.unwrap().len(), 1);
    let error = tasks.append(id, TaskEvent::Revised).await.unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error:?}");
    let reader = database.sql_as("reader").await;
    for sql in [
        "INSERT INTO task_event SELECT * FROM task_event",
        "UPDATE task SET seq = 2",
        "DELETE FROM task",
        "SELECT nextval('eventsource_clock')",
        "SELECT * FROM eventsource_idempotency",
        "SELECT * FROM eventsource_idempotency_key",
    ] {
        assert_refused(execute(&reader, sql).await, sql);
    }
}

async fn migrate_as_writer_is_refused(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let store = database.connect_as("writer").await;
    for refused in [
        store.migrate::<TaskEvent>().await.map(|_| ()),
        store.migrate::<longer::LightEvent>().await.map(|_| ()),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::NotPermitted { .. }), "{error:?}");
        assert_eq!(error.retry(), Retry::Never);
        assert!(
            error.to_string().contains("connect as their owner"),
            "{error}"
        );
    }
    let id = EntityId::new();
    lights.append(id, first::LightEvent::Wired).await.unwrap();
}

async fn migrate_with_missing_role_names_it(database: &Database) {
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
