//! Payloads: stored as they were given, and refused if they could not be read back.

use std::collections::BTreeMap;

use eventsource_core::{EntityId, Error, Event, ExportedEvent};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::support::database::Database;
use crate::support::events::all_ok;
use crate::support::machines::deadline;

on_every_database! {
    payload_numbers_are_read_back_exactly,
    payload_text_is_stored_as_serde_writes_it,
    append_repeated_with_key_and_numbers_is_replayed,
    append_of_unreadable_payload_is_refused,
    append_with_nul_character_is_refused,
    append_of_payload_that_not_every_reader_accepts_is_refused,
    appended_event_is_the_one_that_is_read_back,
    migrate_with_unfit_payload_struct_is_refused,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "sample")]
pub enum SampleEvent {
    Taken(Reading),
    #[event(follows = Taken)]
    Labelled {
        labels: BTreeMap<String, String>,
    },
    #[event(follows = Labelled)]
    Rejected {
        reason: Option<String>,
    },
    #[event(follows = Rejected, auto_transition, terminal)]
    Archived(Reason),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    values: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    reason: String,
}

fn taken(values: impl Into<Vec<f64>>) -> SampleEvent {
    SampleEvent::Taken(Reading {
        values: values.into(),
    })
}

/// Lists doubles of every size, always the same ones.
fn many_values() -> Vec<f64> {
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let mut values = vec![
        0.1,
        985.690_694_632_869_5,
        1e16,
        1e300,
        5e-324,
        f64::MAX,
        f64::EPSILON,
    ];
    while values.len() < 300 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let value = f64::from_bits(bits);
        if value.is_finite() {
            values.push(value);
        }
    }
    values
}

async fn payload_numbers_are_read_back_exactly(database: &Database) {
    let samples = database.events::<SampleEvent>().await;
    let id = EntityId::new();
    let event = taken(many_values());
    samples.append(id, event.clone()).await.unwrap();
    assert_eq!(samples.history(id).await.unwrap()[0].event, event);
}

/// Compares order of keys, notation of numbers and spaces, of each way to write an event.
async fn payload_text_is_stored_as_serde_writes_it(database: &Database) {
    let samples = database.events::<SampleEvent>().await;
    let labels = [("b", "\u{e9}\"\u{1f}"), ("aa", "/"), ("a", "")];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let values = vec![1e16, -0.0, 1.0, 1e-7, 0.1];
    let reading = serde_json::to_string(&Reading {
        values: values.clone(),
    });
    let reading = reading.unwrap();
    assert!(reading.contains(",-0.0,1.0,"), "{reading}");
    let events = [
        taken(values),
        SampleEvent::Labelled {
            labels: labels.into(),
        },
    ];
    let texts = [
        &*reading,
        "{\"labels\":{\"a\":\"\",\"aa\":\"/\",\"b\":\"\u{e9}\\\"\\u001f\"}}",
    ];
    let [one_by_one, at_once, imported] = [(); 3].map(|()| EntityId::new());
    for event in &events {
        let append = samples.append(one_by_one, event.clone());
        append.by("ann").correlation_id("c").await.unwrap();
    }
    let [first, second] = events.clone();
    samples.append(at_once, first).event(second).await.unwrap();
    let lines = events.iter().map(|event| {
        let at = deadline();
        ExportedEvent::of(imported, event, at).unwrap()
    });
    samples.import(all_ok(lines.collect())).await.unwrap();

    let pool = database.sql().await;
    let stored = "SELECT CAST(data AS text) AS data, CAST(metadata AS text) AS metadata
        FROM sample_event ORDER BY clock";
    let stored = sqlx::query(stored).fetch_all(&pool).await.unwrap();
    let data: Vec<String> = stored.iter().map(|row| row.get("data")).collect();
    assert_eq!(data, [texts; 3].concat());
    let metadata: Vec<String> = stored.iter().map(|row| row.get("metadata")).collect();
    let of_ann = r#"{"actor":"ann","correlation_id":"c"}"#;
    assert_eq!(metadata, [of_ann, of_ann, "{}", "{}", "{}", "{}"]);
    for id in [one_by_one, at_once, imported] {
        let history = samples.history(id).await.unwrap();
        let read: Vec<_> = history.into_iter().map(|recorded| recorded.event).collect();
        assert_eq!(read, events);
    }
}

/// Repeats a request with numbers that have several texts, such as 1e16.
async fn append_repeated_with_key_and_numbers_is_replayed(database: &Database) {
    let samples = database.events::<SampleEvent>().await;
    let id = EntityId::new();
    let request = || {
        samples
            .append(id, taken(many_values()))
            .idempotency_key("k")
    };
    let first = request().await.unwrap();
    let second = request().await.unwrap();
    assert!(second.replayed);
    assert_eq!(second.events, first.events);
}

async fn append_of_unreadable_payload_is_refused(database: &Database) {
    let samples = database.events::<SampleEvent>().await;
    let id = EntityId::new();
    // The auto transition needs a reason, which no rule says but its type does.
    let labelled = SampleEvent::Labelled {
        labels: BTreeMap::new(),
    };
    samples
        .append(id, taken([1.5]))
        .event(labelled)
        .await
        .unwrap();
    let rejected = |reason: Option<&str>| SampleEvent::Rejected {
        reason: reason.map(str::to_owned),
    };
    let error = samples.append(id, rejected(None)).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the payload of 'ARCHIVED' does not fit"),
        "{error}"
    );
    assert_eq!(samples.history(id).await.unwrap().len(), 2);
    let archived = samples.append(id, rejected(Some("broken"))).await.unwrap();
    assert_eq!(archived.events.len(), 2);
}

/// Refuses U+0000 everywhere, for Postgres cannot store it.
async fn append_with_nul_character_is_refused(database: &Database) {
    let samples = database.events::<SampleEvent>().await;
    let id = EntityId::new();
    samples.append(id, taken([])).await.unwrap();
    let labelled = |name: &str, value: &str| SampleEvent::Labelled {
        labels: BTreeMap::from([(name.to_owned(), value.to_owned())]),
    };
    let fine = || samples.append(id, labelled("a", "\u{1}\u{7f}\u{fffd}😀'\"\\"));
    for append in [
        samples.append(id, labelled("a", "b\0")),
        samples.append(id, labelled("a\0", "b")),
        fine().by("an\0n"),
        fine().correlation_id("\0"),
        fine().causation_id("\0"),
        fine().idempotency_key("\0"),
        fine().idempotency_key(""),
        fine().idempotency_key("k".repeat(256)),
    ] {
        let error = append.await.unwrap_err();
        assert!(matches!(error, Error::InvalidInput(_)), "{error:?}");
    }
    let stored = fine().idempotency_key("k".repeat(255)).await.unwrap();
    assert_eq!(samples.history(id).await.unwrap()[1], stored.events[0]);
}

mod open {
    use super::{BTreeMap, Deserialize, Event, Serialize};

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub struct Note {
        pub title: String,
        pub value: Option<serde_json::Value>,
        #[serde(flatten)]
        pub more: BTreeMap<String, serde_json::Value>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "note")]
    pub enum NoteEvent {
        #[event(terminal)]
        Noted(Note),
    }
}

async fn append_of_payload_that_not_every_reader_accepts_is_refused(database: &Database) {
    use open::{Note, NoteEvent};
    let notes = database.events::<NoteEvent>().await;
    let nested = |depth: usize| {
        let inner = serde_json::Value::Null;
        (0..depth).fold(inner, |inner, _| serde_json::json!([inner]))
    };
    let value = |value: serde_json::Value| Note {
        value: Some(value),
        ..Note::default()
    };
    let more = |name: &str| Note {
        more: BTreeMap::from([(name.to_owned(), 1.into())]),
        ..Note::default()
    };
    let marker = "$serde_json::private::RawValue";
    for (note, message) in [
        (
            value(nested(127)),
            "the field \"value\" of 'NOTED' is nested deeper than 127 levels",
        ),
        (
            more("title"),
            "the field \"title\" of 'NOTED' is twice in one object",
        ),
        (
            more(marker),
            "the field \"$serde_json::private::RawValue\" of 'NOTED' is a reserved name",
        ),
        (
            value(serde_json::json!({"a": [{marker: "1"}]})),
            "the key \"$serde_json::private::RawValue\" in the field \"value\" of 'NOTED' is a reserved name",
        ),
    ] {
        let id = EntityId::new();
        let error = notes.append(id, NoteEvent::Noted(note)).await.unwrap_err();
        assert!(matches!(error, Error::InvalidInput(_)), "{error:?}");
        assert_eq!(error.to_string(), message);
        assert_eq!(notes.head(id).await.unwrap(), None);
    }
    let id = EntityId::new();
    let deep = NoteEvent::Noted(value(nested(126)));
    let stored = notes.append(id, deep.clone()).await.unwrap();
    assert_eq!(stored.events[0].event, deep);
    assert_eq!(notes.history(id).await.unwrap(), stored.events);
}

mod trimmed {
    use super::{Deserialize, Event, Serialize};

    /// Struct that reads other values than it was given.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub struct Title {
        #[serde(deserialize_with = "trimmed")]
        pub title: String,
        #[serde(skip)]
        pub draft: Option<String>,
    }

    fn trimmed<'de, D: serde::Deserializer<'de>>(text: D) -> Result<String, D::Error> {
        String::deserialize(text).map(|text| text.trim().to_owned())
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "page")]
    pub enum PageEvent {
        #[event(terminal)]
        Titled(Title),
    }
}

async fn appended_event_is_the_one_that_is_read_back(database: &Database) {
    use trimmed::{PageEvent, Title};
    let pages = database.events::<PageEvent>().await;
    let id = EntityId::new();
    let titled = Title {
        title: " a ".to_owned(),
        draft: Some("b".to_owned()),
    };
    let stored = pages.append(id, PageEvent::Titled(titled)).await.unwrap();
    let read = Title {
        title: "a".to_owned(),
        draft: None,
    };
    assert_eq!(stored.events[0].event, PageEvent::Titled(read));
    assert_eq!(pages.history(id).await.unwrap(), stored.events);
}

mod renamed {
    use super::{Deserialize, Event, Serialize};

    /// Struct whose field the derive sees as `total_price` and serde stores as `totalPrice`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Price {
        pub total_price: Option<u32>,
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[machine(entity = "purchase")]
    pub enum PurchaseEvent {
        #[event(requires(total_price), terminal)]
        Made(Price),
    }
}

mod reserved {
    use super::{Deserialize, Event, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Draft {
        pub version: u32,
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[machine(entity = "letter")]
    pub enum LetterEvent {
        #[event(terminal)]
        Drafted(Draft),
    }
}

mod not_an_object {
    use super::{Deserialize, Event, Serialize};

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[machine(entity = "number")]
    pub enum NumberEvent {
        #[event(terminal)]
        Drawn(u8),
    }
}

mod alike {
    use super::{Deserialize, Event, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Address {
        pub line_1: String,
        pub line1: String,
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[machine(entity = "house")]
    pub enum HouseEvent {
        #[event(terminal)]
        Built(Address),
    }
}

async fn migrate_with_unfit_payload_struct_is_refused(database: &Database) {
    let error = database
        .store()
        .migrate::<renamed::PurchaseEvent>()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "'purchase' cannot be stored: 'MADE' requires 'total_price', which does not exist in the serialized payload"
    );
    let error = database
        .store()
        .migrate::<reserved::LetterEvent>()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "'letter' cannot be stored: the payload of 'DRAFTED' has the reserved field 'version': rename it"
    );
    let error = database
        .store()
        .migrate::<not_an_object::NumberEvent>()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "'number' cannot be stored: the payload of 'DRAWN' is not a JSON object"
    );
    let error = database
        .store()
        .migrate::<alike::HouseEvent>()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "'house' cannot be stored: the fields 'line_1' and 'line1' of 'BUILT' are spelled alike in JSON"
    );
    // And no tables were made for it.
    let error = database
        .store()
        .open::<not_an_object::NumberEvent>()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotMigrated { .. }), "{error:?}");
}
