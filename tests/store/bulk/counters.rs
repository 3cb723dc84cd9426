//! Imports of entities that a counter names (C7, X21).

use std::collections::BTreeSet;

use eventsource_core::{EntityId, Error, Event, EventStore, NotLegal, PlainEvent, Retry};
use futures_util::StreamExt;
use futures_util::stream::once;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::bulk::import::all_right;
use crate::bulk::races::somebody_waits;
use crate::support::database::Database;
use crate::support::machines::deadline;
use crate::support::shipments::PalletEvent;

fn pallet(number: u64) -> EntityId {
    PalletEvent::ID.parse(&format!("PAL-{number}")).unwrap()
}

fn built(number: u64) -> PlainEvent {
    PlainEvent::of(pallet(number), &PalletEvent::Built, deadline()).unwrap()
}

async fn create(pallets: &EventStore<PalletEvent>) -> EntityId {
    let created = pallets.create(PalletEvent::Built).await.unwrap();
    created.entity_id()
}

pub async fn a_counter_goes_on_after_an_import(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    assert_eq!(create(&pallets).await, pallet(1));
    let shipped = PlainEvent::of(pallet(1), &PalletEvent::Shipped, deadline());
    let mut shipped = shipped.unwrap();
    shipped.recorded_at = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let events = vec![built(7), shipped, built(3)];
    let imported = pallets.import(all_right(events)).await.unwrap();
    assert_eq!((imported.events, imported.entities), (3, 2));
    assert_eq!(create(&pallets).await, pallet(8));

    // What was left out may come later, and takes the counter nowhere.
    let low = vec![built(2)];
    pallets.import(all_right(low)).await.unwrap();
    assert_eq!(create(&pallets).await, pallet(9));

    // What is refused leaves the counter where it was.
    let refused = pallets.import(all_right(vec![built(20), built(20)])).await;
    assert!(matches!(refused, Err(Error::NotImported(_))), "{refused:?}");
    let report = pallets.import(all_right(vec![built(20)])).report_only();
    assert_eq!(report.await.unwrap().legal, 1);
    assert_eq!(create(&pallets).await, pallet(10));

    let alone = pallets.import(all_right(vec![built(12), built(11)]));
    alone.alone().await.unwrap();
    assert_eq!(create(&pallets).await, pallet(13));
}

/// An id without a number is one that no counter gives.
pub async fn an_id_without_a_number_is_not_imported(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    let unnumbered = PlainEvent::of(EntityId::new(), &PalletEvent::Built, deadline()).unwrap();
    let import = pallets.import(all_right(vec![built(1), unnumbered]));
    let Err(Error::NotImported(refused)) = import.await else {
        panic!("it was imported");
    };
    assert_eq!(refused.number, 2);
    assert!(matches!(refused.reason, NotLegal::NoNumber), "{refused}");
    assert_eq!(create(&pallets).await, pallet(1));
}

/// The import has entities that a creation would name alike: it is first, for it has begun.
pub async fn who_creates_during_an_import_comes_after(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    let (go_on, wait) = oneshot::channel::<()>();
    let (reached, has_begun) = oneshot::channel::<()>();
    let last = once(async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
        Ok(built(4))
    });
    let source = all_right((1..4).map(built).collect()).chain(last);
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
    somebody_waits(database).await;
    go_on.send(()).unwrap();
    importing.await.unwrap().unwrap();
    let created: BTreeSet<EntityId> = creating.join_all().await.into_iter().collect();
    assert_eq!(created, BTreeSet::from([pallet(5), pallet(6), pallet(7)]));
}

/// Nobody is given a number of an import, whoever is first.
pub async fn creations_race_an_import(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    let other = if database.is_in_memory() {
        pallets.clone()
    } else {
        let store = database.opener().await.unwrap();
        store.open::<PalletEvent>().await.unwrap()
    };
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
            other
                .import(all_right((100..=110).map(built).collect()))
                .await
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

/// The import has the counter and wants an entity; the creation has the entity and wants the counter.
pub async fn a_circle_with_a_creation_is_broken(database: &Database) {
    let pallets = database.events::<PalletEvent>().await;
    assert_eq!(create(&pallets).await, pallet(1));
    let time = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let shipped = PlainEvent::of(pallet(1), &PalletEvent::Shipped, time).unwrap();
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
            create.also(pallet(1), PalletEvent::Shipped).await
        }
    });
    somebody_waits(database).await;
    go_on.send(()).unwrap();
    let (imported, created) = (importing.await.unwrap(), creating.await.unwrap());
    // Only one of them ships the pallet; the other is told why not, or to come again.
    match (&imported, &created) {
        (Ok(_), Err(Error::Rejected { .. })) => {}
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => assert_eq!(error.retry(), Retry::Later),
        both => panic!("{both:?}"),
    }
    let next = if created.is_ok() { 3 } else { 2 };
    assert_eq!(create(&pallets).await, pallet(next));
    assert_eq!(pallets.history(pallet(1)).await.unwrap().len(), 2);
}
