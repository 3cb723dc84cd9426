//! Folds that go on where a snapshot ends are the folds of all events.

use eventsource_core::testing::legal_history;
use eventsource_core::{
    AsOf, EntityId, Event, EventStore, EventType, Fold, Folded, RecordedEvent, Seq, Snapshot,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{AnyPool, AssertSqlSafe, Row};
use tasks::TaskEvent;

use crate::append::basics::some_event;
use crate::append::generated::check;
use crate::feed::pages::{started, within};
use crate::read::fold::{CampaignData, CampaignEvent, step};
use crate::support::database::Database;
use crate::support::machines::{created, reassigned};
use crate::support::plain_sql::execute;

/// What has happened in which order, and how many events were read for it: what serde skips is not
/// in a snapshot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Story<const EVERY: u32> {
    told: Vec<String>,
    clocks: u64,
    #[serde(skip)]
    applied: u32,
}

impl<const EVERY: u32> PartialEq for Story<EVERY> {
    fn eq(&self, other: &Self) -> bool {
        (&self.told, self.clocks) == (&other.told, other.clocks)
    }
}

impl<const EVERY: u32> Fold<TaskEvent> for Story<EVERY> {
    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        self.told.push(format!("{:?}", event.event));
        self.clocks += event.clock.get();
        self.applied += 1;
    }
}

impl<const EVERY: u32> Snapshot<TaskEvent> for Story<EVERY> {
    const NAME: &'static str = "story";
    const VERSION: u32 = 1;
    const EVERY: u32 = EVERY;
}

/// The same under the same name, by another `apply`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Retold {
    told: Vec<String>,
    clocks: u64,
    #[serde(skip)]
    applied: u32,
}

impl Fold<TaskEvent> for Retold {
    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        self.told.push(event.event.event_type().name().to_owned());
        self.applied += 1;
    }
}

impl Snapshot<TaskEvent> for Retold {
    const NAME: &'static str = "story";
    const VERSION: u32 = 2;
    const EVERY: u32 = 1;
}

pub type Tasks = EventStore<TaskEvent>;

/// How many events were read, where all of them give the same.
pub async fn read<const EVERY: u32>(tasks: &Tasks, id: EntityId) -> u32 {
    let whole = tasks.fold::<Story<EVERY>>(id).await.unwrap();
    let from_snapshot = tasks.fold::<Story<EVERY>>(id).with_snapshots().await;
    let from_snapshot = from_snapshot.unwrap();
    assert_eq!(from_snapshot, whole);
    from_snapshot.unwrap().data.applied
}

/// A task with so many events beyond the first.
pub async fn revised(tasks: &Tasks, times: usize) -> EntityId {
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    revise(tasks, id, times).await;
    id
}

pub async fn revise(tasks: &Tasks, id: EntityId, times: usize) {
    for part in vec![TaskEvent::Revised; times].chunks(500) {
        let append = tasks.append(id, part[0].clone());
        let append = part[1..]
            .iter()
            .fold(append, |append, event| append.then(event.clone()));
        append.await.unwrap();
    }
}

pub async fn count(pool: &AnyPool, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

pub async fn a_long_history_is_read_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 10_000).await;
    assert_eq!(read::<100>(&tasks, id).await, 10_001);
    assert_eq!(read::<100>(&tasks, id).await, 0);
    revise(&tasks, id, 99).await;
    // Not enough for another one.
    assert_eq!(read::<100>(&tasks, id).await, 99);
    assert_eq!(read::<100>(&tasks, id).await, 99);
    revise(&tasks, id, 1).await;
    assert_eq!(read::<100>(&tasks, id).await, 100);
    assert_eq!(read::<100>(&tasks, id).await, 0);
    // More than one query reads at a time, after a snapshot.
    revise(&tasks, id, 2100).await;
    assert_eq!(read::<100>(&tasks, id).await, 2100);
    assert_eq!(read::<100>(&tasks, id).await, 0);

    let none = tasks.fold::<Story<1>>(EntityId::new()).with_snapshots();
    assert_eq!(none.await.unwrap(), None);
}

/// What happens between two events, by a number.
async fn meanwhile(tasks: &Tasks, id: EntityId, what: u8, history: &[RecordedEvent<TaskEvent>]) {
    let point = &history[usize::from(what / 8) % history.len()];
    let at = async |as_of: AsOf| {
        let whole = tasks.fold::<Story<1>>(id).as_of(as_of).await.unwrap();
        let fold = tasks.fold::<Story<1>>(id).as_of(as_of).with_snapshots();
        assert_eq!(fold.await.unwrap(), whole, "{as_of:?}");
    };
    match what % 8 {
        0 => {}
        1 => _ = read::<1>(tasks, id).await,
        2 => _ = read::<3>(tasks, id).await,
        3 => _ = read::<7>(tasks, id).await,
        4 => at(point.seq.into()).await,
        5 => at(point.clock.into()).await,
        6 => at(point.recorded_at.into()).await,
        _ => _ = tasks.forget_snapshots::<Story<1>>().await.unwrap(),
    }
}

pub async fn what_is_kept_is_what_the_events_give(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let payloads = |event_type| Just(some_event(event_type)).boxed();
    let histories = legal_history::<TaskEvent>(payloads, 1..20).appended_only();
    let stories = (histories, vec(any::<u8>(), 20));
    check(&stories, async |(history, between)| {
        let id = EntityId::new();
        for (event, what) in history.into_iter().zip(between) {
            tasks.append(id, event).await.unwrap();
            let history = tasks.history(id).await.unwrap();
            meanwhile(&tasks, id, what, &history).await;
        }
        read::<1>(&tasks, id).await;
        assert_eq!(read::<1>(&tasks, id).await, 0);
    });
}

/// A point before the snapshot is read from the beginning, one at it or after it from there.
pub async fn a_point_in_the_past_takes_no_later_snapshot(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 9).await;
    assert_eq!(read::<5>(&tasks, id).await, 10);
    revise(&tasks, id, 5).await;
    for (seq, applied) in [(9, 9), (10, 0), (11, 1), (15, 5), (99, 5)] {
        let fold = tasks.fold::<Story<5>>(id).as_of(Seq::new(seq));
        let folded = fold.with_snapshots().await.unwrap().unwrap();
        assert_eq!(folded.data.applied, applied, "as of {seq}");
        assert_eq!(folded.data.told.len(), folded.head.seq.get() as usize);
    }
    // None of these has moved it.
    assert_eq!(read::<5>(&tasks, id).await, 5);
}

/// Whatever somebody does to the table, no value is wrong, and the next snapshot is right.
pub async fn a_snapshot_that_is_none_is_replaced(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let id = revised(&tasks, 9).await;
    for harm in [
        "value = '\"x\"'",
        "value = '{\"told\": 7, \"clocks\": 1}'",
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

/// A fold that was changed, with the other `VERSION` that this asks for.
pub async fn another_version_is_another_fold(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 3).await;
    let retold = async || {
        let fold = tasks.fold::<Retold>(id).with_snapshots().await;
        let Folded { data, .. } = fold.unwrap().unwrap();
        assert_eq!(data.told, ["CREATED", "REVISED", "REVISED", "REVISED"]);
        data.applied
    };
    assert_eq!(read::<1>(&tasks, id).await, 4);
    assert_eq!(retold().await, 4);
    assert_eq!(retold().await, 0);
    assert_eq!(read::<1>(&tasks, id).await, 4);
    assert_eq!(read::<1>(&tasks, id).await, 0);
}

/// A database that was restored to a time before the snapshot, and has gone on otherwise.
pub async fn a_snapshot_of_events_that_are_gone_counts_for_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let id = revised(&tasks, 4).await;
    let mut lines = Vec::new();
    tasks.export().lines(&mut lines).await.unwrap();
    revise(&tasks, id, 5).await;
    assert_eq!(read::<5>(&tasks, id).await, 10);

    let restored = Database::of_the_kind_of(database).await;
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
    let there = restored.sql().await.unwrap();
    execute(&there, &insert).await.unwrap();

    assert_eq!(read::<50>(&back, id).await, 5, "beyond the head");
    revise(&back, id, 20).await;
    assert_eq!(read::<50>(&back, id).await, 25, "of another event");
    assert_eq!(read::<5>(&back, id).await, 25);
    assert_eq!(read::<5>(&back, id).await, 0, "it has been replaced");
    restored.remove().await;
}

/// The derive's data of a machine whose payloads are in structs, too.
pub async fn data_is_kept(database: &Database) {
    let campaigns = database.events::<CampaignEvent>().await;
    let id = EntityId::new();
    let created = CampaignEvent::CampaignCreated {
        description: Some("it's \"quoted\"\u{7f}\u{2028}".to_owned()),
    };
    let recorded = CampaignEvent::InboundShipmentRecorded {
        gross_weight_kg: 0.1 + 0.2,
        net_weight_kg: 1e-7,
    };
    let append = campaigns.append(id, created).then(recorded);
    let append = append.then(CampaignEvent::GranulationCompleted(step(850.5)));
    let append = append.then(CampaignEvent::MetalRemovalCompleted(step(1e21)));
    let transferred = |weight| CampaignEvent::TransferRecorded {
        received_weight_kg: Some(weight),
    };
    let weights = (0..120).map(f64::from);
    let append = weights.fold(append, |append, weight| append.then(transferred(weight)));
    append.await.unwrap();
    let whole = campaigns.data(id).await.unwrap();
    for _ in 0..3 {
        let kept = campaigns.data(id).with_snapshots().await.unwrap();
        assert_eq!(kept, whole);
    }
    campaigns.append(id, transferred(0.5)).await.unwrap();
    let whole = campaigns.data(id).await.unwrap();
    let kept = campaigns.data(id).with_snapshots().await.unwrap();
    assert_eq!(kept, whole);
    assert_eq!(whole.unwrap().data.current_weight_kg, Some(0.5));
    // It is read from there.
    if let Some(pool) = database.sql().await {
        let forge = "UPDATE eventsource_snapshot SET value = '{\"gross_weight_kg\": 7}'";
        execute(&pool, forge).await.unwrap();
        let forged = campaigns.data(id).with_snapshots().await.unwrap();
        let expected = CampaignData {
            gross_weight_kg: Some(7.0),
            current_weight_kg: Some(0.5),
            ..CampaignData::default()
        };
        assert_eq!(forged.unwrap().data, expected);
    }
    let forgotten = campaigns.forget_snapshots::<CampaignData>();
    assert_eq!(forgotten.await.unwrap(), 1);
}

/// Payloads that are read otherwise than when the snapshot was taken.
pub async fn another_form_of_payloads_is_another_fold(database: &Database) {
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
        .fold(first, |append, event| append.then(event))
        .await
        .unwrap();
    let kept = between.data(id).with_snapshots().await.unwrap().unwrap();
    assert_eq!(json!(kept.data.reading), json!({"kwh": 3}));
    assert_eq!(
        between.data(id).with_snapshots().await.unwrap().unwrap(),
        kept
    );
    // The log has it still.
    let after = database.events::<meter::before::MeterEvent>().await;
    let data = after.data(id).with_snapshots().await.unwrap().unwrap().data;
    assert_eq!(json!(data.reading), json!({"kwh": 3, "note": "x"}));
}

/// A payload struct that loses a field, and gets it again.
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

/// A snapshot and what came since are one answer of the database.
pub async fn one_query_reads_it_all(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let Some((proxy, store)) = database.behind_proxy().await else {
        return;
    };
    let id = started(&tasks).await;
    assert_eq!(read::<1>(&tasks, id).await, 4);
    tasks.append(id, reassigned("bob")).await.unwrap();
    let behind = store.open::<TaskEvent>().await.unwrap();
    let fold = || async {
        let folded = behind.fold::<Story<9>>(id).with_snapshots().await;
        folded.unwrap().unwrap().data.applied
    };
    assert_eq!(fold().await, 1);
    // What has been prepared is asked in one go. The other answer is to the pool, which looks at each
    // connection that it gets back; after a second question it would look a second time.
    proxy.freeze_after(2);
    assert_eq!(within(fold()).await, 1);
    proxy.thaw();
}
