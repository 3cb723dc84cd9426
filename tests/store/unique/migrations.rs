//! Fields that become unique, and are so no longer.

use eventsource_core::{EntityId, Error, Event, Retry};
use serde_json::json;

use super::users::{moved, plain, registered, unique};
use crate::support::database::Database;

on_every_database! {
    and postgres_outbox:
    migration_fills_values_of_existing_log,
    migration_to_unique_field_names_entities_that_collide,
    migration_without_the_word_drops_the_values,
}

fn plainly(email: &str) -> plain::UserEvent {
    plain::UserEvent::Registered {
        email: email.to_owned(),
        number: None,
    }
}

async fn migration_fills_values_of_existing_log(database: &Database) {
    let before = database.events::<plain::UserEvent>().await;
    let ann = EntityId::new();
    before.append(ann, plainly("a@x")).await.unwrap();
    let moved_to = plain::UserEvent::Moved {
        to: Some("new@x".to_owned()),
    };
    before.append(ann, moved_to).await.unwrap();
    // Both had it, but not at last.
    before
        .append(EntityId::new(), plainly("a@x"))
        .await
        .unwrap();
    let users = database.another_events::<unique::UserEvent>().await;
    for taken in ["a@x", "new@x"] {
        let error = users
            .append(EntityId::new(), registered(taken))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Taken { .. }), "{error:?}");
    }
    users.append(ann, moved("free@x")).await.unwrap();
    users
        .append(EntityId::new(), registered("new@x"))
        .await
        .unwrap();
    // The program of before goes on, within the rules of the database.
    let error = before
        .append(EntityId::new(), plainly("free@x"))
        .await
        .unwrap_err();
    assert_eq!(error.retry(), Retry::Never);
    if database.is_postgres() {
        let Error::Taken { field, value, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!((field.as_str(), value), ("email", json!("free@x")));
    }
}

async fn migration_to_unique_field_names_entities_that_collide(database: &Database) {
    let before = database.events::<plain::UserEvent>().await;
    let (ann, bob) = (EntityId::new(), EntityId::new());
    for id in [ann, bob] {
        before.append(id, plainly("a@x")).await.unwrap();
    }
    let refused = database
        .another_store()
        .await
        .migrate::<unique::UserEvent>()
        .await;
    let error = refused.unwrap_err();
    assert!(matches!(error, Error::MigrationRefused { .. }), "{error:?}");
    let text = error.to_string();
    for part in ["email", "a@x", &ann.to_string(), &bob.to_string()] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
    // Nothing has changed.
    before
        .append(EntityId::new(), plainly("a@x"))
        .await
        .unwrap();
    assert!(before.verify().await.unwrap().is_valid());
}

async fn migration_without_the_word_drops_the_values(database: &Database) {
    let users = database.events::<unique::UserEvent>().await;
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    let after = database.another_store().await;
    let after = after.migrate::<plain::UserEvent>().await.unwrap();
    after.append(EntityId::new(), plainly("a@x")).await.unwrap();
    assert!(after.verify().await.unwrap().is_valid());
    assert_ne!(
        unique::UserEvent::MACHINE.fingerprint(),
        plain::UserEvent::MACHINE.fingerprint()
    );
    // And once more, when it is true again.
    let refused = database
        .another_store()
        .await
        .migrate::<unique::UserEvent>()
        .await;
    assert!(matches!(refused, Err(Error::MigrationRefused { .. })));
}
