//! What an append with an inline model stores.

use std::sync::atomic::Ordering;

use eventsource_core::{EntityId, Error, ExportedEvent, Retry, Seq};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinSet;

use super::users::{Emails, UserEvent, check, folded, moved, registered, rows_of, somebody};
use crate::support::concurrency::in_order;
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    second_taker_of_an_address_is_refused_and_not_stored,
    auto_transition_is_given_to_inline_model,
    request_for_several_entities_is_one_transaction_with_inline_model,
    repeat_of_a_key_is_not_given_to_inline_model,
    clients_that_collide_leave_inline_model_equal_to_the_log,
    import_is_given_to_inline_model,
    import_that_inline_model_refuses_stores_nothing,
    exclusive_import_with_inline_model_is_refused,
    inline_model_sees_events_as_they_are_read_later,
}

async fn second_taker_of_an_address_is_refused_and_not_stored(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let (ann, bob) = (EntityId::new(), EntityId::new());
    users.append(ann, registered("a@x")).await.unwrap();
    let refused = users.append(bob, registered("a@x")).await.unwrap_err();
    assert!(refused.is_unique_violation(), "{refused:?}");
    assert_eq!(refused.retry(), Retry::Never);
    let Error::ByProjection { name, .. } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(name, "emails");
    assert!(users.head(bob).await.unwrap().is_none());
    users.append(bob, registered("b@x")).await.unwrap();
    let refused = users.append(bob, moved("a@x")).await.unwrap_err();
    assert!(refused.is_unique_violation());
    users.append(ann, moved("c@x")).await.unwrap();
    users.append(bob, moved("a@x")).await.unwrap();
    check(&users, database.store(), 1).await;
}

async fn auto_transition_is_given_to_inline_model(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let id = somebody(&users).await;
    let appended = users.append(id, UserEvent::Confirmed).await.unwrap();
    assert_eq!(appended.events.len(), 2);
    let rows = rows_of(database.store(), 1).await;
    assert_eq!(rows.welcomed, [id.to_string()]);
}

async fn request_for_several_entities_is_one_transaction_with_inline_model(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let (ann, bob, cid) = (EntityId::new(), EntityId::new(), EntityId::new());
    let request = users
        .append(ann, registered("a@x"))
        .append(bob, registered("b@x"));
    request.event(UserEvent::Confirmed).await.unwrap();
    let request = users
        .append(cid, registered("c@x"))
        .append(ann, moved("b@x"));
    assert!(request.await.unwrap_err().is_unique_violation());
    assert!(users.head(cid).await.unwrap().is_none());
    assert_eq!(users.head(ann).await.unwrap().unwrap().seq, Seq::new(1));
    check(&users, database.store(), 1).await;
}

async fn repeat_of_a_key_is_not_given_to_inline_model(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let emails = Emails::default();
    let users = users.inline(emails.clone()).await.unwrap();
    let id = EntityId::new();
    for is_repeat in [false, true] {
        let request = users.append(id, registered("a@x")).by("ann");
        let appended = request.idempotency_key("first").await.unwrap();
        assert_eq!(appended.replayed, is_repeat);
    }
    assert_eq!(emails.applied.load(Ordering::Relaxed), 1);
    check(&users, database.store(), 1).await;
}

/// 64 clients take addresses at once, of which some are the same.
async fn clients_that_collide_leave_inline_model_equal_to_the_log(database: &Database) {
    const CLIENTS: usize = 64;
    const ROUNDS: usize = 8;
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let users = users.clone();
        clients.spawn(async move {
            let mut refused = 0;
            for round in 0..ROUNDS {
                // One in ten wants the address of its neighbour.
                let taken = (client * ROUNDS + round) % 10 == 9;
                let owner = if taken { client ^ 1 } else { client };
                let id = EntityId::new();
                let email = format!("{owner}-{round}@x");
                match users.append(id, registered(email)).await {
                    Ok(appended) => assert_eq!(appended.events.len(), 1),
                    Err(error) => {
                        assert!(error.is_unique_violation(), "{error:?}");
                        assert!(users.head(id).await.unwrap().is_none());
                        refused += 1;
                    }
                }
            }
            refused
        });
    }
    let refused: usize = clients.join_all().await.into_iter().sum();
    let rows = folded(&users).await;
    assert_eq!(rows_of(database.store(), 1).await, rows);
    // Whoever was refused was the second: each address that was asked for has one owner.
    let wanted = (0..CLIENTS).flat_map(|client| (0..ROUNDS).map(move |round| (client, round)));
    let wanted = wanted.map(|(client, round)| {
        let taken = (client * ROUNDS + round) % 10 == 9;
        format!("{}-{round}@x", if taken { client ^ 1 } else { client })
    });
    let wanted: std::collections::BTreeSet<String> = wanted.collect();
    assert_eq!(rows.emails.len(), wanted.len());
    assert_eq!(refused, CLIENTS * ROUNDS - wanted.len());
}

async fn import_is_given_to_inline_model(database: &Database) {
    let source = database.another().await;
    let from = source.events::<UserEvent>().await;
    for _ in 0..20 {
        let id = somebody(&from).await;
        from.append(id, moved(format!("{id}@x")))
            .event(UserEvent::Confirmed)
            .await
            .unwrap();
    }
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let before = somebody(&users).await;
    let mut exported: Vec<ExportedEvent> = from.export().stream().try_collect().await.unwrap();
    exported.truncate(41);
    // The last one is begun before, and goes on here.
    let imported = users
        .import(stream::iter(exported).map(Ok))
        .commit_every(7)
        .await;
    assert_eq!(imported.unwrap().events, 41);
    let rows = rows_of(database.store(), 1).await;
    assert!(rows.emails.contains_key(&before.to_string()));
    assert_eq!(rows, folded(&users).await);
    source.remove().await;
}

async fn import_that_inline_model_refuses_stores_nothing(database: &Database) {
    let source = database.another().await;
    let from = source.events::<UserEvent>().await;
    from.append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    from.append(EntityId::new(), registered("b@x"))
        .await
        .unwrap();
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    users
        .append(EntityId::new(), registered("b@x"))
        .await
        .unwrap();
    let refused = users.import(from.export().stream()).await.unwrap_err();
    assert!(refused.is_unique_violation(), "{refused:?}");
    assert_eq!(users.feed().await.unwrap().events.len(), 1);
    check(&users, database.store(), 1).await;
    source.remove().await;
}

async fn exclusive_import_with_inline_model_is_refused(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let events = stream::iter(Vec::<Result<ExportedEvent, Error>>::new());
    let refused = users.import(events).exclusive().await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "an exclusive import cannot write inline models"
    );
}

/// Appends together, so that on Postgres they share calls, and alone.
async fn inline_model_sees_events_as_they_are_read_later(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let seen = super::users::Seen::default();
    let users = users.inline(seen.clone()).await.unwrap();
    let ids: Vec<EntityId> = (0..20).map(|_| EntityId::new()).collect();
    let appends = ids.iter().map(|id| {
        let append = users.append(*id, registered(id.to_string())).by("ann");
        async {
            append
                .event(moved("m"))
                .event(UserEvent::Confirmed)
                .await
                .unwrap()
        }
    });
    in_order(appends).await;
    let mut expected = Vec::new();
    for id in ids {
        expected.extend(users.history(id).await.unwrap());
    }
    expected.sort_by_key(|event| (event.entity_id, event.seq));
    let mut given = seen.0.lock().unwrap().clone();
    given.sort_by_key(|event| (event.entity_id, event.seq));
    assert_eq!(given, expected);
}
