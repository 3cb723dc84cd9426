//! Models that become inline while there are events already.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eventsource_core::{EntityId, Error};
use tokio::task::JoinSet;

use super::users::{Emails, UserEvent, check, moved, registered, rows_of, somebody};
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    new_inline_model_over_a_log_is_filled_first,
    new_inline_model_that_refuses_a_stored_event_leaves_the_log_as_it_was,
}

on_every_database! {
    programs_that_register_an_inline_model_at_once_fill_it_once,
    new_inline_model_misses_no_event_that_others_append_meanwhile,
}

async fn new_inline_model_over_a_log_is_filled_first(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let mut request = users.append(EntityId::new(), registered("first"));
    for number in 0..2500 {
        request = request.append(EntityId::new(), registered(format!("{number}@x")));
    }
    request.await.unwrap();
    let id = somebody(&users).await;
    users
        .append(id, moved("m@x"))
        .event(UserEvent::Confirmed)
        .await
        .unwrap();
    let users = users.inline(Emails::default()).await.unwrap();
    assert_eq!(rows_of(database.store(), 1).await.emails.len(), 2502);
    check(&users, database.store(), 1).await;
}

async fn new_inline_model_that_refuses_a_stored_event_leaves_the_log_as_it_was(
    database: &Database,
) {
    let users = database.events::<UserEvent>().await;
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    let refused = users.clone().inline(Emails::default()).await.unwrap_err();
    assert!(matches!(refused, Error::ByProjection { .. }), "{refused:?}");
    assert!(refused.is_unique_violation());
    // It was not registered.
    users
        .append(EntityId::new(), registered("b@x"))
        .await
        .unwrap();
}

async fn programs_that_register_an_inline_model_at_once_fill_it_once(database: &Database) {
    let users = database.events::<UserEvent>().await;
    for _ in 0..30 {
        somebody(&users).await;
    }
    let mut programs = JoinSet::new();
    for _ in 0..3 {
        let users = database.another_events::<UserEvent>().await;
        programs.spawn(async move {
            let users = users.inline(Emails::default()).await.unwrap();
            somebody(&users).await;
        });
    }
    programs.join_all().await;
    assert_eq!(rows_of(database.store(), 1).await.emails.len(), 33);
    check(&users, database.store(), 1).await;
}

async fn new_inline_model_misses_no_event_that_others_append_meanwhile(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for _ in 0..4 {
        let (users, stop) = (users.clone(), Arc::clone(&stop));
        clients.spawn(async move {
            let mut stored = 0;
            while !stop.load(Ordering::Relaxed) {
                let id = EntityId::new();
                match users.append(id, registered(id.to_string())).await {
                    Ok(_) => stored += 1,
                    Err(Error::InlineMissing { .. }) => return stored,
                    Err(error) => panic!("{error:?}"),
                }
            }
            stored
        });
    }
    for _ in 0..50 {
        somebody(&users).await;
    }
    let model = database.another_events::<UserEvent>().await;
    let model = model.inline(Emails::default()).await.unwrap();
    somebody(&model).await;
    stop.store(true, Ordering::Relaxed);
    let stored: usize = clients.join_all().await.into_iter().sum();
    assert_eq!(rows_of(database.store(), 1).await.emails.len(), stored + 51);
    check(&model, database.store(), 1).await;
}
