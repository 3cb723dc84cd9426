//! Values that JSON, or a reader of the log, would take for others: refused by every append.

use std::collections::BTreeMap;

use eventsource_core::{EntityId, Error, Event, InputProblem};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use sqlx::Row;

use crate::support::database::Database;
use crate::support::events::lines_of;

on_every_database! {
    append_of_number_that_json_does_not_have_is_refused,
    append_of_option_that_json_cannot_tell_from_none_is_refused,
    append_of_number_beyond_64_bits_is_refused,
    append_with_name_of_envelope_in_open_payload_is_refused,
    numbers_are_stored_and_given_back_as_they_were_written,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub kg: f64,
    pub readings: BTreeMap<String, Vec<Option<f32>>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "probe", allow(never_ends, no_operation))]
pub enum ProbeEvent {
    Placed,
    #[event(follows = Placed, accumulate = keep())]
    Measured {
        celsius: Option<f64>,
        wide: Option<u128>,
        doc: Option<Value>,
    },
    #[event(follows = Placed, accumulate = keep())]
    Weighed {
        kg: f64,
    },
    #[event(follows = Placed, accumulate = keep())]
    Read(Reading),
    #[event(follows = Placed, accumulate = keep())]
    Changed(Change),
    #[event(follows = Placed, accumulate = keep())]
    Noted(Note),
}

#[allow(clippy::option_option, reason = "the options that are refused")]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    twice: Option<Option<u8>>,
    marker: Option<Marker>,
    marks: Vec<Option<()>>,
    /// Absent, null or a number: its type tells them apart.
    #[serde(
        default,
        deserialize_with = "some",
        skip_serializing_if = "Option::is_none"
    )]
    patch: Option<Option<u8>>,
}

#[allow(clippy::option_option, reason = "as the field has it")]
fn some<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<u8>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Note {
    title: String,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

fn measured(celsius: Option<f64>, wide: Option<u128>, doc: Option<Value>) -> ProbeEvent {
    ProbeEvent::Measured { celsius, wide, doc }
}

/// Appends to a placed probe, and returns what was refused.
async fn refused(database: &Database, event: ProbeEvent) -> (String, InputProblem) {
    let probes = database.events::<ProbeEvent>().await;
    let id = EntityId::new();
    let placed = probes.append(id, ProbeEvent::Placed);
    let text = format!("{event:?}");
    let Err(Error::InvalidInput(invalid)) = placed.event(event).await else {
        panic!("{text} is not refused as invalid input");
    };
    assert_eq!(probes.head(id).await.unwrap(), None);
    (invalid.input, invalid.problem)
}

async fn append_of_number_that_json_does_not_have_is_refused(database: &Database) {
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        #[allow(clippy::cast_possible_truncation, reason = "it stays what it is")]
        let small = wrong as f32;
        let deep = Reading {
            kg: 1.0,
            readings: BTreeMap::from([("a".to_owned(), vec![None, Some(1.0), Some(small)])]),
        };
        for (event, field) in [
            (
                measured(Some(wrong), None, None),
                "the field \"celsius\" of 'MEASURED'",
            ),
            (
                ProbeEvent::Weighed { kg: wrong },
                "the field \"kg\" of 'WEIGHED'",
            ),
            (
                ProbeEvent::Read(deep),
                "the field \"readings.a.2\" of 'READ'",
            ),
        ] {
            let expected = (field.to_owned(), InputProblem::NotANumber);
            assert_eq!(refused(database, event).await, expected);
        }
    }
    let text = InputProblem::NotANumber.to_string();
    assert_eq!(text, "is not a number that JSON has");
}

async fn append_of_option_that_json_cannot_tell_from_none_is_refused(database: &Database) {
    let change = Change::default;
    for (event, field) in [
        (
            ProbeEvent::Changed(Change {
                twice: Some(None),
                ..change()
            }),
            "the field \"twice\" of 'CHANGED'",
        ),
        (
            ProbeEvent::Changed(Change {
                marker: Some(Marker),
                ..change()
            }),
            "the field \"marker\" of 'CHANGED'",
        ),
        (
            ProbeEvent::Changed(Change {
                marks: vec![None, Some(())],
                ..change()
            }),
            "the field \"marks.1\" of 'CHANGED'",
        ),
        (
            measured(None, None, Some(Value::Null)),
            "the field \"doc\" of 'MEASURED'",
        ),
    ] {
        let expected = (field.to_owned(), InputProblem::NullInOption);
        assert_eq!(refused(database, event).await, expected);
    }
    // What the type itself tells apart is stored, and read as it was.
    let probes = database.events::<ProbeEvent>().await;
    let id = EntityId::new();
    probes.append(id, ProbeEvent::Placed).await.unwrap();
    for patch in [None, Some(None), Some(Some(1))] {
        let event = ProbeEvent::Changed(Change {
            patch,
            twice: Some(Some(2)),
            ..change()
        });
        let stored = probes.append(id, event.clone()).await.unwrap();
        let read = probes.event(stored.events[0].id).await.unwrap().unwrap();
        assert_eq!(read.event, event);
    }
}

async fn append_of_number_beyond_64_bits_is_refused(database: &Database) {
    for wide in [u128::from(u64::MAX) + 1, u128::MAX] {
        let expected = (
            "the field \"wide\" of 'MEASURED'".to_owned(),
            InputProblem::NumberOutOfRange,
        );
        assert_eq!(
            refused(database, measured(None, Some(wide), None)).await,
            expected
        );
    }
}

async fn append_with_name_of_envelope_in_open_payload_is_refused(database: &Database) {
    for name in [
        "version",
        "id",
        "metadata",
        "clock",
        "eventType",
        "probe_id",
        "parentId",
    ] {
        let note = Note {
            more: BTreeMap::from([(name.to_owned(), json!(1))]),
            ..Note::default()
        };
        let expected = (
            format!("the field \"{name}\" of 'NOTED'"),
            InputProblem::NameOfEnvelope,
        );
        assert_eq!(refused(database, ProbeEvent::Noted(note)).await, expected);
    }
}

/// Compares the texts of numbers that have several, from the column to a second export.
async fn numbers_are_stored_and_given_back_as_they_were_written(database: &Database) {
    let probes = database.events::<ProbeEvent>().await;
    let numbers = [
        "1.0",
        "0.1",
        "1e15",
        "1e16",
        "2.5e17",
        "-1e18",
        "1e19",
        "1e300",
        "1e-7",
        "5e-324",
        "-0.0",
        "0.0",
        "1.7976931348623157e308",
        "18446744073709551615",
        "-9223372036854775808",
        "9007199254740993",
    ];
    let id = EntityId::new();
    probes.append(id, ProbeEvent::Placed).await.unwrap();
    for number in numbers {
        let doc: Value = serde_json::from_str(number).unwrap();
        let written = doc.to_string();
        let event = measured(
            doc.as_f64(),
            doc.as_u64().map(u128::from),
            Some(doc.clone()),
        );
        let append = || probes.append(id, event.clone()).idempotency_key(number);
        let stored = append().await.unwrap();
        assert!(append().await.unwrap().replayed, "{number}");
        let read = probes.event(stored.events[0].id).await.unwrap().unwrap();
        let ProbeEvent::Measured {
            doc: Some(read), ..
        } = read.event
        else {
            panic!("{read:?}");
        };
        assert_eq!(read.to_string(), written);
        let data = probes.data(id).await.unwrap().unwrap().value;
        assert_eq!(data.doc.map(|doc| doc.to_string()), Some(written));
        let found = probes.entities().field("doc", doc).await.unwrap();
        assert_eq!(found.items.len(), 1, "{number}");
    }
    let pool = database.sql().await;
    let stored = "SELECT CAST(data AS text) AS data FROM probe_event ORDER BY clock";
    let stored = sqlx::query(stored).fetch_all(&pool).await.unwrap();
    for (row, number) in stored[1..].iter().zip(numbers) {
        let data: String = row.get("data");
        let doc: Value = serde_json::from_str(number).unwrap();
        assert!(data.ends_with(&format!("\"doc\":{doc}}}")), "{data}");
    }
    let lines = lines_of(&probes).await;
    let other = database.another().await;
    let imported = other.events::<ProbeEvent>().await;
    imported.import_lines(lines.as_bytes()).await.unwrap();
    assert_eq!(lines_of(&imported).await, lines);
    other.remove().await;
}
