//! Entities that must not have changed.

use eventsource_core::{EntityId, Error, Seq};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::created;
use crate::support::machines::light::first::LightEvent;
use crate::support::tasks::started;
use crate::support::waiting::within;

on_every_database! {
    and sqlite_memory:
    append_given_unchanged_entity_is_stored,
    append_given_changed_entity_is_conflict_that_names_it,
}

on_postgres! {
    given_entity_cannot_change_until_append_is_stored,
}

async fn append_given_unchanged_entity_is_stored(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    let (task, light) = (started(&tasks).await, EntityId::new());
    lights.append(light, LightEvent::Wired).await.unwrap();
    let new = EntityId::new();
    let append = tasks
        .append(new, created())
        .given(task, Seq::new(4))
        .given_in(&lights, light, Seq::new(1))
        .by("ann");
    let appended = append.await.unwrap();
    assert_eq!(tasks.history(new).await.unwrap(), appended.events);
    // An entity that is appended to may be given too: its sequence before that.
    let both = tasks
        .append(new, TaskEvent::Revised)
        .given(new, Seq::new(1));
    assert_eq!(both.await.unwrap().events.len(), 1);
}

async fn append_given_changed_entity_is_conflict_that_names_it(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    let (task, light, new) = (started(&tasks).await, EntityId::new(), EntityId::new());
    lights.append(light, LightEvent::Wired).await.unwrap();
    lights.append(light, LightEvent::Lit).await.unwrap();
    let append = tasks
        .append(new, created())
        .given(task, Seq::new(4))
        .given_in(&lights, light, Seq::new(1));
    let Err(Error::Conflict {
        entity_id,
        expected,
        actual,
        ..
    }) = append.await
    else {
        panic!("the light has changed");
    };
    assert_eq!((entity_id, expected.get(), actual.get()), (light, 1, 2));
    let missing = tasks
        .append(new, created())
        .given(EntityId::new(), Seq::new(1));
    assert!(matches!(missing.await, Err(Error::Conflict { .. })));
    assert!(tasks.head(new).await.unwrap().is_none());
}

/// Everybody closes one of two rooms, given that the other is open: one always is.
async fn given_entity_cannot_change_until_append_is_stored(database: &Database) {
    let lights = database.events::<LightEvent>().await;
    for _ in 0..20 {
        let (one, other) = (EntityId::new(), EntityId::new());
        lights.append(one, LightEvent::Wired).await.unwrap();
        lights.append(other, LightEvent::Wired).await.unwrap();
        let first = lights
            .append(one, LightEvent::Lit)
            .given(other, Seq::new(1));
        let second = lights
            .append(other, LightEvent::Lit)
            .given(one, Seq::new(1));
        let (first, second) =
            within(async { tokio::join!(first.into_future(), second.into_future()) }).await;
        assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
        let refused = first.err().or(second.err());
        assert!(
            matches!(refused, Some(Error::Conflict { .. })),
            "{refused:?}"
        );
    }
}
