//! Views that catch up with the feed.

use eventsource_core::{EntityId, Keys, Reads, RecordedEvent, Store, View};
use eventsource_runtime::{Note, Runtime, catch_up};
use serde::{Deserialize, Serialize};
use tasks::TaskEvent;

use crate::models::is_long;
use crate::support::database::Database;
use crate::support::machines::{OrderEvent, Placed, assigned, created, reassigned};

on! { sqlite_memory, sqlite_file, postgres:
    rebuilt_view_equals_the_live_one,
    machines_are_read_in_the_order_of_the_feed,
}

/// What an assignee was given: sensitive to the order of events of one key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Desk {
    pub tasks: u32,
    hash: u64,
}

impl View for Desk {
    const NAME: &'static str = "desk";
    const VERSION: u32 = 1;
    type Key = String;
}

impl Reads<TaskEvent> for Desk {
    fn keys(event: &RecordedEvent<TaskEvent>) -> Keys<String> {
        match &event.event {
            // Two keys of one event, in different shards.
            TaskEvent::Assigned { assignee } => [assignee.clone(), "all".to_owned()].into(),
            TaskEvent::Reassigned { assignee } => assignee.clone().into(),
            _ => Keys::none(),
        }
    }

    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        self.tasks += 1;
        let id = event.id.to_string();
        let hash = id.bytes().fold(self.hash, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        // A number that JSON keeps.
        self.hash = hash >> 12;
    }
}

/// Rows of a generation, as they are stored.
async fn rows(store: &Store, generation: u32) -> Vec<(String, String)> {
    let mut tx = store.begin().await.unwrap();
    let tables = tx.tables().of_generation(generation);
    tx.scope(tables, None);
    let all = "SELECT key, CAST(value AS text) FROM {desk} ORDER BY key";
    let rows = tx.fetch(all, ()).await.unwrap();
    tx.commit().await.unwrap();
    let row = |row: &eventsource_core::Row| (row.get(0).unwrap(), row.get(1).unwrap());
    rows.iter().map(row).collect()
}

async fn rebuilt_view_equals_the_live_one(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let store = database.store();
    let view = catch_up::<Desk>().reads(&tasks).shards(2);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    let rounds = if is_long() { 500 } else { 12 };
    let mut random = 7_u64;
    let mut next = |below: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) % below
    };
    let mut ids = Vec::new();
    for round in 0..rounds {
        for _ in 0..=next(6) {
            let id = EntityId::new();
            let who = format!("person {}", next(9));
            tasks
                .append(id, created())
                .event(assigned(&who))
                .await
                .unwrap();
            ids.push(id);
        }
        // Tasks that are assigned already may not be reassigned before they have started; the view gets
        // whatever is stored.
        let old = ids[next(ids.len() as u64) as usize];
        let _ = tasks.append(old, reassigned("person 3")).await;
        if round % 3 == 0 {
            runtime.settle().await.unwrap();
        }
    }
    runtime.settle().await.unwrap();
    let live = rows(store, 1).await;
    assert!(live.len() > 5, "{live:?}");
    runtime
        .rebuild("desk", Note::by("ann", "a test"))
        .await
        .unwrap();
    // It is killed on the way, and goes on where it was.
    for _ in 0..5 {
        let some = std::time::Duration::from_millis(30);
        let _ = tokio::time::timeout(some, runtime.clone().run_until(std::future::pending())).await;
    }
    crate::support::waiting::within(runtime.settle())
        .await
        .unwrap();
    let status = runtime.status().await.unwrap().remove(0);
    assert_eq!((status.generation, status.shards.len()), (2, 4));
    assert_eq!(rows(store, 2).await, live);
}

/// Payments and tasks of one desk, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Diary {
    lines: Vec<String>,
}

impl View for Diary {
    const NAME: &'static str = "diary";
    const VERSION: u32 = 1;
    type Key = String;
}

impl Reads<TaskEvent> for Diary {
    fn keys(_event: &RecordedEvent<TaskEvent>) -> Keys<String> {
        "all".to_owned().into()
    }

    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        self.lines.push(format!("task {}", event.id));
    }
}

impl Reads<OrderEvent> for Diary {
    fn keys(_event: &RecordedEvent<OrderEvent>) -> Keys<String> {
        "all".to_owned().into()
    }

    fn apply(&mut self, event: &RecordedEvent<OrderEvent>) {
        self.lines.push(format!("order {}", event.id));
    }
}

async fn machines_are_read_in_the_order_of_the_feed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let orders = database.events::<OrderEvent>().await;
    let store = database.store();
    let mut expected = Vec::new();
    for number in 0..40 {
        if number % 3 == 0 {
            let placed = OrderEvent::Placed(Placed {
                total: Some(3),
                ..Placed::default()
            });
            let order = orders.append(EntityId::new(), placed).await.unwrap();
            expected.push(format!("order {}", order.events[0].id));
        } else {
            let task = tasks.append(EntityId::new(), created()).await.unwrap();
            expected.push(format!("task {}", task.events[0].id));
        }
    }
    let view = catch_up::<Diary>().reads(&tasks).reads(&orders);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    runtime.settle().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let tables = tx.tables().of_generation(1);
    tx.scope(tables, None);
    let rows = tx.fetch("SELECT value FROM {diary}", ()).await.unwrap();
    let diary: serde_json::Value = rows[0].get(0).unwrap();
    let diary: Diary = serde_json::from_value(diary).unwrap();
    assert_eq!(diary.lines, expected);
}
