//! Recorded exports. Whether other tools read them is tested with those tools, in `tests/tools` of
//! the workspace.

use eventsource_model::export::{self, TooManyStates};
use eventsource_model::{EventSpec, Formula};

use crate::machines::{flags, machine, task};

#[test]
fn xstate() {
    insta::assert_snapshot!(export::xstate(&task(), 100).unwrap());
}

#[test]
fn scxml() {
    insta::assert_snapshot!(export::scxml(&task(), 100).unwrap());
}

#[test]
fn quint() {
    insta::assert_snapshot!(export::quint(&task()));
}

#[test]
fn export_above_the_cap_is_refused() {
    let machine = flags(10);
    let refused = TooManyStates {
        machine: "flags".to_owned(),
        cap: 1023,
    };
    assert_eq!(export::xstate(&machine, 1023), Err(refused.clone()));
    assert_eq!(export::scxml(&machine, 1023), Err(refused));
    assert!(export::xstate(&machine, 1024).is_ok());
    // It lists no states.
    assert!(export::quint(&machine).len() < 4000);
}

#[test]
fn xstate_is_valid_json_for_any_names() {
    let name = "\"\\\n\u{1}\u{2028}";
    let machine = machine(
        name,
        [EventSpec::new(name).follows(Formula::Nothing).by([name])],
    );
    let json = export::xstate(&machine, 10).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["meta"]["events"]["event_0"]["name"], name);
    assert_eq!(json["meta"]["events"]["event_0"]["by"][0], name);
    assert_eq!(json["states"]["s1"]["meta"]["state"][0], name);
}
