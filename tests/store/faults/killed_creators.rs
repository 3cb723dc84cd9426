//! Processes that create entities at the same time, some of which are killed: the numbers of the
//! counter have no gap (X18, X21).

use std::collections::BTreeSet;
use std::future::IntoFuture;

use eventsource_core::{EntityId, Error, Event, EventStore, StoreOptions};
use eventsource_tests::waiting::LIMIT;

use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::shipments::{ShipmentEvent, sender};
use crate::support::waiting::{until_not_busy, within};

const PROCESSES: usize = 4;
const EACH: u64 = 30;
const KILLED: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn ids_created_by_killed_processes_have_no_gap_on_postgres() {
    const TEST: &str =
        "faults::killed_creators::ids_created_by_killed_processes_have_no_gap_on_postgres";
    if let Some(role) = child::role() {
        return create(&role).await;
    }
    let database = Database::postgres().await;
    check_no_gap(TEST, &database).await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_created_by_killed_processes_have_no_gap_on_sqlite() {
    const TEST: &str =
        "faults::killed_creators::ids_created_by_killed_processes_have_no_gap_on_sqlite";
    if let Some(role) = child::role() {
        return create(&role).await;
    }
    let database = Database::sqlite_file().await;
    check_no_gap(TEST, &database).await;
    database.remove().await;
}

/// Writes down for a process how many shipments it is to create, and where.
fn role_in(database: &Database, count: u64) -> String {
    let schema = database.schema().unwrap_or_default();
    format!("{count} {schema} {}", database.url())
}

/// Creates shipments and tells their ids; of the others some are refused and some given up.
async fn create(role: &str) {
    let (count, place) = role.split_once(' ').unwrap();
    let (schema, url) = place.split_once(' ').unwrap();
    let mut options = StoreOptions::new(url)
        .max_connections(2)
        .acquire_timeout(LIMIT)
        .lock_timeout(LIMIT);
    if !schema.is_empty() {
        options = options.schema(schema);
    }
    let store = options.connect().await.unwrap();
    let shipments: EventStore<ShipmentEvent> = store.open().await.unwrap();
    let count: u64 = count.parse().unwrap();
    let everyone = sender().with_role("CUSTOMER");
    for n in 0..count {
        let create = || shipments.create(ShipmentEvent::Created).by(&everyone);
        match n % 3 {
            0 => {
                let both = || create().event(ShipmentEvent::Delivered).into_future();
                let refused = until_not_busy(both).await.unwrap_err();
                assert!(matches!(refused, Error::Rejected { .. }), "{refused:?}");
            }
            // Whoever wants it loses patience, perhaps before the number is taken, perhaps after.
            1 => {
                let key = uuid::Uuid::now_v7();
                let create = || create().idempotency_key(key).into_future();
                let create = std::pin::pin!(until_not_busy(create));
                let patience = tokio::task::yield_now();
                let mut patience = std::pin::pin!(async move {
                    patience.await;
                    for _ in 0..n % 7 {
                        tokio::task::yield_now().await;
                    }
                });
                tokio::select! {
                    created = create => say(created.unwrap().entity_id()),
                    () = &mut patience => {}
                }
            }
            _ => {}
        }
        let created = until_not_busy(|| create().into_future()).await;
        say(created.unwrap().entity_id());
    }
}

/// Tells the parent that a shipment was created.
fn say(id: EntityId) {
    child::send(&ShipmentEvent::ID.format(id));
}

async fn check_no_gap(test: &str, database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let workers: Vec<Process> = (0..PROCESSES)
        .map(|_| Process::start(test, &role_in(database, EACH)))
        .collect();
    let mut said = Vec::new();
    // While they work others come, create, and are killed in the middle of it.
    for lives in 1..=KILLED {
        let mut victim = Process::start(test, &role_in(database, u64::MAX));
        for _ in 0..lives {
            said.push(
                within(victim.line())
                    .await
                    .expect("it creates until it is killed"),
            );
        }
        victim.signal("KILL").await;
        while let Some(id) = within(victim.line()).await {
            said.push(id);
        }
    }
    for mut worker in workers {
        let before = said.len();
        while let Some(id) = within(worker.line()).await {
            said.push(id);
        }
        assert!(within(worker.ended()).await.success());
        assert!(said.len() >= before + EACH as usize);
    }
    // Waits for whatever the killed ones have left behind.
    let last = shipments
        .create(ShipmentEvent::Created)
        .by(sender())
        .await
        .unwrap();
    let last = last.entity_id();
    let unique: BTreeSet<&String> = said.iter().collect();
    assert_eq!(unique.len(), said.len(), "a number was given twice");

    // 1 to the last, each once: as many as there are.
    let mut number = 0;
    loop {
        number += 1;
        let id = ShipmentEvent::ID
            .parse(&format!("SHP-{number:010}"))
            .unwrap();
        let head = shipments.head(id).await.unwrap();
        assert_eq!(head.expect("a gap").seq.get(), 1, "{number}");
        if id == last {
            break;
        }
    }
    assert!(said.len() < number);
    assert_eq!(
        shipments.search().limit(0).await.unwrap().total,
        Some(number as u64)
    );
    for id in &said {
        assert!(
            *id <= ShipmentEvent::ID.format(last),
            "{id} was said and is not there"
        );
    }
}
