//! Imports of entities whose ids come from a counter (C7, X21).

use std::collections::BTreeSet;
use std::future::IntoFuture;

use eventsource_core::{EntityId, Error, Event, EventStore, ExportedEvent, ImportViolation, Retry};
use futures_util::StreamExt;
use futures_util::stream::once;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::events::all_ok;
use crate::support::machines::deadline;
use crate::support::shipments::PalletEvent;
use crate::support::waiting::{until_not_busy, until_somebody_waits};

on_every_database! {
    and sqlite_memory:
    create_during_import_gets_later_id,
}

on_every_database! {
    counter_continues_after_imported_ids,
    import_of_id_not_from_counter_is_refused,
    concurrent_creates_and_import_share_no_id,
    deadlock_of_create_and_import_is_resolved,
}

fn pallet(number: u64) -> EntityId {
    PalletEvent::ID.parse(&format!("PAL-{number}")).unwrap()
}

fn built(number: u64) -> ExportedEvent {
    ExportedEvent::of(pallet(number), &PalletEvent::Built, deadline()).unwrap()
}

async fn create(pallets: &EventStore<PalletEvent>) -> EntityId {
    let create = || pallets.create(PalletEvent::Built).into_future();
    until_not_busy(create).await.unwrap().entity_id()
}

async fn counter_continues_after_imported_ids(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    assert_eq!(create(&pallets).await, pallet(1));
    let shipped = ExportedEvent::of(pallet(1), &PalletEvent::Shipped, deadline());
    let mut shipped = shipped.unwrap();
    shipped.recorded_at = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let events = vec![built(7), shipped, built(3)];
    let imported = pallets.import(all_ok(events)).await.unwrap();
    assert_eq!((imported.events, imported.entities), (3, 2));
    assert_eq!(create(&pallets).await, pallet(8));

    // What was left out may come later, and takes the counter nowhere.
    let low = vec![built(2)];
    pallets.import(all_ok(low)).await.unwrap();
    assert_eq!(create(&pallets).await, pallet(9));

    // What is refused leaves the counter where it was.
    let refused = pallets.import(all_ok(vec![built(20), built(20)])).await;
    assert!(
        matches!(refused, Err(Error::ImportRejected(_))),
        "{refused:?}"
    );
    let report = pallets.import(all_ok(vec![built(20)])).dry_run();
    assert_eq!(report.await.unwrap().legal, 1);
    assert_eq!(create(&pallets).await, pallet(10));

    let alone = pallets.import(all_ok(vec![built(12), built(11)]));
    alone.exclusive().await.unwrap();
    assert_eq!(create(&pallets).await, pallet(13));
}

/// Imports a random UUID, which no counter gives.
async fn import_of_id_not_from_counter_is_refused(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    let unnumbered = ExportedEvent::of(EntityId::new(), &PalletEvent::Built, deadline()).unwrap();
    let import = pallets.import(all_ok(vec![built(1), unnumbered]));
    let Err(Error::ImportRejected(refused)) = import.await else {
        panic!("it was imported");
    };
    assert_eq!(refused.number, 2);
    assert!(
        matches!(refused.reason, ImportViolation::IdNotFromCounter),
        "{refused}"
    );
    assert_eq!(create(&pallets).await, pallet(1));
}

/// Creates while an import runs that has the next ids: the import goes first, for it began first.
async fn create_during_import_gets_later_id(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    let (go_on, wait) = oneshot::channel::<()>();
    let (reached, has_begun) = oneshot::channel::<()>();
    let last = once(async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
        Ok(built(4))
    });
    let source = all_ok((1..4).map(built).collect()).chain(last);
    let importing = tokio::spawn({
        let pallets = pallets.clone();
        async move { pallets.import(source).await }
    });
    has_begun.await.unwrap();
    let mut creating = JoinSet::new();
    for _ in 0..3 {
        let pallets = pallets.clone();
        creating.spawn(async move { create(&pallets).await });
    }
    until_somebody_waits(database).await;
    go_on.send(()).unwrap();
    importing.await.unwrap().unwrap();
    let created: BTreeSet<EntityId> = creating.join_all().await.into_iter().collect();
    assert_eq!(created, BTreeSet::from([pallet(5), pallet(6), pallet(7)]));
}

/// Creates from two stores while one of them imports.
async fn concurrent_creates_and_import_share_no_id(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    let other = database.another_events::<PalletEvent>().await;
    let mut creating = JoinSet::new();
    let start = |creating: &mut JoinSet<EntityId>| {
        for pallets in [pallets.clone(), other.clone()] {
            creating.spawn(async move {
                let mut last = create(&pallets).await;
                for _ in 0..4 {
                    last = create(&pallets).await.max(last);
                }
                last
            });
        }
    };
    start(&mut creating);
    let importing = tokio::spawn({
        let other = other.clone();
        async move {
            let events = || all_ok((100..=110).map(built).collect());
            until_not_busy(|| async { other.import(events()).await }).await
        }
    });
    start(&mut creating);
    importing.await.unwrap().unwrap();
    let highest = creating.join_all().await.into_iter().max().unwrap();
    let next = create(&pallets).await;
    assert!(next > highest && next > pallet(110));
    // One event each: nobody got a number twice.
    let all = pallets.export().lines(&mut Vec::new()).await.unwrap();
    assert_eq!(all, 20 + 11 + 1);
}

/// Lets the import hold the counter and want an entity, and a create hold the entity and want the counter.
async fn deadlock_of_create_and_import_is_resolved(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    assert_eq!(create(&pallets).await, pallet(1));
    let time = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let shipped = ExportedEvent::of(pallet(1), &PalletEvent::Shipped, time).unwrap();
    let (go_on, wait) = oneshot::channel::<()>();
    let (reached, has_begun) = oneshot::channel::<()>();
    let source = once(async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
        Ok(shipped)
    });
    let importing = tokio::spawn({
        let pallets = pallets.clone();
        async move { pallets.import(source).await }
    });
    has_begun.await.unwrap();
    let creating = tokio::spawn({
        let pallets = pallets.clone();
        async move {
            let create = pallets.create(PalletEvent::Built);
            create.append(pallet(1), PalletEvent::Shipped).await
        }
    });
    until_somebody_waits(database).await;
    go_on.send(()).unwrap();
    let (imported, created) = (importing.await.unwrap(), creating.await.unwrap());
    // Only one of them ships the pallet; the other is refused with the reason, or may retry.
    match (&imported, &created) {
        (Ok(_), Err(Error::Rejected { .. })) => {}
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => assert_eq!(error.retry(), Retry::Later),
        both => panic!("{both:?}"),
    }
    let next = if created.is_ok() { 3 } else { 2 };
    assert_eq!(create(&pallets).await, pallet(next));
    assert_eq!(pallets.history(pallet(1)).await.unwrap().len(), 2);
}
