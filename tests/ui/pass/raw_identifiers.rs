//! Keywords as names, with and without `r#`.
#![deny(warnings)]

use eventsource_core::{Event, EventType, to_payload};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "thing")]
#[allow(non_camel_case_types)]
pub enum r#Thing {
    r#type {
        r#fn: Option<String>,
        r#struct: u8,
    },
    #[event(follows = r#type, requires(r#fn), terminal)]
    r#match { r#fn: Option<String> },
    #[event(follows = type & !match, accumulate = addition(match, r#type), requires(fn))]
    r#loop { r#fn: Option<String> },
}

fn main() {
    assert_eq!(ThingType::r#type.name(), "TYPE");
    assert_eq!(ThingType::r#match.requires().collect::<Vec<_>>(), ["fn"]);
    assert_eq!(ThingType::r#loop.requires().collect::<Vec<_>>(), ["fn"]);
    let payload = to_payload(&Thing::r#type { r#fn: None, r#struct: 1 }).unwrap();
    for field in ThingType::r#type.requires() {
        assert!(payload.contains_key(field));
    }
}
