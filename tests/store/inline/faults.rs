//! Inline models that fail, hang or panic, and connections that are lost.

use std::time::Duration;

use eventsource_core::{EntityId, Error, EventStore, Retry};

use super::users::{Emails, UserEvent, check, moved, registered, rows_of, somebody};
use crate::support::concurrency::in_order;
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    inline_model_that_fails_stores_nothing,
    inline_model_that_panics_fails_its_append_only,
    inline_model_that_hangs_fails_its_append_only,
}

on_postgres! {
    append_with_inline_model_and_lost_answer_is_stored_once,
    appends_that_wait_for_locked_heads_do_not_hold_up_inline_models_of_others,
    append_whose_inline_model_waits_for_a_lock_is_told_to_come_later,
}

async fn with_short_timeout(database: &Database) -> EventStore<UserEvent> {
    let options = database
        .store_options()
        .inline_timeout(Duration::from_millis(200));
    // In memory another store has another database, which is as good.
    let store = options.connect().await.unwrap();
    let users = store.migrate::<UserEvent>().await.unwrap();
    users.inline(Emails::default()).await.unwrap()
}

/// Appends some at once, of which one has this address; the others are stored.
async fn fails_alone(users: &EventStore<UserEvent>, email: &str) -> Error {
    let appends = (0..10).map(|number| {
        let id = EntityId::new();
        let own = if number == 5 {
            email.to_owned()
        } else {
            id.to_string()
        };
        let append = users.append(id, registered(own));
        async move { (id, append.await) }
    });
    let mut failed = None;
    for (id, appended) in in_order(appends).await {
        match appended {
            Ok(_) => {}
            Err(error) => {
                assert!(users.head(id).await.unwrap().is_none());
                assert!(failed.replace(error).is_none(), "more than one failed");
            }
        }
    }
    assert_eq!(users.feed().await.unwrap().events.len(), 9);
    failed.unwrap()
}

async fn inline_model_that_fails_stores_nothing(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let error = fails_alone(&users, "fails").await;
    assert_eq!(
        error.to_string(),
        "'emails', which is written with the events, failed: an address that fails"
    );
    assert_eq!(error.retry(), Retry::Never);
    check(&users, database.store(), 1).await;
}

async fn inline_model_that_panics_fails_its_append_only(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let error = fails_alone(&users, "panics").await;
    assert_eq!(
        error.to_string(),
        "'emails', which is written with the events, failed: it panicked: an address that panics"
    );
    check(&users, database.store(), 1).await;
}

async fn inline_model_that_hangs_fails_its_append_only(database: &Database) {
    let users = with_short_timeout(database).await;
    let error = fails_alone(&users, "hangs").await;
    assert_eq!(
        error.to_string(),
        "'emails', which is written with the events, failed: it took longer than 200ms"
    );
    let id = somebody(&users).await;
    users.append(id, moved("m@x")).await.unwrap();
}

/// The connection is lost after the commit.
async fn append_with_inline_model_and_lost_answer_is_stored_once(database: &Database) {
    let owner = database.events::<UserEvent>().await;
    owner.inline(Emails::default()).await.unwrap();
    let (proxy, store) = database.behind_proxy().await;
    let users = store.open::<UserEvent>().await.unwrap();
    let users = users.inline(Emails::default()).await.unwrap();
    let id = somebody(&users).await;
    // Begin, call, two statements of the model, commit.
    for lost in 1..=6 {
        users
            .append(id, moved(format!("{lost}@before")))
            .await
            .unwrap();
        proxy.lose_answer(lost);
        let appended = users.append(id, moved(format!("{lost}@x"))).await.unwrap();
        let history = users.history(id).await.unwrap();
        assert_eq!(history.last(), appended.events.last());
        let stored = history
            .iter()
            .filter(|event| event.event == moved(format!("{lost}@x")));
        assert_eq!(stored.count(), 1, "{lost}");
        check(&users, database.store(), 1).await;
    }
}

async fn appends_that_wait_for_locked_heads_do_not_hold_up_inline_models_of_others(
    database: &Database,
) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let id = somebody(&users).await;
    let sql = database.sql().await;
    let mut holder = sql.begin().await.unwrap();
    let lock = r#"SELECT 1 FROM "user" FOR UPDATE"#;
    sqlx::query(lock).execute(&mut *holder).await.unwrap();
    let waiting = tokio::spawn({
        let users = users.clone();
        async move { users.append(id, moved("m@x")).await }
    });
    let observer = database.sql().await;
    crate::support::waiting::until_blocked(&observer, 1).await;
    for _ in 0..5 {
        somebody(&users).await;
    }
    holder.rollback().await.unwrap();
    waiting.await.unwrap().unwrap();
    check(&users, database.store(), 1).await;
}

async fn append_whose_inline_model_waits_for_a_lock_is_told_to_come_later(database: &Database) {
    let options = database
        .store_options()
        .lock_timeout(Duration::from_millis(100));
    let store = options.connect().await.unwrap();
    let users = store.migrate::<UserEvent>().await.unwrap();
    let users = users.inline(Emails::default()).await.unwrap();
    let id = somebody(&users).await;
    let sql = database.sql().await;
    let mut holder = sql.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM user_email__1 FOR UPDATE")
        .execute(&mut *holder)
        .await
        .unwrap();
    let error = users.append(id, moved("m@x")).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Later, "{error:?}");
    holder.rollback().await.unwrap();
    users.append(id, moved("m@x")).await.unwrap();
    assert_eq!(rows_of(&store, 1).await.emails.len(), 1);
    check(&users, &store, 1).await;
}
