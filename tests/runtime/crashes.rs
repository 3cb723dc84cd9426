//! Events that end the process that works on them.

use eventsource_core::ddl::SchemaOptions;
use eventsource_core::{
    Failure, Projection, Projects, RecordedEvent, StoreOptions, Tables, Transaction,
};
use eventsource_runtime::{Note, Runtime, projection};
use tasks::TaskEvent;

use crate::models::{Seen, rows, start_tasks};
use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::waiting::{until, within};

on! { sqlite_file, postgres: event_that_ends_each_worker_halts_its_shard_and_no_other, }

const TEST: &str = "crashes::worker";

/// Processes that are started at most until the shard has halted.
const MOST: usize = 60;

/// Counts events, and ends the process at one that was given to nobody.
struct Fragile;

impl Projection for Fragile {
    const NAME: &'static str = "fragile";
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        let table = tables.name("fragile");
        format!("CREATE TABLE {table} (entity_id text NOT NULL, seq bigint NOT NULL)")
    }
}

impl Projects<TaskEvent> for Fragile {
    async fn apply(
        &self,
        event: &RecordedEvent<TaskEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        if matches!(&event.event, TaskEvent::Reassigned { assignee } if assignee == "nobody") {
            std::process::abort();
        }
        let insert = "INSERT INTO {fragile} VALUES ($1, $2)";
        let row = (event.entity_id.to_string(), i64::from(event.seq.get()));
        transaction.execute(insert, row).await?;
        Ok(())
    }
}

async fn event_that_ends_each_worker_halts_its_shard_and_no_other(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let store = database.store();
    store.migrate_runtime().await.unwrap();
    let ids = start_tasks(&tasks, 40).await;
    let poison = tasks.append(ids[20], reassigned("nobody")).await.unwrap();
    start_tasks(&tasks, 40).await;

    let halted = "SELECT count(*) FROM {eventsource_shard} WHERE halted IS NOT NULL";
    let mut started = 0;
    let living = loop {
        let mut process = start(database);
        started += 1;
        let ready = within(process.line()).await;
        if ready.is_some() {
            tokio::select! {
                _ = process.ended() => (),
                () = until(async || rows(store, halted).await == [1]) => break process,
            }
        }
        assert!(started < MOST, "{started} workers have ended");
        // Its lease has expired; the test does not wait for that.
        rows(store, "DELETE FROM {eventsource_worker} RETURNING 1").await;
    };
    assert!(started > 2, "the first failure is not the last");

    let runtime = runtime(&tasks, store).await;
    until(async || {
        let status = runtime.status().await.unwrap();
        status[1].lag_events == 0
    })
    .await;
    let status = runtime.status().await.unwrap();
    let at: Vec<_> = status[0].halted().collect();
    assert_eq!(at.len(), 1);
    assert_eq!(at[0].event_id, Some(poison.events[0].id));
    assert!(at[0].error.contains("5 workers ended"), "{}", at[0].error);
    assert_eq!(status[1].halted().count(), 0);

    drop(living);
    let note = Note::by("ann", "nobody is no assignee");
    runtime.skip("fragile", at[0].position, note).await.unwrap();
    rows(store, "DELETE FROM {eventsource_worker} RETURNING 1").await;
    runtime.settle().await.unwrap();
    let counted = "SELECT count(*) FROM {fragile}";
    assert_eq!(rows(store, counted).await, [320]);
    let twice = "SELECT count(*) FROM {fragile} GROUP BY entity_id, seq HAVING count(*) > 1";
    assert_eq!(rows(store, twice).await, [0; 0]);
}

async fn runtime(
    tasks: &eventsource_core::EventStore<TaskEvent>,
    store: &eventsource_core::Store,
) -> Runtime {
    Runtime::new(store)
        .add(projection(Fragile).reads(tasks).shards(4))
        .add(projection(Seen).reads(tasks).shards(16))
        .build()
        .await
        .unwrap()
}

fn start(database: &Database) -> Process {
    let place = format!("{} {}", database.schema().unwrap_or("-"), database.url());
    Process::start(TEST, &place)
}

/// Is the worker, in a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn worker() {
    let Some(place) = child::role() else {
        return;
    };
    let (schema, url) = place.split_once(' ').unwrap();
    let mut options = StoreOptions::new(url);
    if schema != "-" {
        options = options.schema_options(SchemaOptions::new().schema(schema));
    }
    let store = options.connect().await.unwrap();
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let runtime = runtime(&tasks, &store).await;
    child::send("ready");
    runtime.run_until(std::future::pending()).await;
}
