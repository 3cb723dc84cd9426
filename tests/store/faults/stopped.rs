//! Processes that the operating system stops (SIGSTOP).

use std::time::Duration;

use eventsource_core::ddl::SchemaOptions;
use eventsource_core::{EntityId, StoreOptions};
use sqlx::{AnyPool, Row};
use tasks::TaskEvent;
use tokio::time::timeout;

use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::feed::{check_order, whole};
use crate::support::machines::{created, reassigned};
use crate::support::tasks::started;
use crate::support::waiting::{TAKEOVER, until, within};

/// Stops one of two sequencing processes after the other, over and over: the one that runs gives the
/// positions, and what the other does when it wakes up changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn sequencer_of_stopped_process_is_replaced() {
    const TEST: &str = "faults::stopped::sequencer_of_stopped_process_is_replaced";
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
        let ready = within(process.line()).await;
        assert_eq!(ready.as_deref(), Some("ready"));
    }
    let pool = database.sql().await;
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
        // The other one does not wait for it: it still stands still.
        let placed = until(async || positions(&pool).await == events);
        timeout(TAKEOVER, placed).await.unwrap();
        stopped.signal("CONT").await;
    }
    drop(processes);
    let feed = whole(database.store()).await;
    assert_eq!(feed.len(), events as usize, "0 lost, none twice");
    let streams = check_order(&feed);
    assert_eq!(streams[&("task".to_owned(), hot)], 4 + 8 * 20);
    database.remove().await;
}

/// Counts the events that have a position. It asks the table: reading the feed would give them one.
async fn positions(pool: &AnyPool) -> i64 {
    let row = sqlx::query("SELECT position FROM eventsource_sequencer");
    let row = row.fetch_one(pool).await.unwrap();
    row.get("position")
}

async fn sequence(place: &str) {
    let (schema, url) = place.split_once(' ').unwrap();
    let options = SchemaOptions::new().schema(schema);
    let store = StoreOptions::new(url).schema_options(options);
    let store = store.connect().await.unwrap();
    child::send("ready");
    let sequencer = store.sequencer().interval(Duration::from_millis(1));
    sequencer.run_until(std::future::pending()).await.unwrap();
}
