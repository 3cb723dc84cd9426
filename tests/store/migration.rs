//! From a machine to tables, and from one machine to the next.

use eventsource_core::{EntityId, Error, Event, EventType, Seq};
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::database::Database;
use crate::machines::light::{first, second, third};
use crate::machines::{OrderEvent, Placed, created};

pub async fn migrating_again_changes_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    let again = database.events::<TaskEvent>().await;
    assert_eq!(again.history(id).await.unwrap().len(), 1);
    database.store().open::<TaskEvent>().await.unwrap();
}

pub async fn an_unmigrated_database_says_so(database: &Database) {
    let error = database.store().open::<TaskEvent>().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tables of 'task' do not exist: run `migrate` first"
    );
    // Another machine's tables are not this one's.
    database.events::<OrderEvent>().await;
    let error = database.store().open::<TaskEvent>().await.unwrap_err();
    assert!(matches!(error, Error::NotMigrated { entity: "task" }));
}

pub async fn a_changed_machine_is_drift_until_it_is_migrated(database: &Database) {
    database.events::<first::LightEvent>().await;
    let error = database
        .store()
        .open::<second::LightEvent>()
        .await
        .unwrap_err();
    let Error::Drift {
        entity,
        program,
        database: stored,
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(entity, "light");
    assert_eq!(program, second::LightEvent::MACHINE.fingerprint());
    assert_eq!(stored, first::LightEvent::MACHINE.fingerprint().to_string());
    database.events::<second::LightEvent>().await;
    database.store().open::<second::LightEvent>().await.unwrap();
}

pub async fn reordering_the_enum_keeps_what_is_stored(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights
        .append(id, first::LightEvent::Wired)
        .then(first::LightEvent::Lit)
        .await
        .unwrap();
    let before = lights.history(id).await.unwrap();

    use second::LightEvent::{Dimmed, Lit, PutOut, Wired};
    let lights = database.events::<second::LightEvent>().await;
    let history = lights.history(id).await.unwrap();
    let events: Vec<_> = history.iter().map(|recorded| &recorded.event).collect();
    assert_eq!(events, [&Wired, &Lit]);
    assert_eq!(history[1].state.to_string(), "[LIT, WIRED]");
    assert_eq!(history[1].clock, before[1].clock);
    assert_eq!(history[1].id, before[1].id);

    // And life goes on under the new rules, in the same streams and by the same clock.
    let dimmed = lights
        .append(id, Dimmed)
        .expecting(Seq::new(2))
        .await
        .unwrap();
    assert_eq!(dimmed.first().state.to_string(), "[DIMMED, LIT, WIRED]");
    assert!(dimmed.first().clock > before[1].clock);
    let out = lights.append(id, PutOut).await.unwrap();
    assert_eq!(out.first().state.to_string(), "[WIRED]");
    let found = lights
        .search()
        .event_type(second::LightEventType::Dimmed)
        .await
        .unwrap();
    assert_eq!(found.events[0].event, Dimmed);
    assert_eq!(
        second::LightEventType::Dimmed.index().get(),
        1,
        "where PUT_OUT's number was"
    );
}

pub async fn rules_that_stored_events_break_are_refused(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights
        .append(id, first::LightEvent::Wired)
        .then(first::LightEvent::Lit)
        .await
        .unwrap();
    let error = database
        .store()
        .migrate::<third::LightEvent>()
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::MigrationRefused {
                entity: "light",
                ..
            }
        ),
        "{error:?}"
    );
    // Nothing has changed: the first machine still runs.
    let lights = database.store().open::<first::LightEvent>().await.unwrap();
    lights.append(id, first::LightEvent::PutOut).await.unwrap();
    assert_eq!(lights.history(id).await.unwrap().len(), 3);
}

pub async fn many_migrate_at_once(database: &Database) {
    let mut migrations = JoinSet::new();
    for number in 0..8 {
        let store = database.connect().await;
        // A memory database is another one at every connection.
        migrations.spawn(async move {
            store.migrate::<TaskEvent>().await.unwrap();
            if number % 2 == 0 {
                store.migrate::<first::LightEvent>().await.unwrap();
            }
        });
    }
    migrations.join_all().await;
    let tasks = database.events::<TaskEvent>().await;
    tasks.append(EntityId::new(), created()).await.unwrap();
}

pub async fn two_machines_share_a_database(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let orders = database.events::<OrderEvent>().await;
    let id = EntityId::new();
    let placed = OrderEvent::Placed(Placed {
        total: Some(3),
        note: None,
    });
    tasks
        .append(id, created())
        .idempotency_key("k")
        .await
        .unwrap();
    // The same id and the same key, of another machine.
    let placed = orders
        .append(id, placed)
        .idempotency_key("k")
        .await
        .unwrap();
    assert!(!placed.replayed);
    assert_eq!(tasks.history(id).await.unwrap().len(), 1);
    assert_eq!(orders.history(id).await.unwrap().len(), 1);
}
