//! Workers in processes of their own.

use eventsource_core::StoreOptions;
use eventsource_core::ddl::SchemaOptions;
use eventsource_runtime::{Runtime, projection};
use tasks::TaskEvent;

use crate::models::SeenAs;
use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::waiting::within;

const TEST: &str = "workers::worker";

/// Starts a worker on the database, and waits until it runs.
pub async fn start(database: &Database) -> Process {
    let place = format!("{} {}", database.schema().unwrap_or("-"), database.url());
    let mut process = Process::start(TEST, &place);
    let ready = within(process.line()).await;
    assert_eq!(ready.as_deref(), Some("ready"));
    process
}

/// Is the worker, in a process that [`start`] has started.
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
    let runtime = Runtime::new(&store)
        .add(projection(SeenAs::<0>).reads(&tasks).shards(16))
        .add(projection(SeenAs::<1>).reads(&tasks))
        .add(projection(SeenAs::<2>).reads(&tasks).shards(4))
        .add(projection(SeenAs::<3>).reads(&tasks))
        .build()
        .await
        .unwrap();
    child::send("ready");
    runtime.run_until(std::future::pending()).await;
}
