//! Who gives positions, and what becomes of it when they stop, die, or disagree.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventsource_core::EntityId;
use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, Row};
use tasks::TaskEvent;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::feed::pages::{
    check_order, copy_of_last, execute, reader, started, whole, whole_of, within,
};
use crate::support::database::Database;
use crate::support::machines::light::first::LightEvent;
use crate::support::machines::light::longer;
use crate::support::machines::{created, reassigned};

pub async fn an_open_transaction_holds_back_its_own_events_only(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let (held, free) = (started(&tasks).await, started(&tasks).await);
    let pool = database.sql().await.unwrap();
    let mut open = pool.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(copy_of_last(held, true)))
        .execute(&mut *open)
        .await
        .unwrap();
    // Its clock is drawn; those that follow are not held back by that.
    for round in 0..3 {
        tasks.append(free, reassigned("bob")).await.unwrap();
        let feed = whole(database.store()).await;
        assert_eq!(feed.len(), 8 + round + 1);
        check_order(&feed);
    }
    open.commit().await.unwrap();
    let feed = whole(database.store()).await;
    let streams = check_order(&feed);
    assert_eq!(
        streams.values().copied().collect::<BTreeSet<_>>(),
        [5, 7].into()
    );
    assert_eq!(feed.last().unwrap().entity_id, held);
    assert!(
        feed.last().unwrap().clock < feed[8].clock,
        "late, and not lost"
    );
}

/// A transaction has its number from its first write, which may be long before it gets to an entity.
pub async fn a_stream_is_in_order_whoever_began_first(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    assert_eq!(whole(database.store()).await.len(), 4);
    let pool = database.sql().await.unwrap();
    execute(&pool, "CREATE TABLE prior (n int)").await;
    let mut early = pool.begin().await.unwrap();
    sqlx::query("INSERT INTO prior VALUES (1)")
        .execute(&mut *early)
        .await
        .unwrap();
    tasks.append(id, reassigned("bob")).await.unwrap();
    sqlx::query(AssertSqlSafe(copy_of_last(id, true)))
        .execute(&mut *early)
        .await
        .unwrap();
    early.commit().await.unwrap();
    // Both come in one batch.
    let feed = whole(database.store()).await;
    assert_eq!(check_order(&feed).into_values().collect::<Vec<_>>(), [6]);
}

pub async fn two_sequencers_never_fork(database: &Database) {
    if database.is_in_memory() {
        return;
    }
    const EVENTS: usize = 400;
    let tasks = database.events::<TaskEvent>().await;
    let mut running = JoinSet::new();
    let mut stops = Vec::new();
    for _ in 0..4 {
        let store = database.opener().await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        stops.push(stop);
        let sequencer = store.sequencer().every(Duration::from_millis(1));
        running.spawn(sequencer.run_until(async { stopped.await.unwrap_or_default() }));
    }
    let mut work = JoinSet::new();
    for _ in 0..16 {
        let tasks = tasks.clone();
        work.spawn(async move {
            for _ in 0..EVENTS / 16 {
                tasks.append(EntityId::new(), created()).await.unwrap();
            }
        });
    }
    work.spawn(reader(database.store().clone(), EVENTS));
    work.join_all().await;
    drop(stops);
    for stopped in running.join_all().await {
        stopped.unwrap();
    }
    let feed = whole(database.store()).await;
    assert_eq!(check_order(&feed).len(), EVENTS);
}

pub async fn a_sequencer_that_is_killed_is_taken_over_from(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    const EVENTS: usize = 320;
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await.unwrap();
    let busy = Arc::new(AtomicBool::new(true));
    let mut killer = JoinSet::new();
    for _ in 0..2 {
        let store = database.opener().await.unwrap();
        let sequencer = store.sequencer().every(Duration::from_millis(1));
        let busy = Arc::clone(&busy);
        killer.spawn(async move {
            let (stop, stopped) = oneshot::channel::<()>();
            let running =
                tokio::spawn(sequencer.run_until(async { stopped.await.unwrap_or_default() }));
            while busy.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            drop(stop);
            running.await.unwrap().unwrap();
            0
        });
    }
    let stop = Arc::clone(&busy);
    killer.spawn(async move {
        let mut killed = 0;
        while stop.load(Ordering::SeqCst) {
            // This schema's, while they are at it.
            let rows = sqlx::query(
                "SELECT count(pg_terminate_backend(pid)) AS killed FROM pg_stat_activity
                WHERE state = 'active' AND pid <> pg_backend_pid()
                    AND query LIKE 'WITH seen%' || current_schema() || '%'",
            );
            let row = rows.fetch_one(&pool).await.unwrap();
            killed += row.get::<i64, _>("killed");
        }
        killed
    });
    let mut work = JoinSet::new();
    for _ in 0..16 {
        let tasks = tasks.clone();
        work.spawn(async move {
            for _ in 0..EVENTS / 16 {
                tasks.append(EntityId::new(), created()).await.unwrap();
            }
        });
    }
    work.join_all().await;
    busy.store(false, Ordering::SeqCst);
    let killed: i64 = killer.join_all().await.into_iter().sum();
    let feed = whole_of(database.store(), EVENTS).await;
    assert_eq!(check_order(&feed).len(), EVENTS);
    assert!(killed > 0, "nobody was killed");
}

/// Its process stands still in the middle of a batch, wherever it has to wait for an answer.
pub async fn a_sequencer_that_is_stopped_is_taken_over_from(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut events = 0;
    for answers in 0..2 {
        let Some((proxy, stopped)) = database.behind_proxy().await else {
            return;
        };
        // What is said only once is said now.
        stopped.feed().await.unwrap();
        let id = started(&tasks).await;
        proxy.freeze_after(answers);
        let reader = stopped.clone();
        let reading = tokio::spawn(async move { reader.feed().await });
        within(proxy.has_frozen()).await;
        tasks.append(id, reassigned("bob")).await.unwrap();
        events += 5;
        let taken_over = timeout(Duration::from_secs(5), whole_of(database.store(), events)).await;
        let feed = taken_over.expect("within five seconds");
        check_order(&feed);
        assert_eq!(feed.len(), events);
        // It wakes up, and goes on from what the others have done.
        proxy.thaw();
        within(reading).await.unwrap().unwrap();
        tasks.append(id, reassigned("zoe")).await.unwrap();
        events += 1;
        let feed = whole_of(&stopped, events).await;
        check_order(&feed);
    }
}

/// Another program migrates a machine that this one knows nothing of.
pub async fn a_machine_that_comes_later_is_not_missed(database: &Database) {
    if database.is_in_memory() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let task = started(&tasks).await;
    assert_eq!(whole(database.store()).await.len(), 4);
    let other = database.opener().await.unwrap();
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

pub async fn a_sequencer_gives_positions_until_it_is_stopped(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let sequencer = database.store().sequencer();
    let running = tokio::spawn(sequencer.run_until(async { stopped.await.unwrap_or_default() }));
    started(&tasks).await;
    stop.send(()).unwrap();
    within(running).await.unwrap().unwrap();
    let Some(pool) = database.sql().await else {
        return;
    };
    let row = sqlx::query("SELECT count(*) AS events FROM eventsource_feed");
    let row = row.fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<i64, _>("events"), 4, "and nobody has read");
}

/// One a batch and none an append, for a notification takes a lock on the whole database.
pub async fn a_batch_is_told_once(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let mut listener = PgListener::connect(&std::env::var("DATABASE_URL").unwrap())
        .await
        .unwrap();
    listener.listen("eventsource_feed").await.unwrap();
    let pool = database.sql().await.unwrap();
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
    let mut told = Vec::new();
    while told.len() < 2 {
        let next = within(listener.recv()).await.unwrap();
        // The other tests are told too.
        if next.payload().starts_with(&schema) {
            told.push(next.payload().to_owned());
        }
    }
    assert_eq!(told, [schema.clone(), format!("{schema}, the end")]);
}

/// A dump brings numbers of transactions that mean nothing in another cluster: larger ones than
/// there are, and smaller ones than the saved snapshot's.
pub async fn a_restored_database_goes_on(database: &Database) {
    if !database.is_postgres() || database.has_outbox() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    whole(database.store()).await;
    // These have no position when the dump is made.
    tasks.append(id, reassigned("bob")).await.unwrap();
    tasks.append(EntityId::new(), created()).await.unwrap();
    let pool = database.sql().await.unwrap();
    for sql in [
        "ALTER TABLE task_event DISABLE TRIGGER ALL",
        // In the future of this cluster, but soon reached.
        "UPDATE task_event SET xid = (pg_current_xact_id()::text::bigint + seq)::text::xid8",
        "ALTER TABLE task_event ENABLE TRIGGER ALL",
        "UPDATE eventsource_sequencer SET system_identifier = 1, snapshot = '1000000000:1000000000:'",
    ] {
        execute(&pool, sql).await;
    }
    for round in 0..12 {
        let feed = whole(database.store()).await;
        let streams = check_order(&feed);
        assert_eq!(streams[&("task".to_owned(), id)], 5 + round);
        assert_eq!(feed.len(), 6 + round as usize);
        tasks.append(id, reassigned("zoe")).await.unwrap();
    }
}

/// What one snapshot finds is placed a little at a time; what is appended meanwhile comes after it,
/// whoever goes on, and whoever is killed between two batches.
pub async fn a_backlog_takes_several_batches(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let hot = started(&tasks).await;
    let few = database.connect_few_a_batch(7).await;
    let pool = database.sql().await.unwrap();
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

/// A schema that was made before a batch had a bound has what is new after its next migration,
/// whether the rules have changed or not.
pub async fn a_sequencer_of_old_learns_to_pause(database: &Database) {
    if !database.is_postgres() || database.has_outbox() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let pool = database.sql().await.unwrap();
    let older = "ALTER TABLE eventsource_sequencer DROP COLUMN target, DROP COLUMN reached_clock";
    for round in 1..=3 {
        whole(database.store()).await;
        execute(&pool, older).await;
        tasks.append(id, reassigned("bob")).await.unwrap();
        let store = database.connect_few_a_batch(1).await;
        match round {
            1 => drop(store.migrate::<TaskEvent>().await.unwrap()),
            2 => drop(store.migrate::<LightEvent>().await.unwrap()),
            _ => drop(store.migrate::<longer::LightEvent>().await.unwrap()),
        }
        let writer = database.connect_as("writer").await.unwrap();
        let feed = whole(&writer).await;
        assert_eq!(check_order(&feed)[&("task".to_owned(), id)], 4 + round);
    }
}
