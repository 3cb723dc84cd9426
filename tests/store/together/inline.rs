//! Inline models of the machines that are appended to together.

use eventsource_core::{EntityId, Error};
use tasks::TaskEvent;

use crate::inline::users::{Emails, UserEvent, check, registered};
use crate::support::database::Database;
use crate::support::machines::created;

on_every_database! {
    and sqlite_memory:
    inline_model_is_written_with_appends_together,
    refusal_by_inline_model_stores_nothing_of_other_machines,
    append_together_without_the_inline_model_is_refused,
}

async fn inline_model_is_written_with_appends_together(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let (task, ann, bob) = (EntityId::new(), EntityId::new(), EntityId::new());
    let together = database.store().together();
    let together = together.append(
        users
            .append(ann, registered("a@x"))
            .append(bob, registered("b@x")),
    );
    together
        .append(tasks.append(task, created()))
        .await
        .unwrap();
    assert!(tasks.head(task).await.unwrap().is_some());
    check(&users, database.store(), 1).await;
}

async fn refusal_by_inline_model_stores_nothing_of_other_machines(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    let (task, bob) = (EntityId::new(), EntityId::new());
    let together = database.store().together();
    let together = together.append(tasks.append(task, created()));
    let refused = together.append(users.append(bob, registered("a@x"))).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, Error::ByProjection { .. }), "{refused:?}");
    assert!(refused.is_unique_violation());
    assert!(tasks.head(task).await.unwrap().is_none());
    assert!(users.head(bob).await.unwrap().is_none());
    check(&users, database.store(), 1).await;
}

async fn append_together_without_the_inline_model_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let unaware = database.events::<UserEvent>().await;
    let users = unaware.clone().inline(Emails::default()).await.unwrap();
    let (task, bob) = (EntityId::new(), EntityId::new());
    let together = database.store().together();
    let together = together.append(tasks.append(task, created()));
    let refused = together
        .append(unaware.append(bob, registered("b@x")))
        .await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, Error::InlineMissing { .. }),
        "{refused:?}"
    );
    assert!(tasks.head(task).await.unwrap().is_none());
    check(&users, database.store(), 1).await;
}
