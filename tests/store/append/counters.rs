//! Counters: ids without gaps, also under load and after refusals (C7, P2, X18).

use std::collections::BTreeSet;

use eventsource_core::ddl::SchemaVersion;
use eventsource_core::{EntityId, Error, Event};
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::plain_sql::{assert_refused, execute};
use crate::support::shipments::{PalletEvent, ShipmentEvent, create, sender, shipment, uncounted};

on_every_database! {
    and sqlite_memory:
    concurrent_creates_give_ids_without_gaps,
    concurrent_creates_with_one_key_create_one_entity,
    concurrent_creates_with_appends_never_deadlock,
}

on_every_database! {
    counters_of_two_machines_are_independent,
    counter_added_to_machine_with_entities_is_refused,
    counter_cannot_be_set_back,
}

on_postgres! {
    create_as_writer_takes_number_from_counter,
}

/// Asserts that the ids are the numbers 1 to `count`.
fn assert_gapless(ids: impl IntoIterator<Item = EntityId>, count: u64) {
    let ids: BTreeSet<EntityId> = ids.into_iter().collect();
    assert_eq!(ids, (1..=count).map(shipment).collect::<BTreeSet<_>>());
}

async fn concurrent_creates_give_ids_without_gaps(database: &Database) {
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
                        append.event(ShipmentEvent::Created).await.unwrap_err();
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

async fn concurrent_creates_with_one_key_create_one_entity(database: &Database) {
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
    assert_gapless(answers.iter().map(eventsource_core::Appended::entity_id), 1);
    assert_eq!(create(&shipments).await, "SHP-0000000002");
}

/// Mixes creates that append with appends that create, on the same entity.
async fn concurrent_creates_with_appends_never_deadlock(database: &Database) {
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
                let held = shipments.head(shipment(1)).await.unwrap().unwrap();
                let event = match held.state.to_string().as_str() {
                    "[HOLD_FOR_REVIEW]" => ShipmentEvent::OverrideApplied,
                    _ => ShipmentEvent::HoldForReview,
                };
                let append = match client % 2 {
                    0 => shipments
                        .create(ShipmentEvent::Created)
                        .append(shipment(1), event),
                    _ => shipments
                        .append(shipment(1), event)
                        .create(ShipmentEvent::Created),
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
    let head = shipments.head(shipment(1)).await.unwrap().unwrap();
    assert_eq!(u64::from(head.seq.get()), count);
}

async fn counters_of_two_machines_are_independent(database: &Database) {
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

async fn counter_added_to_machine_with_entities_is_refused(database: &Database) {
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
    assert_eq!(registered, Some(SchemaVersion::initial::<PalletEvent>()));
    assert_eq!(
        registered,
        Some(before.after_migration::<PalletEvent>().unwrap())
    );
    let pallet = pallets.create(PalletEvent::Built).await.unwrap();
    assert_eq!(PalletEvent::ID.format(pallet.entity_id()), "PAL-1");
    // The program that was started before is refused by the database, whatever its rules are.
    uncounted
        .create(uncounted::PalletEvent::Built)
        .await
        .unwrap_err();
    // And nothing leads back.
    let error = store.migrate::<uncounted::PalletEvent>().await.unwrap_err();
    assert!(matches!(error, Error::MigrationRefused { .. }), "{error:?}");
    let error = store.open::<uncounted::PalletEvent>().await.unwrap_err();
    assert!(matches!(error, Error::InvalidMachine { .. }), "{error:?}");

    let other = database.another().await;
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
            .contains("entities whose ids are not from the counter"),
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

async fn counter_cannot_be_set_back(database: &Database) {
    database.events::<ShipmentEvent>().await;
    let pool = database.sql().await;
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

async fn create_as_writer_takes_number_from_counter(database: &Database) {
    database.events::<ShipmentEvent>().await;
    let store = database.connect_as("writer").await;
    let shipments = store.open::<ShipmentEvent>().await.unwrap();
    assert_eq!(create(&shipments).await, "SHP-0000000001");
    assert_eq!(create(&shipments).await, "SHP-0000000002");
}
