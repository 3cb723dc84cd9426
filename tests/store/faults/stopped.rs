//! Processes that the operating system stops.

use std::time::{Duration, Instant};

use eventsource_core::schema::SchemaOptions;
use eventsource_core::{EntityId, StoreOptions};
use sqlx::{AnyPool, Row};
use tasks::TaskEvent;
use tokio::time::timeout;

use crate::feed::pages::{check_order, started, whole, within};
use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::machines::{created, reassigned};

/// How soon others go on.
const TAKEOVER: Duration = Duration::from_secs(5);

/// Two processes sequence, and one after the other stands still, over and over: the one that runs
/// gives the positions, soon, and what the other does when it wakes up changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn sequencers_take_over_from_a_stopped_process() {
    const TEST: &str = "faults::stopped::sequencers_take_over_from_a_stopped_process";
    if let Some(place) = child::role() {
        return sequence(&place).await;
    }
    let database = Database::postgres().await;
    let tasks = database.events::<TaskEvent>().await;
    let hot = started(&tasks).await;
    let mut events = 4;
    let place = format!("{} {}", database.schema().unwrap(), database.url());
    let mut processes = [Process::start(TEST, &place), Process::start(TEST, &place)];
    for process in &mut processes {
        let ready = within(process.told()).await;
        assert_eq!(ready.as_deref(), Some("ready"));
    }
    let pool = database.sql().await.unwrap();
    for round in 0..8 {
        let stopped = &processes[round % 2];
        // In the middle of its work, wherever that is: it has something to do all the time.
        let busy = async {
            for _ in 0..20 {
                tasks.append(hot, reassigned("ann")).await.unwrap();
                tasks.append(EntityId::new(), created()).await.unwrap();
            }
        };
        tokio::join!(busy, stopped.signal("STOP"));
        events += 40;
        let begun = Instant::now();
        let taken_over = timeout(TAKEOVER, reaches(&pool, events)).await;
        assert!(taken_over.is_ok(), "nobody has taken over in {TAKEOVER:?}");
        assert!(begun.elapsed() < TAKEOVER);
        stopped.signal("CONT").await;
    }
    drop(processes);
    let feed = whole(database.store()).await;
    assert_eq!(feed.len(), events as usize, "0 lost, none twice");
    let streams = check_order(&feed);
    assert_eq!(streams[&("task".to_owned(), hot)], 4 + 8 * 20);
    database.remove().await;
}

/// Until so many events have a position. It asks the table: reading the feed would give them.
async fn reaches(pool: &AnyPool, events: i64) {
    loop {
        let row = sqlx::query("SELECT position FROM eventsource_sequencer");
        let row = row.fetch_one(pool).await.unwrap();
        if row.get::<i64, _>("position") == events {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn sequence(place: &str) {
    let (schema, url) = place.split_once(' ').unwrap();
    let options = SchemaOptions::new().schema(schema);
    let store = StoreOptions::new(url).schema_options(options);
    let store = store.connect().await.unwrap();
    child::tell("ready");
    let sequencer = store.sequencer().every(Duration::from_millis(1));
    sequencer.run_until(std::future::pending()).await.unwrap();
}
