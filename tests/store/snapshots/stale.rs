//! Snapshots that do not fit the events, the fold or the payloads any more.

use eventsource_core::{EntityId, Event, EventType, Fold, Folded, RecordedEvent, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};
use tasks::TaskEvent;

use super::story::{read, revise, revised};
use crate::support::database::Database;
use crate::support::plain_sql::execute;

on_every_database! {
    damaged_snapshot_is_ignored_and_replaced,
    snapshot_of_other_fold_version_is_ignored,
    snapshot_of_missing_events_is_ignored,
    snapshot_of_changed_payload_type_is_ignored,
}

/// Fold of the same name with another version and another `apply`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OtherVersion {
    events: Vec<String>,
    log_seqs: u64,
    #[serde(skip)]
    applied: u32,
}

impl Fold<TaskEvent> for OtherVersion {
    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        self.events.push(event.event.event_type().name().to_owned());
        self.applied += 1;
    }
}

impl Snapshot<TaskEvent> for OtherVersion {
    const NAME: &'static str = "story";
    const VERSION: u32 = 2;
    const EVERY: u32 = 1;
}

/// Changes rows of the table: no value is wrong, and the next snapshot is right.
async fn damaged_snapshot_is_ignored_and_replaced(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let id = revised(&tasks, 9).await;
    for harm in [
        "value = '\"x\"'",
        "value = '{\"events\": 7, \"log_seqs\": 1}'",
        "fingerprint = fingerprint + 1",
        "seq = 11",
        "seq = 2147483647",
        // Another event than the one that it was taken at.
        "seq = 9",
    ] {
        read::<5>(&tasks, id).await;
        assert_eq!(read::<5>(&tasks, id).await, 0, "before {harm}");
        let sql = format!("UPDATE eventsource_snapshot SET {harm}");
        execute(&pool, &sql).await.unwrap();
        assert_eq!(read::<5>(&tasks, id).await, 10, "{harm}");
        assert_eq!(read::<5>(&tasks, id).await, 0, "after {harm}");
    }
    // Too short to be due, and replaced all the same: it would be read in vain each time.
    execute(&pool, "UPDATE eventsource_snapshot SET value = '[]'")
        .await
        .unwrap();
    assert_eq!(read::<1000>(&tasks, id).await, 10);
    assert_eq!(read::<1000>(&tasks, id).await, 0);
    execute(&pool, "DELETE FROM eventsource_snapshot")
        .await
        .unwrap();
    assert_eq!(read::<5>(&tasks, id).await, 10);
    assert_eq!(read::<5>(&tasks, id).await, 0);
}

/// Reads with a fold whose `VERSION` was raised.
async fn snapshot_of_other_fold_version_is_ignored(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 3).await;
    let read_other = async || {
        let fold = tasks.fold::<OtherVersion>(id).with_snapshots().await;
        let Folded { value: data, .. } = fold.unwrap().unwrap();
        assert_eq!(data.events, ["CREATED", "REVISED", "REVISED", "REVISED"]);
        data.applied
    };
    assert_eq!(read::<1>(&tasks, id).await, 4);
    assert_eq!(read_other().await, 4);
    assert_eq!(read_other().await, 0);
    assert_eq!(read::<1>(&tasks, id).await, 4);
    assert_eq!(read::<1>(&tasks, id).await, 0);
}

/// Restores a database to a time before the snapshot, and goes on otherwise.
async fn snapshot_of_missing_events_is_ignored(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let id = revised(&tasks, 4).await;
    let mut lines = Vec::new();
    tasks.export().lines(&mut lines).await.unwrap();
    revise(&tasks, id, 5).await;
    assert_eq!(read::<5>(&tasks, id).await, 10);

    let restored = database.another().await;
    let back = restored.events::<TaskEvent>().await;
    back.import_lines(&lines[..]).await.unwrap();
    let columns =
        "entity_id, entity, fold, fingerprint, seq, event_id, created_at, taken_at, value";
    let texts: Vec<String> = columns
        .split(", ")
        .map(|column| format!("CAST({column} AS text) AS {column}"))
        .collect();
    let select = format!("SELECT {} FROM eventsource_snapshot", texts.join(", "));
    let row = sqlx::query(AssertSqlSafe(select))
        .fetch_one(&pool)
        .await
        .unwrap();
    let values: Vec<String> = columns
        .split(", ")
        .map(|column| format!("'{}'", row.get::<String, _>(column).replace('\'', "''")))
        .collect();
    let insert = format!(
        "INSERT INTO eventsource_snapshot ({columns}) VALUES ({})",
        values.join(", ")
    );
    let there = restored.sql().await;
    execute(&there, &insert).await.unwrap();

    assert_eq!(read::<50>(&back, id).await, 5, "beyond the head");
    revise(&back, id, 20).await;
    assert_eq!(read::<50>(&back, id).await, 25, "of another event");
    assert_eq!(read::<5>(&back, id).await, 25);
    assert_eq!(read::<5>(&back, id).await, 0, "it has been replaced");
    restored.remove().await;
}

/// Changes a payload struct after the snapshot.
async fn snapshot_of_changed_payload_type_is_ignored(database: &Database) {
    let before = database.events::<meter::before::MeterEvent>().await;
    let id = EntityId::new();
    let measured = meter::before::MeterEvent::Measured {
        reading: meter::before::Reading {
            kwh: 3,
            note: Some("x".to_owned()),
        },
    };
    before.append(id, measured).await.unwrap();
    // Without its note.
    let between = database.events::<meter::between::MeterEvent>().await;
    let append = (0..100).map(|kwh| meter::between::MeterEvent::Read { kwh });
    let mut append_all = Vec::from_iter(append).into_iter();
    let first = between.append(id, append_all.next().unwrap());
    append_all
        .fold(first, eventsource_core::Append::event)
        .await
        .unwrap();
    let kept = between.data(id).with_snapshots().await.unwrap().unwrap();
    assert_eq!(json!(kept.value.reading), json!({"kwh": 3}));
    assert_eq!(
        between.data(id).with_snapshots().await.unwrap().unwrap(),
        kept
    );
    // The log has it still.
    let after = database.events::<meter::before::MeterEvent>().await;
    let data = after
        .data(id)
        .with_snapshots()
        .await
        .unwrap()
        .unwrap()
        .value;
    assert_eq!(json!(data.reading), json!({"kwh": 3, "note": "x"}));
}

/// Meter whose payload struct loses a field, and gets it again.
mod meter {
    macro_rules! machine {
        ($name:ident: $($note:tt)*) => {
            pub mod $name {
                use eventsource_core::Event;
                use serde::{Deserialize, Serialize};

                #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
                pub struct Reading {
                    pub kwh: u32,
                    $($note)*
                }

                #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
                #[machine(entity = "meter")]
                pub enum MeterEvent {
                    Measured { reading: Reading },
                    #[event(follows = Measured, accumulate = keep())]
                    Read { kwh: u32 },
                }
            }
        };
    }

    machine!(before: #[serde(default)] pub note: Option<String>,);
    machine!(between: );
}
