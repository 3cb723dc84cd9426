//! One command after another.

use eventsource_core::{EntityId, Error, ExecuteError, Seq};
use tasks::TaskEvent;
use tasks::TaskEvent::*;

use super::support::{CannotStart, Give, Start};
use crate::support::database::Database;
use crate::support::machines::{assigned, created, scheduled};

on_every_database! {
    and sqlite_memory:
    command_stores_what_it_decides,
}

on_every_database! {
    command_that_decides_nothing_stores_nothing,
    command_is_bound_by_rules_of_machine,
    new_entity_is_created_by_command,
    repeat_of_command_returns_first_outcome,
    command_on_other_sequence_than_expected_is_not_executed,
}

async fn command_stores_what_it_decides(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let ready = tasks.append(id, created()).event(assigned("ann"));
    ready.event(scheduled()).await.unwrap();

    let refused = tasks.execute(id, Start { by: "bob".into() }).await;
    let ExecuteError::Refused(refusal) = refused.unwrap_err() else {
        panic!("another error than the refusal of the command");
    };
    assert_eq!(refusal, CannotStart::NotYours(Some("ann".into())));
    let start = tasks.execute(id, Start { by: "ann".into() });
    let executed = start.by("ann").caused_by("a click").await.unwrap();
    assert_eq!((executed.entity_id, executed.tries), (id, 1));
    let [started] = &executed.events[..] else {
        panic!("{:?}", executed.events);
    };
    assert_eq!((&started.event, started.seq), (&Started, Seq::new(4)));
    assert_eq!(started.metadata.actor.as_deref(), Some("ann"));
    assert_eq!(started.metadata.causation_id.as_deref(), Some("a click"));
    assert_eq!(tasks.history(id).await.unwrap().last(), Some(started));
}

async fn command_that_decides_nothing_stores_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let give = |to: &str| tasks.execute(id, Give { to: to.into() });
    assert_eq!(give("ann").await.unwrap().events.len(), 2);
    let nothing = give("ann").await.unwrap();
    assert!(nothing.events.is_empty() && !nothing.replayed);
    assert_eq!(tasks.search().await.unwrap().total, Some(2));
}

async fn command_is_bound_by_rules_of_machine(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let ready = tasks.append(id, created()).event(assigned("ann"));
    ready.await.unwrap();
    let error = tasks.execute(id, Start { by: "ann".into() }).await;
    assert!(
        matches!(&error, Err(ExecuteError::Store(Error::Rejected { .. }))),
        "{error:?}"
    );
}

async fn new_entity_is_created_by_command(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let create = || tasks.execute_new(Give { to: "ann".into() });
    let first = create().command_id("request-1").await.unwrap();
    let again = create().command_id("request-1").await.unwrap();
    let other = create().await.unwrap();
    assert_eq!(first.events, again.events);
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.entity_id, again.entity_id);
    assert_ne!(first.entity_id, other.entity_id);
    assert_eq!(tasks.history(first.entity_id).await.unwrap().len(), 2);
    let refused = tasks.execute_new(Start { by: "ann".into() }).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(_))));
    assert_eq!(tasks.search().await.unwrap().total, Some(4));
}

async fn repeat_of_command_returns_first_outcome(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let give = |to: &str| tasks.execute(id, Give { to: to.into() });
    let first = give("ann").command_id("request-1").await.unwrap();
    give("bob").await.unwrap_err();
    // Now it would decide that nothing happens.
    let again = give("ann").command_id("request-1").await.unwrap();
    assert_eq!((again.replayed, &again.events), (true, &first.events));
    // Keys belong to actors.
    let other = give("ann").by("ann").command_id("request-1").await.unwrap();
    assert!(!other.replayed && other.events.is_empty());
    let elsewhere = tasks.execute(EntityId::new(), Give { to: "ann".into() });
    let error = elsewhere.command_id("request-1").await.unwrap_err();
    assert!(
        matches!(&error, ExecuteError::Store(Error::IdempotencyKeyReused { key }) if key == "request-1"),
        "{error:?}"
    );
    let answered = tasks.answered("request-1", None).await.unwrap().unwrap();
    assert_eq!(answered.events, first.events);
    assert_eq!(tasks.answered("request-2", None).await.unwrap(), None);
}

async fn command_on_other_sequence_than_expected_is_not_executed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let give = |to: &str, seq| tasks.execute(id, Give { to: to.into() }).expecting(seq);
    let first = give("ann", Seq::NO_STREAM).command_id("k").await.unwrap();
    let error = give("ann", Seq::NO_STREAM).await.unwrap_err();
    assert!(
        matches!(&error, ExecuteError::Store(Error::Conflict { expected, actual, .. })
            if (*expected, *actual) == (Seq::NO_STREAM, Seq::new(2))),
        "{error:?}"
    );
    let again = give("ann", Seq::NO_STREAM).command_id("k").await.unwrap();
    assert_eq!(again.events, first.events);
}
