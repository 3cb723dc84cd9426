//! Counters have no gaps, whoever counts at once and whatever is lost (C7, P2, X18).

use std::collections::BTreeSet;

use eventsource_core::schema::Registered;
use eventsource_core::{EntityId, Error, Event};
use tokio::task::JoinSet;

use crate::append::created_ids::{create, shipment};
use crate::support::database::Database;
use crate::support::plain_sql::{assert_refused, execute};
use crate::support::shipments::{PalletEvent, ShipmentEvent, sender, uncounted};

/// The numbers of those that were created are 1 to how many there are.
fn assert_gapless(ids: impl IntoIterator<Item = EntityId>, count: u64) {
    let ids: BTreeSet<EntityId> = ids.into_iter().collect();
    assert_eq!(ids, (1..=count).map(shipment).collect::<BTreeSet<_>>());
}

pub async fn many_create_at_once(database: &Database) {
    const CLIENTS: u64 = 16;
    const EACH: u64 = 6;
    let shipments = database.events::<ShipmentEvent>().await;
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let shipments = shipments.clone();
        clients.spawn(async move {
            let mut ids = Vec::new();
            for n in 0..EACH {
                let append = shipments.create(ShipmentEvent::Created).by(sender());
                let created = match n % 3 {
                    0 => append.await,
                    1 => append.idempotency_key(format!("{client} {n}")).await,
                    _ => {
                        append.then(ShipmentEvent::Created).await.unwrap_err();
                        shipments.create(ShipmentEvent::Created).by(sender()).await
                    }
                };
                ids.push(created.unwrap().entity_id());
            }
            ids
        });
    }
    let ids = clients.join_all().await.concat();
    assert_eq!(ids.len() as u64, CLIENTS * EACH);
    assert_gapless(ids, CLIENTS * EACH);
}

pub async fn one_creation_for_many_tries_at_once(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let mut tries = JoinSet::new();
    for _ in 0..8 {
        let shipments = shipments.clone();
        tries.spawn(async move {
            let create = shipments.create(ShipmentEvent::Created).by(sender());
            create.idempotency_key("one").await.unwrap()
        });
    }
    let answers = tries.join_all().await;
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert_gapless(answers.iter().map(|answer| answer.entity_id()), 1);
    assert_eq!(create(&shipments).await, "SHP-0000000002");
}

/// Whoever creates and appends, and whoever appends and creates: nobody waits in a circle.
pub async fn creations_and_appends_in_one(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let manager = sender().with_role("SENDER_MANAGER");
    create(&shipments).await;
    let mut clients = JoinSet::new();
    for client in 0..12 {
        let (shipments, manager) = (shipments.clone(), manager.clone());
        clients.spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..4 {
                // Held and overridden by turns, whoever comes first.
                let held = shipments.load(shipment(1)).await.unwrap().unwrap();
                let event = match held.state.to_string().as_str() {
                    "[HOLD_FOR_REVIEW]" => ShipmentEvent::OverrideApplied,
                    _ => ShipmentEvent::HoldForReview,
                };
                let append = match client % 2 {
                    0 => shipments
                        .create(ShipmentEvent::Created)
                        .also(shipment(1), event),
                    _ => shipments
                        .append(shipment(1), event)
                        .also_create(ShipmentEvent::Created),
                };
                match append.by(&manager).await {
                    Ok(appended) => ids.extend(appended.events.iter().map(|event| event.entity_id)),
                    Err(error) => assert!(matches!(error, Error::Rejected { .. }), "{error:?}"),
                }
            }
            ids
        });
    }
    let ids: BTreeSet<_> = clients.join_all().await.concat().into_iter().collect();
    let count = ids.len() as u64;
    assert!(count > 1);
    assert_gapless(ids, count);
    // As many as there were appends to the first one, and itself.
    let head = shipments.load(shipment(1)).await.unwrap().unwrap();
    assert_eq!(u64::from(head.seq.get()), count);
}

pub async fn two_counters_do_not_share_numbers(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let pallets = database.events::<PalletEvent>().await;
    for number in 1..=3 {
        create(&shipments).await;
        let pallet = pallets.create(PalletEvent::Built).await.unwrap();
        assert_eq!(
            PalletEvent::ID.format(pallet.entity_id()),
            format!("PAL-{number}")
        );
    }
    // Migrating again keeps the count.
    let pallets = database.events::<PalletEvent>().await;
    let pallet = pallets.create(PalletEvent::Built).await.unwrap();
    assert_eq!(PalletEvent::ID.format(pallet.entity_id()), "PAL-4");
}

pub async fn to_count_is_decided_before_the_first_entity(database: &Database) {
    let store = database.store();
    let uncounted = database.events::<uncounted::PalletEvent>().await;
    let error = store.open::<PalletEvent>().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "'pallet' cannot be stored: the program counts the entities, the database does not"
    );
    // Nothing is stored yet: it can be changed, though no rule has.
    let before = store.registered::<PalletEvent>().await.unwrap().unwrap();
    let pallets = database.events::<PalletEvent>().await;
    let registered = store.registered::<PalletEvent>().await.unwrap();
    assert_eq!(registered, Some(Registered::first::<PalletEvent>()));
    assert_eq!(registered, Some(before.then::<PalletEvent>().unwrap()));
    let pallet = pallets.create(PalletEvent::Built).await.unwrap();
    assert_eq!(PalletEvent::ID.format(pallet.entity_id()), "PAL-1");
    // The program that was started before is refused by the database, whatever it is told.
    uncounted
        .create(uncounted::PalletEvent::Built)
        .await
        .unwrap_err();
    // And nothing leads back.
    let error = store.migrate::<uncounted::PalletEvent>().await.unwrap_err();
    assert!(matches!(error, Error::MigrationRefused { .. }), "{error:?}");
    let error = store.open::<uncounted::PalletEvent>().await.unwrap_err();
    assert!(matches!(error, Error::InvalidMachine { .. }), "{error:?}");

    let other = Database::of_the_kind_of(database).await;
    let uncounted = other.events::<uncounted::PalletEvent>().await;
    let id = uncounted
        .create(uncounted::PalletEvent::Built)
        .await
        .unwrap()
        .entity_id();
    let error = other.store().migrate::<PalletEvent>().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("entities that no counter has named"),
        "{error}"
    );
    // It is as it was.
    uncounted
        .append(id, uncounted::PalletEvent::Shipped)
        .await
        .unwrap();
    other
        .store()
        .migrate::<uncounted::PalletEvent>()
        .await
        .unwrap();
    other.remove().await;
}

/// The server is gone after the commit, before its answer: the repeat finds what was created.
pub async fn an_answer_that_is_lost_creates_once(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let Some((proxy, store)) = database.behind_proxy().await else {
        return;
    };
    let behind = store.open::<ShipmentEvent>().await.unwrap();
    create(&behind).await;
    let mut last = 1;
    for answer in 1..=12 {
        proxy.lose_answer(answer);
        let created = behind
            .create(ShipmentEvent::Created)
            .by(sender())
            .await
            .unwrap();
        last += 1;
        assert_eq!(
            created.entity_id(),
            shipment(last),
            "without answer {answer}"
        );
        assert_eq!(created.events.len(), 1);
    }
    let page = shipments.search().limit(0).await.unwrap();
    assert_eq!(page.total, last);
}

pub async fn the_writer_counts_and_nobody_counts_back(database: &Database) {
    database.events::<ShipmentEvent>().await;
    if let Some(store) = database.connect_as("writer").await {
        let shipments = store.open::<ShipmentEvent>().await.unwrap();
        assert_eq!(create(&shipments).await, "SHP-0000000001");
        assert_eq!(create(&shipments).await, "SHP-0000000002");
    }
    let Some(pool) = database.sql().await else {
        return;
    };
    execute(&pool, "UPDATE eventsource_counter SET last = 7")
        .await
        .unwrap();
    for back in [
        "UPDATE eventsource_counter SET last = 6",
        "UPDATE eventsource_counter SET entity = 'pallet'",
        "UPDATE eventsource_counter SET last = -1",
        "DELETE FROM eventsource_counter",
    ] {
        assert_refused(execute(&pool, back).await, back);
    }
    let shipments = database.events::<ShipmentEvent>().await;
    assert_eq!(create(&shipments).await, "SHP-0000000008");
}
