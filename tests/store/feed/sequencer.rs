//! Sequencers: when they give positions, in which batches, and what they notify.

use std::collections::HashMap;

use eventsource_core::EntityId;
use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, Row};
use tasks::TaskEvent;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::feed::{check_order, copy_of_last, whole, whole_of};
use crate::support::machines::light::first::LightEvent;
use crate::support::machines::light::longer;
use crate::support::machines::{created, reassigned};
use crate::support::plain_sql::execute;
use crate::support::tasks::started;
use crate::support::waiting::within;

on_every_database! {
    and postgres_outbox:
    feed_includes_machine_migrated_later_by_other_store,
    sequencer_gives_positions_until_stopped,
}

on_postgres! {
    feed_of_restored_database_continues,
    migrate_adds_batch_columns_to_old_sequencer,
}

on_postgres! {
    and postgres_outbox:
    sequencer_notifies_once_per_batch,
    sequencer_with_backlog_works_in_batches,
}

/// Migrates a machine from another store that this one knows nothing of.
async fn feed_includes_machine_migrated_later_by_other_store(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let task = started(&tasks).await;
    assert_eq!(whole(database.store()).await.len(), 4);
    let other = database.another_store().await;
    let lights = other.migrate::<LightEvent>().await.unwrap();
    let light = EntityId::new();
    lights.append(light, LightEvent::Wired).await.unwrap();
    tasks.append(task, reassigned("bob")).await.unwrap();
    let feed = whole(database.store()).await;
    let streams: HashMap<_, _> = check_order(&feed).into_iter().collect();
    assert_eq!(
        streams,
        [
            (("task".to_owned(), task), 5),
            (("light".to_owned(), light), 1)
        ]
        .into()
    );
}

async fn sequencer_gives_positions_until_stopped(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let sequencer = database.store().sequencer();
    let running = tokio::spawn(sequencer.run_until(async { stopped.await.unwrap_or_default() }));
    started(&tasks).await;
    stop.send(()).unwrap();
    within(running).await.unwrap().unwrap();
    let pool = database.sql().await;
    let row = sqlx::query("SELECT count(*) AS events FROM eventsource_feed");
    let row = row.fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<i64, _>("events"), 4, "and nobody has read");
}

/// Notifies once per batch and not per append, for a notification locks the whole database.
async fn sequencer_notifies_once_per_batch(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut listener = PgListener::connect(&std::env::var("DATABASE_URL").unwrap())
        .await
        .unwrap();
    listener.listen("eventsource_feed").await.unwrap();
    let pool = database.sql().await;
    let schema = sqlx::query("SELECT current_schema()::text AS schema");
    let schema: String = schema.fetch_one(&pool).await.unwrap().get("schema");
    started(&tasks).await;
    started(&tasks).await;
    for _ in 0..2 {
        assert_eq!(whole(database.store()).await.len(), 8);
    }
    let end = format!("SELECT pg_notify('eventsource_feed', '{schema}, the end')::text");
    sqlx::query(AssertSqlSafe(end))
        .fetch_one(&pool)
        .await
        .unwrap();
    let mut notified = Vec::new();
    while notified.len() < 2 {
        let next = within(listener.recv()).await.unwrap();
        // The other tests are notified too.
        if next.payload().starts_with(&schema) {
            notified.push(next.payload().to_owned());
        }
    }
    assert_eq!(notified, [schema.clone(), format!("{schema}, the end")]);
}

/// Simulates a restored dump. Its numbers of transactions mean nothing in another cluster: some are
/// larger than there are, and some smaller than those of the saved snapshot.
async fn feed_of_restored_database_continues(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    whole(database.store()).await;
    // These have no position when the dump is made.
    tasks.append(id, reassigned("bob")).await.unwrap();
    tasks.append(EntityId::new(), created()).await.unwrap();
    let pool = database.sql().await;
    for sql in [
        "ALTER TABLE task_event DISABLE TRIGGER ALL",
        // In the future of this cluster, but soon reached.
        "UPDATE task_event SET xid = (pg_current_xact_id()::text::bigint + seq)::text::xid8",
        "ALTER TABLE task_event ENABLE TRIGGER ALL",
        "UPDATE eventsource_sequencer SET system_identifier = 1, snapshot = '1000000000:1000000000:'",
    ] {
        execute(&pool, sql).await.unwrap();
    }
    // The program's role may not lock the logs, but the function of the owner does.
    let writer = database.connect_as("writer").await;
    for round in 0..12 {
        let feed = whole(&writer).await;
        let streams = check_order(&feed);
        assert_eq!(streams[&("task".to_owned(), id)], 5 + round);
        assert_eq!(feed.len(), 6 + round as usize);
        tasks.append(id, reassigned("zoe")).await.unwrap();
    }
}

/// Places what one snapshot finds a few events at a time; later events come after it, whoever goes on.
async fn sequencer_with_backlog_works_in_batches(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let hot = started(&tasks).await;
    let few = database.connect_few_a_batch(7).await;
    let pool = database.sql().await;
    let mut expected = 4;
    for round in 0..4 {
        for _ in 0..10 {
            tasks.append(hot, reassigned("ann")).await.unwrap();
            tasks.append(EntityId::new(), created()).await.unwrap();
        }
        expected += 20;
        // A transaction that began before the snapshot and ends between two batches.
        let mut open = pool.begin().await.unwrap();
        let other = started(&tasks).await;
        expected += 4;
        sqlx::query(AssertSqlSafe(copy_of_last(other, true)))
            .execute(&mut *open)
            .await
            .unwrap();
        let mut work = JoinSet::new();
        for _ in 0..3 {
            let (few, tasks) = (few.clone(), tasks.clone());
            work.spawn(async move {
                for _ in 0..5 {
                    tasks.append(hot, reassigned("bob")).await.unwrap();
                    few.feed().limit(1).await.unwrap();
                }
            });
        }
        expected += 15;
        work.spawn(async move { open.commit().await.unwrap() });
        expected += 1;
        work.join_all().await;
        let feed = whole_of(&few, expected).await;
        assert_eq!(feed.len(), expected, "round {round}");
        let streams = check_order(&feed);
        assert_eq!(streams[&("task".to_owned(), other)], 5);
    }
    let done = match database.has_outbox() {
        true => "NOT EXISTS (SELECT FROM eventsource_outbox)",
        false => "target IS NULL",
    };
    let row = format!("SELECT batch, {done} AS done FROM eventsource_sequencer");
    let row = sqlx::query(AssertSqlSafe(row));
    let row = row.fetch_one(&pool).await.unwrap();
    assert!(
        row.get::<i64, _>("batch") >= expected as i64 / 7,
        "few at a time"
    );
    assert!(row.get::<bool, _>("done"));
    // Nothing new: nothing is written.
    whole(&few).await;
    let again = sqlx::query("SELECT batch FROM eventsource_sequencer");
    let again = again.fetch_one(&pool).await.unwrap();
    assert_eq!(again.get::<i64, _>("batch"), row.get::<i64, _>("batch"));
}

/// Migrates a schema from before batches had a bound, whether the rules have changed or not.
async fn migrate_adds_batch_columns_to_old_sequencer(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let pool = database.sql().await;
    let older = "ALTER TABLE eventsource_sequencer DROP COLUMN target, DROP COLUMN reached_clock";
    for round in 1..=3 {
        whole(database.store()).await;
        execute(&pool, older).await.unwrap();
        tasks.append(id, reassigned("bob")).await.unwrap();
        let store = database.connect_few_a_batch(1).await;
        match round {
            1 => drop(store.migrate::<TaskEvent>().await.unwrap()),
            2 => drop(store.migrate::<LightEvent>().await.unwrap()),
            _ => drop(store.migrate::<longer::LightEvent>().await.unwrap()),
        }
        let writer = database.connect_as("writer").await;
        let feed = whole(&writer).await;
        assert_eq!(check_order(&feed)[&("task".to_owned(), id)], 4 + round);
    }
}
