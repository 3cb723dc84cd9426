//! The data that the events feed, in every form that `feeds` has.
#![deny(warnings)]

use eventsource_core::{Event, EventType};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub output_kg: Option<f64>,
    pub r#type: String,
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{number:x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        let text = String::deserialize(deserializer)?;
        u8::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

fn maybe_hex<S: serde::Serializer>(number: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => hex::serialize(number, serializer),
        None => serializer.serialize_none(),
    }
}

fn maybe_unhex<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    hex::deserialize(deserializer).map(Some)
}

/// Type that may be in a payload, and not in a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OneWay;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    #[serde(skip_deserializing, default = "one_way")]
    pub one_way: OneWay,
}

fn one_way() -> OneWay {
    OneWay
}

/// Enum whose data exists, but is not a snapshot.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "letter")]
enum LetterEvent {
    #[event(feeds(one_way: OneWay), terminal)]
    Sent(Sent),
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch", data = Known)]
pub enum BatchEvent {
    Created {
        r#type: String,
        #[serde(with = "hex")]
        code: u8,
        #[serde(serialize_with = "maybe_hex", deserialize_with = "maybe_unhex", default)]
        mark: Option<u8>,
        /// Type that is serialized by another function elsewhere.
        name: std::string::String,
    },
    #[event(follows = Created, accumulate = union())]
    Weighed {
        #[event(feeds(net_kg, current_kg))]
        net_kg: f64,
        name: Option<String>,
    },
    #[event(follows = Weighed, feeds(current_kg = output_kg, r#type, kind: String = r#type))]
    Ground(Step),
    #[event(follows = Ground)]
    Sieved(Step),
    #[event(follows = Sieved, terminal)]
    r#Move(Step),
}

/// Enum without fields, whose data is empty.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
enum LightEvent {
    Lit,
    #[event(follows = Lit, terminal)]
    Out,
}

fn kept<E: Event, F: eventsource_core::Snapshot<E>>() {
    assert_eq!(F::NAME, "data");
}

fn main() {
    let known = Known {
        r#type: Some("PI".into()),
        code: Some(0xab),
        mark: Some(0xcd),
        r#move: Some(Step { output_kg: None, r#type: "x".into() }),
        ..Known::default()
    };
    assert_eq!(
        serde_json::to_value(&known).unwrap(),
        serde_json::json!({
            "type": "PI", "code": "ab", "mark": "cd", "name": null, "net_kg": null,
            "current_kg": null, "kind": null, "sieved": null,
            "move": {"output_kg": null, "type": "x"},
        })
    );
    let text = serde_json::to_string(&known).unwrap();
    assert_eq!(serde_json::from_str::<Known>(&text).unwrap(), known);
    assert_eq!(serde_json::from_str::<Known>("{}").unwrap(), Known::default());
    assert_eq!(serde_json::from_str::<LightData>("{}").unwrap(), LightData {});
    let wrong = serde_json::from_str::<Known>(r#"{"code": "xyz"}"#).unwrap_err();
    assert!(wrong.to_string().starts_with("code: "), "{wrong}");
    kept::<BatchEvent, Known>();
    kept::<LightEvent, LightData>();
    assert_eq!(LetterData::default(), LetterData { one_way: None });
    let _ = LetterEvent::Sent(Sent { one_way: OneWay });

    let current = BatchEvent::DATA_FIELDS.iter().find(|field| field.name() == "current_kg");
    let sources = current.unwrap().sources().iter();
    assert_eq!(
        sources.map(|source| (source.event(), source.payload_field())).collect::<Vec<_>>(),
        [
            (BatchEventType::Weighed.index(), Some("net_kg")),
            (BatchEventType::Ground.index(), Some("output_kg")),
        ]
    );
    assert_eq!(LightData::default(), LightData {});
    let _ = (LightEvent::Lit, LightEvent::Out);
}
