//! Views that are written inline.

use std::collections::BTreeMap;

use eventsource_core::{
    EntityId, Error, EventStore, Keys, Position, Reads, RecordedEvent, Store, View, view,
};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::users::{Emails, UserEvent, moved, registered, somebody};
use crate::support::concurrency::in_order;
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    inline_view_is_equal_to_the_fold_of_its_events,
    new_inline_view_over_a_log_is_filled_first,
    row_of_inline_view_ends_with_its_event,
    verify_finds_rows_of_inline_models_that_were_changed_by_hand,
}

on_every_database! {
    inline_view_with_keys_in_common_loses_no_event_of_any_program,
}

/// Events of each user, of each first letter, and of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counted {
    events: u32,
}

impl View for Counted {
    const NAME: &'static str = "counted";
    const VERSION: u32 = 1;
    type Key = String;
}

impl Reads<UserEvent> for Counted {
    fn keys(event: &RecordedEvent<UserEvent>) -> Keys<String> {
        let letter = match &event.event {
            UserEvent::Registered { email } | UserEvent::Moved { email } => email.get(..1),
            _ => None,
        };
        let keys = [Some("all"), letter].into_iter().flatten();
        let keys = keys.map(str::to_owned).chain([event.entity_id.to_string()]);
        keys.collect()
    }

    fn apply(&mut self, _event: &RecordedEvent<UserEvent>) {
        self.events += 1;
    }
}

/// Users that are not welcomed yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Waiting {
    email: String,
}

impl View for Waiting {
    const NAME: &'static str = "waiting";
    const VERSION: u32 = 1;
    type Key = EntityId;
}

impl Reads<UserEvent> for Waiting {
    fn keys(event: &RecordedEvent<UserEvent>) -> Keys<EntityId> {
        event.entity_id.into()
    }

    fn apply(&mut self, event: &RecordedEvent<UserEvent>) {
        if let UserEvent::Registered { email } | UserEvent::Moved { email } = &event.event {
            self.email.clone_from(email);
        }
    }

    fn ends(event: &RecordedEvent<UserEvent>) -> bool {
        event.event == UserEvent::Welcomed
    }
}

async fn values_of<V: View>(store: &Store) -> BTreeMap<String, V> {
    let mut transaction = store.begin().await.unwrap();
    transaction.scope(store.tables().of_generation(1), None);
    let select = format!("SELECT key, CAST(value AS text) FROM {{{}}}", V::NAME);
    let rows = transaction.fetch(&select, ()).await.unwrap();
    let value = |text: String| serde_json::from_str(&text).unwrap();
    let rows = rows.iter();
    rows.map(|row| (row.get(0).unwrap(), value(row.get(1).unwrap())))
        .collect()
}

async fn all(users: &EventStore<UserEvent>) -> Vec<RecordedEvent<UserEvent>> {
    let (mut all, mut after) = (Vec::new(), Position::START);
    loop {
        let page = users.feed().after(after).await.unwrap();
        all.extend(page.events.into_iter().map(|(_, event)| event.unwrap()));
        after = page.checkpoint;
        if !page.has_more {
            return all;
        }
    }
}

async fn check(users: &EventStore<UserEvent>, store: &Store) {
    let mut expected: BTreeMap<String, Counted> = BTreeMap::new();
    for event in all(users).await {
        for key in Counted::keys(&event).iter() {
            expected.entry(key.clone()).or_default().apply(&event);
        }
    }
    assert_eq!(values_of::<Counted>(store).await, expected);
}

async fn inline_view_is_equal_to_the_fold_of_its_events(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(view::<Counted>()).await.unwrap();
    let ids: Vec<EntityId> = (0..30).map(|_| EntityId::new()).collect();
    in_order(ids.iter().map(|id| {
        let append = users.append(*id, registered(format!("{id}@x")));
        async { append.event(moved("m@x")).await.unwrap() }
    }))
    .await;
    users.append(ids[0], UserEvent::Confirmed).await.unwrap();
    users.append(ids[0], moved("m@x")).await.unwrap_err();
    check(&users, database.store()).await;
}

async fn new_inline_view_over_a_log_is_filled_first(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let mut request = users.append(EntityId::new(), registered("first"));
    for number in 0..2500 {
        request = request.append(EntityId::new(), registered(format!("{number}@x")));
    }
    request.await.unwrap();
    let users = users.inline(view::<Counted>()).await.unwrap();
    check(&users, database.store()).await;
    somebody(&users).await;
    check(&users, database.store()).await;
}

async fn row_of_inline_view_ends_with_its_event(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(view::<Waiting>()).await.unwrap();
    let (ann, bob) = (somebody(&users).await, somebody(&users).await);
    users
        .append(ann, moved("m@x"))
        .event(UserEvent::Confirmed)
        .await
        .unwrap();
    let values = values_of::<Waiting>(database.store()).await;
    let expected = Waiting {
        email: format!("{bob}@example.org"),
    };
    assert_eq!(values, BTreeMap::from([(bob.to_string(), expected)]));
}

/// All events have one key in common, and several programs append at once.
async fn inline_view_with_keys_in_common_loses_no_event_of_any_program(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(view::<Counted>()).await.unwrap();
    let other = database.another_events::<UserEvent>().await;
    let other = other.inline(view::<Counted>()).await.unwrap();
    let mut clients = JoinSet::new();
    for client in 0..24 {
        let users = if client % 2 == 0 {
            users.clone()
        } else {
            other.clone()
        };
        clients.spawn(async move {
            for _ in 0..6 {
                let id = somebody(&users).await;
                users.append(id, moved("m@x")).await.unwrap();
            }
        });
    }
    clients.join_all().await;
    let values = values_of::<Counted>(database.store()).await;
    assert_eq!(values["all"], Counted { events: 288 });
    check(&users, database.store()).await;
}

async fn verify_finds_rows_of_inline_models_that_were_changed_by_hand(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let unregistered = users.verify_inline(&view::<Counted>()).await.unwrap_err();
    assert!(
        matches!(unregistered, Error::MigrationRefused { .. }),
        "{unregistered:?}"
    );
    let users = users.inline(view::<Counted>()).await.unwrap();
    let users = users.inline(Emails::default()).await.unwrap();
    let (ann, _) = (somebody(&users).await, somebody(&users).await);
    let verify = async || {
        let views = users.verify_inline(&view::<Counted>()).await.unwrap();
        (
            views,
            users.verify_inline(&Emails::default()).await.unwrap(),
        )
    };
    let (view, emails) = verify().await;
    assert!(view.is_valid() && emails.is_valid(), "{view:?} {emails:?}");

    let mut transaction = database.store().begin().await.unwrap();
    transaction.scope(database.store().tables().of_generation(1), None);
    let delete = "DELETE FROM {counted} WHERE key = $1";
    transaction
        .execute(delete, (ann.to_string(),))
        .await
        .unwrap();
    let update = "UPDATE {user_email} SET email = 'other' WHERE user_id = $1";
    transaction
        .execute(update, (ann.to_string(),))
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let (view, emails) = verify().await;
    assert_eq!((view.wrong, view.missing), (0, 1));
    assert_eq!((emails.wrong, emails.missing), (1, 1));
    // Nothing of the verification stays, and appends go on.
    somebody(&users).await;
    assert_eq!(verify().await, (view, emails));
}
