//! Migrations: from a machine to tables, and from one machine to the next.

use eventsource_core::ddl::FeedStrategy;
use eventsource_core::{EntityId, Error, Event, EventType, Seq, UnreadableReason};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::feed::whole;
use crate::support::machines::light::{first, longer, other_rules, second};
use crate::support::machines::long;
use crate::support::machines::{OrderEvent, Placed, created, reassigned};
use crate::support::tasks::started;

on_every_database! {
    and sqlite_memory:
    migrate_again_changes_nothing,
    open_without_migration_is_refused,
    migrate_with_reordered_enum_keeps_history,
    machines_in_one_database_are_independent,
}

on_every_database! {
    migrate_from_older_program_is_refused,
    calls_of_running_store_after_rule_change_are_refused,
    migrate_can_drop_required_field,
    migrate_keeps_foreign_views_and_indexes,
}

on_every_database! {
    and sqlite_memory:
    migrate_with_rules_broken_by_history_is_refused,
}

on_every_database! {
    and postgres_outbox:
    open_with_changed_rules_is_refused_until_migration,
}

on_postgres! {
    and postgres_outbox:
    migrate_with_other_feed_strategy_is_refused,
}

async fn migrate_again_changes_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    let again = database.events::<TaskEvent>().await;
    assert_eq!(again.history(id).await.unwrap().len(), 1);
    database.store().open::<TaskEvent>().await.unwrap();
}

async fn open_without_migration_is_refused(database: &Database) {
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

async fn open_with_changed_rules_is_refused_until_migration(database: &Database) {
    database.events::<first::LightEvent>().await;
    let error = database
        .store()
        .open::<second::LightEvent>()
        .await
        .unwrap_err();
    let Error::RulesMismatch {
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

async fn migrate_with_reordered_enum_keeps_history(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights
        .append(id, first::LightEvent::Wired)
        .event(first::LightEvent::Lit)
        .await
        .unwrap();
    let before = lights.history(id).await.unwrap();

    use second::LightEvent::{Dimmed, Lit, PutOut, Wired};
    let lights = database.events::<second::LightEvent>().await;
    let history = lights.history(id).await.unwrap();
    let events: Vec<_> = history.iter().map(|recorded| &recorded.event).collect();
    assert_eq!(events, [&Wired, &Lit]);
    assert_eq!(history[1].state.to_string(), "[LIT, WIRED]");
    assert_eq!(history[1].log_seq, before[1].log_seq);
    assert_eq!(history[1].id, before[1].id);

    // Appends continue under the new rules, in the same streams and with the same log sequence.
    let dimmed = lights
        .append(id, Dimmed)
        .expected_seq(Seq::new(2))
        .await
        .unwrap();
    assert_eq!(dimmed.first().state.to_string(), "[DIMMED, LIT, WIRED]");
    assert!(dimmed.first().log_seq > before[1].log_seq);
    let out = lights.append(id, PutOut).await.unwrap();
    assert_eq!(out.first().state.to_string(), "[WIRED]");
    let found = lights
        .search()
        .event_type(second::LightEventType::Dimmed)
        .await
        .unwrap();
    assert_eq!(found.readable().unwrap().items[0].event, Dimmed);
    assert_eq!(
        second::LightEventType::Dimmed.index().get(),
        1,
        "where PUT_OUT's number was"
    );
}

async fn migrate_with_rules_broken_by_history_is_refused(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights
        .append(id, first::LightEvent::Wired)
        .event(first::LightEvent::Lit)
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

async fn migrate_from_older_program_is_refused(database: &Database) {
    let lights = database.events::<longer::LightEvent>().await;
    let error = database
        .store()
        .migrate::<first::LightEvent>()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot migrate 'light': the database has event types that the program lacks (DIMMED): \
         keep them in the enum, a renamed variant with `rename = \"..\"`; or the program is older than the database"
    );
    use longer::LightEvent::{Dimmed, Lit, Wired};
    lights
        .append(EntityId::new(), Wired)
        .event(Lit)
        .event(Dimmed)
        .await
        .unwrap();
}

async fn calls_of_running_store_after_rule_change_are_refused(database: &Database) {
    let old = database.events::<first::LightEvent>().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    old.append(id, first::LightEvent::Wired)
        .event(first::LightEvent::Lit)
        .await
        .unwrap();
    let new = database.events::<longer::LightEvent>().await;
    new.append(id, longer::LightEvent::Dimmed).await.unwrap();

    let changed = |error: Error| matches!(error, Error::RulesChanged { entity: "light" });
    assert!(changed(old.head(id).await.unwrap_err()));
    assert!(changed(
        old.append(id, first::LightEvent::Lit).await.unwrap_err()
    ));
    assert!(changed(
        old.append(id, first::LightEvent::PutOut).await.unwrap_err()
    ));
    let Error::Unreadable(unknown) = old.history(id).await.unwrap_err() else {
        panic!("the old program has read an event of the new one");
    };
    assert_eq!(unknown.seq.get(), 3);
    assert!(matches!(
        unknown.reason,
        UnreadableReason::UnknownEventType { .. }
    ));
    assert_eq!(new.history(id).await.unwrap().len(), 3);
    // An event that both know, and that is legal, is not stored either: its program could not read
    // back what it has made.
    use longer::LightEvent::{Dimmed, Lit, PutOut, Wired};
    let id = EntityId::new();
    let dimmed = new.append(id, Wired).event(Lit).event(Dimmed).event(PutOut);
    dimmed.await.unwrap();
    assert!(changed(
        old.append(id, first::LightEvent::Lit).await.unwrap_err()
    ));
    assert_eq!(new.history(id).await.unwrap().len(), 4);
    new.append(id, Lit).await.unwrap();
    // What both know goes on.
    old.append(other, first::LightEvent::Wired).await.unwrap();
}

async fn migrate_can_drop_required_field(database: &Database) {
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

/// Migrates a second machine with another feed strategy, which would miss events of both.
async fn migrate_with_other_feed_strategy_is_refused(database: &Database) {
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

/// Migrates tables on which their owner has made views and indexes.
async fn migrate_keeps_foreign_views_and_indexes(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights.append(id, first::LightEvent::Wired).await.unwrap();
    let pool = database.sql().await;
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

async fn machines_in_one_database_are_independent(database: &Database) {
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
