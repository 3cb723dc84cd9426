//! Several machines in one transaction: all of it is stored, or nothing.

use eventsource_core::{EntityId, Error, InputProblem, Seq};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::feed::whole;
use crate::support::machines::light::first::LightEvent;
use crate::support::machines::{assigned, created};
use crate::support::tasks::started;
use crate::unique::users::registered;
use crate::unique::users::unique::UserEvent;

on_every_database! {
    and sqlite_memory, postgres_outbox:
    appends_to_several_machines_are_stored_together,
    refusal_by_one_machine_stores_nothing_of_others,
    repeat_of_whole_returns_what_was_stored,
    appends_that_cannot_be_together_are_invalid,
}

async fn appends_to_several_machines_are_stored_together(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    let users = database.events::<UserEvent>().await;
    let (task, other, light, user) = (
        started(&tasks).await,
        EntityId::new(),
        EntityId::new(),
        EntityId::new(),
    );
    let (of_users, of_tasks, of_lights) = database
        .store()
        .together()
        .append(users.append(user, registered("a@x")).by("bob"))
        .append(
            tasks
                .append(task, TaskEvent::Completed)
                .append(other, created()),
        )
        .append(
            lights
                .append(light, LightEvent::Wired)
                .event(LightEvent::Lit),
        )
        .correlation_id("case-7")
        .await
        .unwrap();
    assert_eq!(
        (
            of_users.events.len(),
            of_tasks.events.len(),
            of_lights.events.len()
        ),
        (1, 3, 2)
    );
    // An auto transition follows, and what is returned is what is read.
    assert!(of_tasks.events[1].state.to_string() != of_tasks.events[0].state.to_string());
    assert_eq!(
        tasks.history(task).await.unwrap()[4..],
        of_tasks.events[..2]
    );
    assert_eq!(lights.history(light).await.unwrap(), of_lights.events);
    let metadata = &users.history(user).await.unwrap()[0].metadata;
    assert_eq!(metadata.actor.as_deref(), Some("bob"));
    assert_eq!(metadata.correlation_id.as_deref(), Some("case-7"));
    assert_eq!(whole(database.store()).await.len(), 10);
}

async fn refusal_by_one_machine_stores_nothing_of_others(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    let users = database.events::<UserEvent>().await;
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    let (task, light) = (EntityId::new(), EntityId::new());
    let store = database.store();
    let refused = store
        .together()
        .append(tasks.append(task, created()))
        .append(lights.append(light, LightEvent::Lit))
        .idempotency_key("k")
        .await;
    assert!(matches!(refused, Err(Error::Rejected { entity_id, .. }) if entity_id == light));
    let refused = store
        .together()
        .append(lights.append(light, LightEvent::Wired))
        .append(tasks.append(task, created()).expected_seq(Seq::new(3)))
        .await;
    assert!(matches!(refused, Err(Error::Conflict { entity_id, .. }) if entity_id == task));
    let refused = store
        .together()
        .append(tasks.append(task, created()))
        .append(users.append(EntityId::new(), registered("a@x")))
        .await;
    assert!(matches!(refused, Err(Error::Taken { .. })), "{refused:?}");
    assert!(tasks.head(task).await.unwrap().is_none());
    assert!(lights.head(light).await.unwrap().is_none());
    assert_eq!(whole(store).await.len(), 1);
    // Its key is free.
    let stored = store
        .together()
        .append(tasks.append(task, created()))
        .idempotency_key("k");
    assert!(!stored.await.unwrap().0.replayed);
}

async fn repeat_of_whole_returns_what_was_stored(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    let (task, light, given) = (EntityId::new(), EntityId::new(), started(&tasks).await);
    let request = |light_event: LightEvent| {
        database
            .store()
            .together()
            .append(lights.append(light, light_event))
            .append(tasks.append(task, created()))
            .given(&tasks, given, Seq::new(4))
            .by("ann")
            .idempotency_key("k")
    };
    let first = request(LightEvent::Wired).await.unwrap();
    // What was given has changed since: a repeat is a repeat all the same.
    tasks.append(given, TaskEvent::Completed).await.unwrap();
    let again = request(LightEvent::Wired).await.unwrap();
    assert!(again.0.replayed && again.1.replayed);
    assert_eq!(
        (&again.0.events, &again.1.events),
        (&first.0.events, &first.1.events)
    );
    let other = request(LightEvent::Lit).await;
    assert!(
        matches!(other, Err(Error::IdempotencyKeyReused { .. })),
        "{other:?}"
    );
    // The key of one machine alone is not that of a whole.
    let alone = tasks
        .append(EntityId::new(), created())
        .by("ann")
        .idempotency_key("alone");
    alone.await.unwrap();
    let mixed = database
        .store()
        .together()
        .append(lights.append(light, LightEvent::Lit))
        .append(tasks.append(EntityId::new(), assigned("ann")))
        .by("ann")
        .idempotency_key("alone");
    assert!(matches!(
        mixed.await,
        Err(Error::IdempotencyKeyReused { .. })
    ));
    assert_eq!(lights.head(light).await.unwrap().unwrap().seq.get(), 1);
}

async fn appends_that_cannot_be_together_are_invalid(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let lights = database.events::<LightEvent>().await;
    let store = database.store();
    let problem = |result: Result<(), Error>| match result {
        Err(Error::InvalidInput(invalid)) => invalid.problem,
        other => panic!("{other:?}"),
    };
    let new = EntityId::new;
    let twice = store
        .together()
        .append(tasks.append(new(), created()))
        .append(tasks.append(new(), created()))
        .await;
    assert_eq!(problem(twice.map(drop)), InputProblem::SecondOfMachine);
    let keyed = store
        .together()
        .append(tasks.append(new(), created()).idempotency_key("k"));
    assert_eq!(problem(keyed.await.map(drop)), InputProblem::KeyOfPart);
    let none = store
        .together()
        .append(tasks.append(new(), created()))
        .given(&lights, new(), Seq::NO_STREAM);
    assert_eq!(problem(none.await.map(drop)), InputProblem::WithoutEvents);
    let elsewhere = database.another().await;
    let foreign = elsewhere.events::<LightEvent>().await;
    let other = store
        .together()
        .append(tasks.append(new(), created()))
        .append(foreign.append(new(), LightEvent::Wired));
    assert_eq!(problem(other.await.map(drop)), InputProblem::OfAnotherStore);
    drop(foreign);
    elsewhere.remove().await;
    assert!(whole(store).await.is_empty());
}
