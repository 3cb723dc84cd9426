//! From a machine to tables, and from one machine to the next.

use eventsource_core::schema::FeedStrategy;
use eventsource_core::{EntityId, Error, Event, EventType, Seq};
use tasks::TaskEvent;
use tokio::task::JoinSet;

use crate::feed::pages::{started, whole};
use crate::support::database::Database;
use crate::support::machines::light::{first, longer, other_rules, second};
use crate::support::machines::long;
use crate::support::machines::{OrderEvent, Placed, created, reassigned};

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
    assert_eq!(found.items[0].event, Dimmed);
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
        .migrate::<other_rules::LightEvent>()
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

pub async fn an_older_program_cannot_take_the_rules_back(database: &Database) {
    let lights = database.events::<longer::LightEvent>().await;
    let error = database
        .store()
        .migrate::<first::LightEvent>()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot migrate 'light': the database has event types that the program has not (DIMMED): \
         keep them in the enum; or the program is older than the database"
    );
    use longer::LightEvent::{Dimmed, Lit, Wired};
    lights
        .append(EntityId::new(), Wired)
        .then(Lit)
        .then(Dimmed)
        .await
        .unwrap();
}

pub async fn a_running_program_notices_that_the_rules_have_changed(database: &Database) {
    let old = database.events::<first::LightEvent>().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    old.append(id, first::LightEvent::Wired)
        .then(first::LightEvent::Lit)
        .await
        .unwrap();
    let new = database.events::<longer::LightEvent>().await;
    new.append(id, longer::LightEvent::Dimmed).await.unwrap();

    let changed = |error: Error| matches!(error, Error::RulesChanged { entity: "light" });
    assert!(changed(old.load(id).await.unwrap_err()));
    assert!(changed(
        old.append(id, first::LightEvent::Lit).await.unwrap_err()
    ));
    assert!(changed(
        old.append(id, first::LightEvent::PutOut).await.unwrap_err()
    ));
    assert!(changed(old.history(id).await.unwrap_err()));
    assert_eq!(new.history(id).await.unwrap().len(), 3);
    // An event that both know, and that is legal, is not stored either: its program could not read
    // back what it has made.
    use longer::LightEvent::{Dimmed, Lit, PutOut, Wired};
    let id = EntityId::new();
    let dimmed = new.append(id, Wired).then(Lit).then(Dimmed).then(PutOut);
    dimmed.await.unwrap();
    assert!(changed(
        old.append(id, first::LightEvent::Lit).await.unwrap_err()
    ));
    assert_eq!(new.history(id).await.unwrap().len(), 4);
    new.append(id, Lit).await.unwrap();
    // What both know goes on.
    old.append(other, first::LightEvent::Wired).await.unwrap();
}

pub async fn a_field_may_stop_being_required(database: &Database) {
    use long::{after, before};
    database.events::<before::LongEvent>().await;
    let longs = database.events::<after::LongEvent>().await;
    let made = |another| after::LongEvent::Made {
        a_field_with_a_rather_long_name: None,
        another,
    };
    longs.append(EntityId::new(), made(Some(1))).await.unwrap();
    let error = longs.append(EntityId::new(), made(None)).await.unwrap_err();
    assert!(matches!(error, Error::MissingField { .. }), "{error:?}");
    // And be required again, if it was always there.
    let error = database
        .store()
        .migrate::<before::LongEvent>()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::MigrationRefused { .. }), "{error:?}");
}

/// The first machine of a schema decides: a second one in the feed by another strategy would miss
/// events of both.
pub async fn a_schema_has_one_feed_strategy(database: &Database) {
    if !database.is_postgres() {
        return;
    }
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let other = match database.has_outbox() {
        true => FeedStrategy::SnapshotDelta,
        false => FeedStrategy::Outbox,
    };
    let store = database
        .connect_with(database.schema_options().feed(other))
        .await;
    let refused = store.migrate::<first::LightEvent>().await.unwrap_err();
    assert!(
        matches!(&refused, Error::MigrationRefused { reason, .. } if reason.contains("strategy")),
        "{refused:?}"
    );
    let none = store.open::<first::LightEvent>().await.unwrap_err();
    assert!(matches!(none, Error::NotMigrated { .. }), "{none:?}");
    // What is there is read and written as it was made.
    let same = store.migrate::<TaskEvent>().await.unwrap();
    same.append(id, reassigned("bob")).await.unwrap();
    for store in [&store, database.store()] {
        assert_eq!(whole(store).await.len(), 5);
    }
}

/// Views, indexes and triggers of the database's owner.
pub async fn what_others_put_on_the_log_survives(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights.append(id, first::LightEvent::Wired).await.unwrap();
    let Some(pool) = database.sql().await else {
        return;
    };
    let execute = async |sql: &'static str| sqlx::query(sql).execute(&pool).await;
    execute("CREATE VIEW lit AS SELECT * FROM light_event WHERE event_type = 1")
        .await
        .unwrap();
    execute("CREATE VIEW lit_again AS SELECT * FROM lit")
        .await
        .unwrap();
    execute("CREATE INDEX by_time ON light_event (recorded_at)")
        .await
        .unwrap();
    let lights = database.events::<longer::LightEvent>().await;
    lights.append(id, longer::LightEvent::Lit).await.unwrap();
    let lit: i64 = sqlx::query_scalar("SELECT count(*) FROM lit_again")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(lit, 1);
    execute("DROP INDEX by_time").await.unwrap();
    // The store's own are there as well.
    execute("DELETE FROM light_event").await.unwrap_err();
}

/// Where the server's transactions see what was there when they began.
pub async fn many_migrate_at_once_under_another_isolation(database: &Database) {
    for level in ["serializable", "repeatable%5c%20read"] {
        let mut migrations = JoinSet::new();
        for _ in 0..4 {
            let Some(store) = database.connect_isolated(level).await else {
                return;
            };
            migrations.spawn(async move {
                let tasks = store.migrate::<TaskEvent>().await.unwrap();
                tasks.append(EntityId::new(), created()).await.unwrap();
            });
        }
        migrations.join_all().await;
    }
}

pub async fn many_migrate_at_once(database: &Database) {
    let mut migrations = JoinSet::new();
    for number in 0..8 {
        // A memory database is another one at every connection.
        let connect = database.opener();
        migrations.spawn(async move {
            let store = connect.await.unwrap();
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

/// While events are appended under the rules that both have.
pub async fn many_change_the_rules_at_once(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let mut migrations = JoinSet::new();
    for _ in 0..6 {
        let connect = database.opener();
        let lights = lights.clone();
        migrations.spawn(async move {
            // A memory database is another one at every connection.
            let store = connect.await.unwrap();
            store.migrate::<longer::LightEvent>().await.unwrap();
            for _ in 0..5 {
                let id = EntityId::new();
                lights.append(id, first::LightEvent::Wired).await.unwrap();
            }
        });
    }
    migrations.join_all().await;
    let lights = database.events::<longer::LightEvent>().await;
    let found = lights.search().await.unwrap();
    assert_eq!(found.total, 30);
    let registered = database.store().registered::<longer::LightEvent>();
    let registered = registered.await.unwrap().unwrap();
    let names: Vec<&str> = registered.event_types().map(|(name, _)| name).collect();
    assert_eq!(names, ["WIRED", "LIT", "PUT_OUT", "DIMMED"]);
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
