//! Projections that halt at an event, and what people can do about it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eventsource_core::{
    EntityId, Failure, Projection, Projects, RecordedEvent, Tables, Transaction,
};
use eventsource_runtime::{Note, Runtime, RuntimeError, SubscriptionStatus, projection};
use tasks::TaskEvent;
use tokio_util::sync::CancellationToken;

use crate::models::{Seen, rows, start_tasks};
use crate::support::database::Database;
use crate::support::machines::assigned;
use crate::support::waiting::until;

on! { sqlite_memory, sqlite_file, postgres:
    poison_halts_its_projection_and_no_other,
    skipped_event_is_recorded_and_left_out,
    repaired_projection_goes_on_with_the_event,
    panic_halts_at_its_event,
}

/// Whom no task may be assigned to.
const POISON: &str = "poison";

/// Lists assignees, and fails at one.
#[derive(Default)]
struct Assignees {
    /// Whether it takes the poison.
    repaired: Arc<AtomicBool>,
    panics: bool,
}

impl Projection for Assignees {
    const NAME: &'static str = "assignees";
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        format!(
            "CREATE TABLE {} (assignee text NOT NULL)",
            tables.name("assignee")
        )
    }
}

impl Projects<TaskEvent> for Assignees {
    async fn apply(
        &self,
        event: &RecordedEvent<TaskEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let TaskEvent::Assigned { assignee } = &event.event else {
            return Ok(());
        };
        let insert = "INSERT INTO {assignee} VALUES ($1)";
        transaction.execute(insert, (assignee,)).await?;
        if assignee == POISON && !self.repaired.load(Ordering::Relaxed) {
            assert!(!self.panics, "nobody is called that");
            return Err(Failure::retry("nobody is called that"));
        }
        Ok(())
    }
}

/// Appends six tasks with 24 events, and one whose second event is poison in their middle.
async fn poisoned(database: &Database) -> EntityId {
    let tasks = database.events::<TaskEvent>().await;
    start_tasks(&tasks, 3).await;
    let id = EntityId::new();
    let created = crate::support::machines::created();
    tasks
        .append(id, created)
        .event(assigned(POISON))
        .await
        .unwrap();
    start_tasks(&tasks, 3).await;
    id
}

async fn state(runtime: &Runtime, name: &str) -> SubscriptionStatus {
    let all = runtime.status().await.unwrap();
    all.into_iter().find(|it| it.name == name).unwrap()
}

async fn assignees(database: &Database) -> i64 {
    rows(database.store(), "SELECT count(*) FROM {assignee}").await[0]
}

async fn poison_halts_its_projection_and_no_other(database: &Database) {
    poisoned(database).await;
    let tasks = database.events::<TaskEvent>().await;
    let runtime = Runtime::new(database.store())
        .add(projection(Assignees::default()).reads(&tasks))
        .add(projection(Seen).reads(&tasks))
        .build()
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.clone().run_until(stop.clone().cancelled_owned()));
    until(async || state(&runtime, "assignees").await.halted().count() == 1).await;
    let halted = state(&runtime, "assignees").await;
    let at = halted.halted().next().unwrap().clone();
    assert_eq!(at.position.to_string(), "14");
    assert_eq!(at.error, "nobody is called that");
    let event = tasks
        .feed()
        .after("13".parse().unwrap())
        .limit(1)
        .await
        .unwrap();
    assert_eq!(at.event_id, Some(event.events[0].1.as_ref().unwrap().id));
    // Everything before it is done, and nothing of it.
    assert_eq!(assignees(database).await, 3);
    assert_eq!(halted.lag_events, 13);
    assert!(halted.lag_seconds > 0.0);
    // The other goes on.
    start_tasks(&tasks, 2).await;
    until(async || state(&runtime, "seen").await.lag_events == 0).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(assignees(database).await, 3);
}

async fn skipped_event_is_recorded_and_left_out(database: &Database) {
    poisoned(database).await;
    let tasks = database.events::<TaskEvent>().await;
    let runtime = Runtime::new(database.store())
        .add(projection(Assignees::default()).reads(&tasks))
        .build()
        .await
        .unwrap();
    let note = || Note::by("ann", "a test of the importer");
    let position = |text: &str| text.parse().unwrap();
    let early = runtime.skip("assignees", position("14"), note()).await;
    assert!(
        matches!(early, Err(RuntimeError::NotHalted { .. })),
        "{early:?}"
    );
    let settled = runtime.settle().await.unwrap_err();
    assert_eq!(
        settled.to_string(),
        "'assignees' has halted at position 14: nobody is called that"
    );
    let other = runtime
        .skip("assignees", position("15"), note())
        .await
        .unwrap_err();
    assert_eq!(
        other.to_string(),
        "'assignees' has halted at position 14, not at 15: nothing was skipped"
    );
    let silent = runtime
        .skip("assignees", position("14"), Note::by("ann", " "))
        .await;
    assert!(
        matches!(
            silent,
            Err(RuntimeError::Note {
                field: "reason",
                ..
            })
        ),
        "{silent:?}"
    );
    let unknown = runtime
        .skip("asignees", position("14"), note())
        .await
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "no subscription of this program is named 'asignees'; there are assignees"
    );
    assert_eq!(state(&runtime, "assignees").await.operations, []);
    runtime
        .skip("assignees", position("14"), note())
        .await
        .unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(assignees(database).await, 6);
    let state = state(&runtime, "assignees").await;
    assert_eq!((state.lag_events, state.halted().count()), (0, 0));
    let [skipped] = &state.operations[..] else {
        panic!("{:?}", state.operations);
    };
    assert_eq!(skipped.operation, "skip");
    assert_eq!(
        (&*skipped.actor, &*skipped.reason),
        ("ann", "a test of the importer")
    );
    assert_eq!(skipped.position, Some(position("14")));
    assert_eq!(skipped.error.as_deref(), Some("nobody is called that"));
}

async fn repaired_projection_goes_on_with_the_event(database: &Database) {
    poisoned(database).await;
    let tasks = database.events::<TaskEvent>().await;
    let model = Assignees::default();
    let repaired = model.repaired.clone();
    let subscription = projection(model).reads(&tasks);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    runtime.settle().await.unwrap_err();
    repaired.store(true, Ordering::Relaxed);
    runtime.settle().await.unwrap_err();
    runtime
        .retry("assignees", Note::by("ann", "repaired"))
        .await
        .unwrap();
    runtime.settle().await.unwrap();
    assert_eq!(assignees(database).await, 7);
}

async fn panic_halts_at_its_event(database: &Database) {
    poisoned(database).await;
    let tasks = database.events::<TaskEvent>().await;
    let model = Assignees {
        panics: true,
        ..Assignees::default()
    };
    let subscription = projection(model).reads(&tasks);
    let runtime = Runtime::new(database.store())
        .add(subscription)
        .build()
        .await
        .unwrap();
    let halted = runtime.settle().await.unwrap_err();
    assert_eq!(
        halted.to_string(),
        "'assignees' has halted at position 14: panicked: nobody is called that"
    );
    assert_eq!(assignees(database).await, 3);
}
