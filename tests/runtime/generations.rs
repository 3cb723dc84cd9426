//! Generations of read models: new versions, rebuilds, and the switch to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use eventsource_core::{Failure, Projection, Projects, RecordedEvent, Tables, Transaction};
use eventsource_runtime::{Note, Runtime, RuntimeError, projection};
use tasks::TaskEvent;
use tokio_util::sync::CancellationToken;

use crate::models::{Seen, rows, start_tasks};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_memory, sqlite_file, postgres:
    rebuild_switches_when_it_is_level,
    new_version_is_built_beside_the_old_one,
    canceled_rebuild_leaves_the_live_generation,
    halted_rebuild_is_not_switched_to,
    what_is_no_read_model_is_not_rebuilt,
}

/// Counts events, times a factor that differs between versions.
struct Counted<const VERSION: u32> {
    /// Factor that a rebuild may change.
    factor: Arc<AtomicI64>,
}

impl<const VERSION: u32> Counted<VERSION> {
    fn new(factor: i64) -> Self {
        let factor = Arc::new(AtomicI64::new(factor));
        Self { factor }
    }
}

impl<const V: u32> Projection for Counted<V> {
    const NAME: &'static str = "counted";
    const VERSION: u32 = V;

    fn schema(&self, tables: &Tables) -> String {
        let total = tables.name("total");
        format!("CREATE TABLE {total} (total bigint NOT NULL); INSERT INTO {total} VALUES (0)")
            .replace(
                "bigint",
                if tables.schema().is_some() {
                    "bigint"
                } else {
                    "INTEGER"
                },
            )
    }
}

impl<const V: u32> Projects<TaskEvent> for Counted<V> {
    async fn apply(
        &self,
        _event: &RecordedEvent<TaskEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let factor = self.factor.load(Ordering::Relaxed);
        if factor == 0 {
            return Err(Failure::halt("no factor"));
        }
        let update = "UPDATE {total} SET total = total + $1";
        transaction.execute(update, (factor,)).await?;
        Ok(())
    }
}

/// What people read: a view of the live generation.
async fn total(database: &Database) -> i64 {
    let mut tx = database.store().begin().await.unwrap();
    let total = match tx.tables().schema() {
        Some(schema) => format!("SELECT total FROM \"{schema}\".total"),
        None => "SELECT total FROM total".to_owned(),
    };
    let rows = tx.fetch(&total, ()).await.unwrap();
    rows[0].get(0).unwrap()
}

fn note() -> Note {
    Note::by("ann", "the factor was wrong")
}

async fn rebuild_switches_when_it_is_level(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let model = Counted::<1>::new(1);
    let factor = model.factor.clone();
    let subscription = projection(model).reads(&tasks);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.clone().run_until(stop.clone().cancelled_owned()));
    start_tasks(&tasks, 50).await;
    until(async || total(database).await == 200).await;
    factor.store(10, Ordering::Relaxed);
    runtime.rebuild("counted", note()).await.unwrap();
    let again = runtime.rebuild("counted", note()).await;
    // Never an empty or a mixed answer.
    let mut answers = Vec::new();
    until(async || {
        let answer = total(database).await;
        answers.push(answer);
        answer == 2000
    })
    .await;
    answers.dedup();
    assert!(answers == [200, 2000] || answers == [2000], "{answers:?}");
    if let Err(again) = again {
        assert_eq!(
            again.to_string(),
            "generation 2 of 'counted' is being built already"
        );
    }
    start_tasks(&tasks, 1).await;
    until(async || total(database).await == 2040).await;
    let status = runtime.status().await.unwrap().remove(0);
    assert_eq!((status.generation, status.building), (2, None));
    stop.cancel();
    running.await.unwrap();
}

async fn new_version_is_built_beside_the_old_one(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let old = projection(Counted::<1>::new(1)).reads(&tasks);
    let old = Runtime::new(database.store())
        .add(old)
        .build()
        .await
        .unwrap();
    start_tasks(&tasks, 5).await;
    old.settle().await.unwrap();
    assert_eq!(total(database).await, 20);
    let new = projection(Counted::<2>::new(3)).reads(&tasks);
    let new = Runtime::new(database.store())
        .add(new)
        .build()
        .await
        .unwrap();
    // Nothing was built yet.
    assert_eq!(total(database).await, 20);
    assert_eq!(
        new.status().await.unwrap()[0]
            .building
            .as_ref()
            .unwrap()
            .generation,
        2
    );
    new.settle().await.unwrap();
    assert_eq!(total(database).await, 60);
    // A program of the old version goes on with its own.
    start_tasks(&tasks, 1).await;
    old.settle().await.unwrap();
    assert_eq!(
        rows(database.store(), "SELECT total FROM {total}").await,
        [24]
    );
    assert_eq!(total(database).await, 60);
    new.settle().await.unwrap();
    assert_eq!(total(database).await, 72);
    let status = new.status().await.unwrap().remove(0);
    assert_eq!((status.version, status.generation), (2, 2));
}

async fn canceled_rebuild_leaves_the_live_generation(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let subscription = projection(Counted::<1>::new(1)).reads(&tasks);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    start_tasks(&tasks, 5).await;
    runtime.settle().await.unwrap();
    let nothing = runtime.cancel_rebuild("counted", note()).await.unwrap_err();
    assert_eq!(nothing.to_string(), "'counted' is not being built");
    runtime.rebuild("counted", note()).await.unwrap();
    runtime.cancel_rebuild("counted", note()).await.unwrap();
    runtime.settle().await.unwrap();
    let status = runtime.status().await.unwrap().remove(0);
    assert_eq!((status.generation, status.building), (1, None));
    // The next one has a number of its own.
    runtime.rebuild("counted", note()).await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(runtime.status().await.unwrap()[0].generation, 3);
    assert_eq!(total(database).await, 20);
}

async fn halted_rebuild_is_not_switched_to(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let model = Counted::<1>::new(1);
    let factor = model.factor.clone();
    let subscription = projection(model).reads(&tasks);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    start_tasks(&tasks, 5).await;
    runtime.settle().await.unwrap();
    factor.store(0, Ordering::Relaxed);
    runtime.rebuild("counted", note()).await.unwrap();
    let halted = runtime.settle().await.unwrap_err();
    assert_eq!(
        halted.to_string(),
        "'counted' has halted at position 1: no factor"
    );
    assert_eq!(total(database).await, 20);
    assert_eq!(runtime.status().await.unwrap()[0].generation, 1);
    factor.store(2, Ordering::Relaxed);
    runtime.retry("counted", note()).await.unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(total(database).await, 40);
}

async fn what_is_no_read_model_is_not_rebuilt(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let runtime = Runtime::new(database.store())
        .add(eventsource_runtime::log("audit").reads(&tasks))
        .add(projection(Seen).reads(&tasks))
        .build()
        .await
        .unwrap();
    let refused = runtime.rebuild("audit", note()).await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::NotAModel { .. }),
        "{refused}"
    );
    assert_eq!(
        refused.to_string(),
        "'audit' is a handler, not a read model: its events are not processed again"
    );
}
