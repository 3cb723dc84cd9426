//! Depth and size of payloads: one bound for appends, readers, exports and imports.

use eventsource_core::{
    EntityId, Error, Event, InputProblem, MAX_APPEND_BYTES, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_DEPTH,
    Store,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::events::lines_of;

on_every_database! {
    payload_of_greatest_depth_is_read_exported_and_imported,
    payload_of_greatest_size_is_read_exported_and_imported,
    payload_beyond_a_bound_is_refused_before_it_is_sent,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "inbox", allow(never_ends, no_operation))]
pub enum InboxEvent {
    Opened,
    #[event(follows = Opened, accumulate = keep())]
    Received {
        doc: Value,
    },
}

/// Makes an event whose payload is nested this deep.
fn nested(depth: usize) -> InboxEvent {
    let doc = (1..depth).fold(json!(1), |inner, level| match level % 2 {
        0 => json!([inner]),
        _ => json!({ "a": inner }),
    });
    InboxEvent::Received { doc }
}

/// Makes an event whose payload has this many bytes.
fn of_bytes(bytes: usize) -> InboxEvent {
    let text = "x".repeat(bytes - r#"{"doc":""}"#.len());
    InboxEvent::Received { doc: text.into() }
}

/// Appends the event, and compares what each reader and an import of the export give back.
async fn give_back(database: &Database, received: InboxEvent) {
    let inbox = database.events::<InboxEvent>().await;
    let id = EntityId::new();
    let append = || {
        let opened = inbox.append(id, InboxEvent::Opened);
        opened.event(received.clone()).idempotency_key("k")
    };
    let stored = append().await.unwrap().events;
    assert_eq!(stored[1].event, received);
    let InboxEvent::Received { doc } = &received else {
        panic!("{received:?}");
    };
    let repeated = append().await.unwrap();
    assert!(repeated.replayed && repeated.events == stored);
    assert_eq!(inbox.history(id).await.unwrap(), stored);
    let found = inbox.search().oldest_first().await.unwrap();
    assert_eq!(found.readable().unwrap().items, stored);
    let data = inbox.data(id).await.unwrap().unwrap().value;
    assert_eq!(data.doc.as_ref(), Some(doc));
    let found = inbox.entities().field("doc", doc.clone()).await.unwrap();
    assert_eq!(found.items.len(), 1);
    let feed = inbox.feed().await.unwrap();
    assert_eq!(feed.events[1].1.as_ref().unwrap(), &stored[1]);

    let lines = lines_of(&inbox).await;
    let other = Store::connect("sqlite::memory:").await.unwrap();
    let other = other.migrate::<InboxEvent>().await.unwrap();
    let imported = other.import_lines(lines.as_bytes()).await.unwrap();
    assert_eq!(imported.events, 2);
    assert_eq!(other.history(id).await.unwrap()[1].event, received);
    assert!(lines == lines_of(&other).await, "the second export differs");
}

async fn payload_of_greatest_depth_is_read_exported_and_imported(database: &Database) {
    give_back(database, nested(MAX_PAYLOAD_DEPTH)).await;
}

async fn payload_of_greatest_size_is_read_exported_and_imported(database: &Database) {
    give_back(database, of_bytes(MAX_PAYLOAD_BYTES)).await;
}

async fn payload_beyond_a_bound_is_refused_before_it_is_sent(database: &Database) {
    let inbox = database.events::<InboxEvent>().await;
    let id = EntityId::new();
    let refused = async |append: eventsource_core::Append<'_, InboxEvent>| {
        let Error::InvalidInput(invalid) = append.await.unwrap_err() else {
            panic!("not as invalid input");
        };
        (invalid.input, invalid.problem)
    };
    let max_depth = MAX_PAYLOAD_DEPTH;
    // The deepest would end the process if it were written, and its stack with it.
    for depth in [128, 129, 200, 1_000] {
        let opened = inbox.append(id, InboxEvent::Opened);
        assert_eq!(
            refused(opened.event(nested(depth))).await,
            (
                "the field \"doc\" of 'RECEIVED'".to_owned(),
                InputProblem::NestedTooDeep { max_depth }
            ),
            "{depth}"
        );
    }
    let max_bytes = MAX_PAYLOAD_BYTES;
    assert_eq!(
        refused(inbox.append(id, of_bytes(max_bytes + 1))).await,
        (
            "the payload of 'RECEIVED'".to_owned(),
            InputProblem::TooLong { max_bytes }
        )
    );
    // A quarter of a gigabyte, which one database shows as well as three.
    if !database.is_postgres() {
        let max_bytes = MAX_APPEND_BYTES;
        let opened = inbox.append(id, InboxEvent::Opened);
        let count = max_bytes / MAX_PAYLOAD_BYTES + 1;
        let append = (0..count).fold(opened, |append, _| {
            append.event(of_bytes(MAX_PAYLOAD_BYTES))
        });
        assert_eq!(
            refused(append).await,
            (
                "the sum of the payloads of the append".to_owned(),
                InputProblem::TooLong { max_bytes }
            )
        );
    }
    assert_eq!(inbox.head(id).await.unwrap(), None);
}
