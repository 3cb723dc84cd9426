//! Folds with snapshots: the same values as without, from fewer events.

use eventsource_core::testing::legal_history;
use eventsource_core::{AsOf, EntityId, RecordedEvent, Seq};
use proptest::collection::vec;
use proptest::prelude::*;
use tasks::TaskEvent;

use super::story::{Story, Tasks, read, revise, revised};
use crate::support::campaigns::{CampaignData, CampaignEvent, step};
use crate::support::database::Database;
use crate::support::machines::reassigned;
use crate::support::plain_sql::execute;
use crate::support::property::check;
use crate::support::tasks::{some_event, started};
use crate::support::waiting::within;

on_every_database! {
    and sqlite_memory:
    fold_with_snapshot_reads_only_later_events,
}

on_every_database! {
    fold_with_snapshots_equals_fold_of_all_events,
    fold_as_of_past_ignores_later_snapshot,
    snapshot_of_data_gives_same_data,
}

on_postgres! {
    snapshot_and_later_events_are_read_in_one_statement,
}

async fn fold_with_snapshot_reads_only_later_events(database: &Database) {
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

/// Reads, forgets, or does nothing between two events, by a number.
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
        5 => at(point.log_seq.into()).await,
        6 => at(point.recorded_at.into()).await,
        _ => _ = tasks.forget_snapshots::<Story<1>>().await.unwrap(),
    }
}

async fn fold_with_snapshots_equals_fold_of_all_events(database: &Database) {
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

/// Reads before, at and after the snapshot.
async fn fold_as_of_past_ignores_later_snapshot(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = revised(&tasks, 9).await;
    assert_eq!(read::<5>(&tasks, id).await, 10);
    revise(&tasks, id, 5).await;
    for (seq, applied) in [(9, 9), (10, 0), (11, 1), (15, 5), (99, 5)] {
        let fold = tasks.fold::<Story<5>>(id).as_of(Seq::new(seq));
        let folded = fold.with_snapshots().await.unwrap().unwrap();
        assert_eq!(folded.value.applied, applied, "as of {seq}");
        assert_eq!(folded.value.events.len(), folded.head.seq.get() as usize);
    }
    // None of these has moved it.
    assert_eq!(read::<5>(&tasks, id).await, 5);
}

/// Snapshots the derived data of a machine whose payloads are structs.
async fn snapshot_of_data_gives_same_data(database: &Database) {
    let campaigns = database.events::<CampaignEvent>().await;
    let id = EntityId::new();
    let created = CampaignEvent::CampaignCreated {
        description: Some("it's \"quoted\"\u{7f}\u{2028}".to_owned()),
    };
    let recorded = CampaignEvent::InboundShipmentRecorded {
        gross_weight_kg: 0.1 + 0.2,
        net_weight_kg: 1e-7,
    };
    let append = campaigns.append(id, created).event(recorded);
    let append = append.event(CampaignEvent::GranulationCompleted(step(850.5)));
    let append = append.event(CampaignEvent::MetalRemovalCompleted(step(1e21)));
    let transferred = |weight| CampaignEvent::TransferRecorded {
        received_weight_kg: Some(weight),
    };
    let weights = (0..120).map(f64::from);
    let append = weights.fold(append, |append, weight| append.event(transferred(weight)));
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
    assert_eq!(whole.unwrap().value.current_weight_kg, Some(0.5));
    // It is read from there.
    let pool = database.sql().await;
    let forge = "UPDATE eventsource_snapshot SET value = '{\"gross_weight_kg\": 7}'";
    execute(&pool, forge).await.unwrap();
    let forged = campaigns.data(id).with_snapshots().await.unwrap();
    let expected = CampaignData {
        gross_weight_kg: Some(7.0),
        current_weight_kg: Some(0.5),
        ..CampaignData::default()
    };
    assert_eq!(forged.unwrap().value, expected);
    let forgotten = campaigns.forget_snapshots::<CampaignData>();
    assert_eq!(forgotten.await.unwrap(), 1);
}

/// Counts the answers of the database to one fold.
async fn snapshot_and_later_events_are_read_in_one_statement(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (proxy, store) = database.behind_proxy().await;
    let id = started(&tasks).await;
    assert_eq!(read::<1>(&tasks, id).await, 4);
    tasks.append(id, reassigned("bob")).await.unwrap();
    let behind = store.open::<TaskEvent>().await.unwrap();
    let fold = || async {
        let folded = behind.fold::<Story<9>>(id).with_snapshots().await;
        folded.unwrap().unwrap().value.applied
    };
    assert_eq!(fold().await, 1);
    // What has been prepared is asked in one go. The other answer is to the pool, which looks at each
    // connection that it gets back; after a second question it would look a second time.
    proxy.freeze_after(2);
    assert_eq!(within(fold()).await, 1);
    proxy.thaw();
}
