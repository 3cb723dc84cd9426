//! Required fields that could never have a value, or that are an `Option` by another name: told by the
//! migration, since the derive sees no types.

use eventsource_core::{EntityId, Error, Event, EventType, payload_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::database::Database;

on_every_database! {
    migrate_with_field_that_can_never_have_a_value_is_refused,
    migrate_with_option_by_another_name_is_refused_unless_it_is_named,
}

type Note = Option<String>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Marker;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Who {
    pub assignee: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    pub title: String,
    #[serde(flatten)]
    pub who: Who,
}

/// Defines a machine with one event.
macro_rules! calls {
    ($($name:ident: $(#[$rule:meta])* $event:ident { $($fields:tt)* })*) => {
        $(mod $name {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
            #[machine(entity = "call", allow(never_ends, dead_end))]
            pub enum CallEvent {
                $(#[$rule])*
                $event { $($fields)* },
            }
        })*
    };
}

calls! {
    alias: Noted { note: Note }
    boxed: Noted { note: Box<Option<u8>> }
    unit: Noted { note: () }
    marker: Noted { note: Marker }
    defaulted: Noted { #[serde(default)] note: Marker, #[serde(default)] alias: Note }
    named: #[event(requires(note))] Noted { note: Note }
}

mod flattened {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "call", allow(never_ends, dead_end))]
    pub enum CallEvent {
        #[event(requires(who))]
        Noted(Details),
    }
}

mod beside_flattened {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "call", allow(never_ends, dead_end))]
    pub enum CallEvent {
        #[event(requires(title))]
        Noted(Details),
    }
}

async fn refusal<E: Event>(database: &Database) -> String {
    match database.store().migrate::<E>().await {
        Err(Error::InvalidMachine { reason, .. }) => reason,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("migrated"),
    }
}

async fn migrate_with_field_that_can_never_have_a_value_is_refused(database: &Database) {
    let null = "'NOTED' requires 'note', which JSON writes as null, as it writes no value: remove the field, \
                or mark it `#[serde(default)]`";
    assert_eq!(refusal::<unit::CallEvent>(database).await, null);
    assert_eq!(refusal::<marker::CallEvent>(database).await, null);
    assert_eq!(
        refusal::<flattened::CallEvent>(database).await,
        "'NOTED' requires 'who', which is flattened: the payload has the fields of 'who' in its place, of \
         which a type that is no `Option` is required anyway"
    );
    let calls = database.store().migrate::<beside_flattened::CallEvent>();
    let calls = calls.await.unwrap();
    let who = Who {
        assignee: "ann".into(),
    };
    let noted = beside_flattened::CallEvent::Noted(Details {
        title: "a".into(),
        who,
    });
    let stored = calls.append(EntityId::new(), noted.clone()).await.unwrap();
    assert_eq!(stored.events[0].event, noted);
}

async fn migrate_with_option_by_another_name_is_refused_unless_it_is_named(database: &Database) {
    for reason in [
        refusal::<alias::CallEvent>(database).await,
        refusal::<boxed::CallEvent>(database).await,
    ] {
        assert_eq!(
            reason,
            "'NOTED' requires 'note', whose type is an `Option` by another name: write `Option<..>` or mark it \
             `#[serde(default)]` if it may be absent, and name it in `requires(..)` if not"
        );
    }
    let calls = database
        .store()
        .migrate::<defaulted::CallEvent>()
        .await
        .unwrap();
    let noted = defaulted::CallEvent::Noted {
        note: Marker,
        alias: None,
    };
    let stored = calls.append(EntityId::new(), noted.clone()).await.unwrap();
    assert_eq!(
        calls.history(stored.events[0].entity_id).await.unwrap()[0].event,
        noted
    );
    let schema = payload_schema::<defaulted::CallEvent>(defaulted::CallEventType::ALL[0]);
    assert_eq!(schema.get("required"), None);
    assert_eq!(schema["properties"]["note"], json!({"type": "null"}));
    assert_eq!(
        schema["properties"]["alias"]["type"],
        json!(["string", "null"])
    );

    let other = database.another().await;
    let calls = other.store().migrate::<named::CallEvent>().await.unwrap();
    let noted = |note| calls.append(EntityId::new(), named::CallEvent::Noted { note });
    noted(Some("a".to_owned())).await.unwrap();
    assert!(matches!(noted(None).await, Err(Error::MissingField { .. })));
    let schema = payload_schema::<named::CallEvent>(named::CallEventType::ALL[0]);
    assert_eq!(schema["required"], json!(["note"]));
    assert_eq!(schema["properties"]["note"]["type"], "string");
    other.remove().await;
}
