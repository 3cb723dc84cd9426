//! Auto transitions in imports: none is added, and none may be missing.

use eventsource_core::testing::legal_history;
use eventsource_core::{
    EntityId, Error, Event, EventStore, EventType, ExportedEvent, IllegalEvent, ImportViolation,
    Store,
};
use futures_util::TryStreamExt;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::support::database::Database;
use crate::support::events::all_ok;
use crate::support::property::check;

on_every_database! {
    import_of_histories_lacking_auto_transition_is_refused,
    import_with_late_auto_transition_reports_events_before_it,
}

/// Door with an auto transition that another one follows. Where it is due something else would be
/// legal too: only the rule that auto transitions come first can tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "door", allow(auto_rival))]
pub enum DoorEvent {
    #[event(follows = nothing | Armed)]
    Opened,
    #[event(follows = Opened)]
    Closed,
    #[event(follows = Closed, auto_transition)]
    Locked,
    #[event(follows = Locked, auto_transition)]
    Armed,
    #[event(follows = Opened | Closed | Locked | Armed, accumulate = keep())]
    Painted,
}

fn door(event_type: DoorEventType) -> DoorEvent {
    match event_type {
        DoorEventType::Opened => DoorEvent::Opened,
        DoorEventType::Closed => DoorEvent::Closed,
        DoorEventType::Locked => DoorEvent::Locked,
        DoorEventType::Armed => DoorEvent::Armed,
        DoorEventType::Painted => DoorEvent::Painted,
    }
}

async fn exported(doors: &EventStore<DoorEvent>) -> Vec<ExportedEvent> {
    let mut all: Vec<ExportedEvent> = doors.export().stream().try_collect().await.unwrap();
    for event in &mut all {
        // What the sequence could tell it is not to tell.
        event.seq = None;
    }
    all
}

/// Predicts which event is refused without the one at `dropped`, and what is due there.
fn expected(all: &[ExportedEvent], dropped: usize) -> (u64, String) {
    let gone = &all[dropped];
    let of_the_same = |event: &ExportedEvent| event.entity_id == gone.entity_id;
    let due = format!("the auto transition '{}' is missing", gone.event_type);
    match all[dropped + 1..].iter().position(of_the_same) {
        // It is one further on now.
        Some(after) => (
            (dropped + after + 1) as u64,
            format!("{due} before this event"),
        ),
        None => {
            let cause = all[..dropped].iter().rposition(of_the_same).unwrap();
            (
                cause as u64 + 1,
                format!("{due} after this event, the last of its entity"),
            )
        }
    }
}

fn number_and_reason(illegal: &IllegalEvent) -> (u64, String) {
    (illegal.number, illegal.reason.to_string())
}

/// Imports generated histories, whole and without each of their auto transitions (M21).
async fn import_of_histories_lacking_auto_transition_is_refused(database: &Database) {
    let there = database.events::<DoorEvent>().await;
    let payloads = |event_type| Just(door(event_type)).boxed();
    let histories = legal_history::<DoorEvent>(payloads, 1..10).appended_only();
    check(&prop::collection::vec(histories, 1..3), async |histories| {
        let here = Store::connect("sqlite::memory:").await.unwrap();
        let here = here.migrate::<DoorEvent>().await.unwrap();
        let ids: Vec<EntityId> = histories.iter().map(|_| EntityId::new()).collect();
        for turn in 0..10 {
            for (id, history) in ids.iter().zip(&histories) {
                if let Some(event) = history.get(turn) {
                    here.append(*id, event.clone()).await.unwrap();
                }
            }
        }
        let all = exported(&here).await;
        for dropped in 0..all.len() {
            let event_type: DoorEventType = all[dropped].event_type.parse().unwrap();
            if !event_type.is_auto_transition() {
                continue;
            }
            let mut without = all.clone();
            without.remove(dropped);
            let expected = expected(&all, dropped);
            let refused = there.import(all_ok(without.clone())).await.unwrap_err();
            let Error::ImportRejected(refused) = refused else {
                panic!("{refused}");
            };
            assert_eq!(number_and_reason(&refused), expected);
            assert_eq!(refused.entity_id, Some(all[dropped].entity_id));
            let report = there.import(all_ok(without)).dry_run();
            let report = report.await.unwrap();
            assert!(
                report
                    .first
                    .iter()
                    .map(number_and_reason)
                    .any(|one| one == expected)
            );
        }
        let imported = there.import(all_ok(all.clone())).await.unwrap();
        assert_eq!(imported.events, all.len() as u64);
    });
}

/// Imports a history whose auto transition comes late: what is due stays due until it comes.
async fn import_with_late_auto_transition_reports_events_before_it(database: &Database) {
    let doors = database.events::<DoorEvent>().await;
    let id = EntityId::new();
    let time = crate::support::machines::deadline();
    let plain = |event| ExportedEvent::of(id, &event, time).unwrap();
    let events = [
        DoorEvent::Opened,
        DoorEvent::Closed,
        DoorEvent::Painted,
        DoorEvent::Armed,
        DoorEvent::Locked,
        DoorEvent::Armed,
        DoorEvent::Painted,
    ];
    let report = doors.import(all_ok(events.map(plain).into()));
    let report = report.dry_run().await.unwrap();
    let numbers: Vec<u64> = report.first.iter().map(|illegal| illegal.number).collect();
    assert_eq!(numbers, [3, 4]);
    assert!(matches!(
        &report.first[0].reason,
        ImportViolation::AutoTransitionSkipped { event_type } if event_type == "LOCKED"
    ));
    assert_eq!((report.legal, report.illegal), (5, 2));
}
