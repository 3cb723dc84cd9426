//! Enums are declared in functions, too.
#![deny(warnings)]

fn main() {
    use eventsource_core::{Event, EventType};
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Bulb {
        watts: Option<u32>,
    }

    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "light")]
    enum Light {
        #[event(requires(watts))]
        Lit(Bulb),
        #[event(follows = Lit, terminal)]
        PutOut,
    }

    let lit = Light::Lit(Bulb { watts: Some(60) });
    assert_eq!(lit.event_type().requires().collect::<Vec<_>>(), ["watts"]);
    assert_eq!(Light::PutOut.event_type().name(), "PUT_OUT");
}
