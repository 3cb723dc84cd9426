//! Payload types that changed under stored events: told by the migration, and by a verification.

use eventsource_core::{EntityId, Error, Event, Seq, ViolationKind};
use serde::{Deserialize, Serialize};

use crate::support::database::Database;

on_every_database! {
    migrate_to_types_that_cannot_read_stored_events_is_refused,
    migrate_to_types_that_read_stored_events_succeeds,
    verify_names_every_event_that_cannot_be_read,
}

/// Defines a machine of carts with these types.
macro_rules! carts {
    ($name:ident: $owner:ty, $note:ty, $qty:ty, { $($tier:ident),+ }) => {
        mod $name {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub enum Tier { $($tier),+ }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
            #[machine(entity = "cart", allow(never_ends, no_operation))]
            pub enum CartEvent {
                Opened { owner: $owner, note: $note, tier: Option<Tier> },
                #[event(follows = Opened, accumulate = keep())]
                ItemAdded { sku: String, qty: $qty },
            }
        }
    };
}

carts! { first: u32, String, u32, { Gold, Basic } }
carts! { other_type: String, String, u32, { Gold, Basic } }
carts! { other_variant: u32, String, u32, { Premium, Basic } }
carts! { narrower: u32, String, u8, { Gold, Basic } }
carts! { wider: u64, String, i64, { Basic, Gold, Premium } }

/// Stores one cart: its first item fits into a byte, its last does not.
async fn seed(database: &Database) -> EntityId {
    use first::{CartEvent, Tier};
    let carts = database.events::<CartEvent>().await;
    let id = EntityId::new();
    let item = |qty| CartEvent::ItemAdded {
        sku: "a".into(),
        qty,
    };
    let opened = CartEvent::Opened {
        owner: 7,
        note: "n".into(),
        tier: Some(Tier::Gold),
    };
    let append = carts.append(id, opened).event(item(2)).event(item(300));
    append.event(item(1)).await.unwrap();
    id
}

async fn refusal<E: Event>(database: &Database) -> (u32, String) {
    match database.store().migrate::<E>().await {
        Err(Error::StoredPayload {
            entity: "cart",
            seq,
            source,
            ..
        }) => {
            let field = source.field.unwrap_or_default();
            (seq.get(), format!("{} {field}", source.event_type))
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("migrated"),
    }
}

async fn migrate_to_types_that_cannot_read_stored_events_is_refused(database: &Database) {
    let id = seed(database).await;
    let opened = |field: &str| (1, format!("OPENED {field}"));
    assert_eq!(
        refusal::<other_type::CartEvent>(database).await,
        opened("owner")
    );
    assert_eq!(
        refusal::<other_variant::CartEvent>(database).await,
        opened("tier")
    );
    let Err(error) = database.store().migrate::<other_type::CartEvent>().await else {
        panic!("migrated");
    };
    assert_eq!(
        error.to_string(),
        format!(
            "cannot migrate 'cart': event 1 of {id} is stored, and the field 'owner' of 'OPENED' does not fit: \
             invalid type: integer `7`, expected a string: let the type read what is stored too, such as by an \
             `Option` or `#[serde(alias = \"..\")]`, or go on with `StoreOptions::allow_unreadable_events(true)`"
        )
    );
    // The first and the last item fit: a sample does not find the one in between, a verification does.
    let carts = database
        .store()
        .migrate::<narrower::CartEvent>()
        .await
        .unwrap();
    let verified = carts.verify().await.unwrap();
    assert_eq!(verified.violations.len(), 1);
}

async fn migrate_to_types_that_read_stored_events_succeeds(database: &Database) {
    let id = seed(database).await;
    let carts = database
        .store()
        .migrate::<wider::CartEvent>()
        .await
        .unwrap();
    assert_eq!(carts.history(id).await.unwrap().len(), 4);
    assert!(carts.verify().await.unwrap().is_valid());
}

async fn verify_names_every_event_that_cannot_be_read(database: &Database) {
    let id = seed(database).await;
    let options = database
        .store_options()
        .schema_options(database.schema_options());
    let store = options
        .allow_unreadable_events(true)
        .connect()
        .await
        .unwrap();
    let carts = store.migrate::<other_type::CartEvent>().await.unwrap();
    let verified = carts.verify().await.unwrap();
    let [violation] = verified.violations.as_slice() else {
        panic!("{:?}", verified.violations);
    };
    assert_eq!(
        (violation.entity_id, violation.seq),
        (id, Some(Seq::new(1)))
    );
    let ViolationKind::Unreadable { reason, .. } = &violation.kind else {
        panic!("{violation}");
    };
    let expected = "its payload does not fit: invalid type: integer `7`, expected a string";
    assert_eq!(reason.to_string(), expected);
    store.close().await;
}
