//! What payloads hold must be `Clone`, and no more.
#![deny(warnings, clippy::pedantic)]

use eventsource_core::{Event, Fold};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct Weight {
    pub kg: f64,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "batch")]
pub enum BatchEvent {
    Received { weight: Weight, note: String },
    #[event(follows = Received, terminal)]
    Weighed(Weight),
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light")]
pub enum LightEvent {
    #[event(terminal)]
    Lit { r#type: String, watts: f64 },
}

fn is_fold<E: Event, F: Fold<E>>() {}

fn main() {
    is_fold::<BatchEvent, BatchData>();
    assert!(BatchData::default().weight.is_none());
    let lit = LightData { r#type: Some("LED".into()), watts: None };
    assert_eq!(format!("{lit:?}"), r#"LightData { type: Some("LED"), watts: None }"#);
    assert_eq!(lit, lit.clone());
    assert_ne!(lit, LightData { watts: Some(4.0), ..lit.clone() });
    assert_ne!(lit, LightData { r#type: None, ..lit.clone() });
}
