//! The rules of a machine as JSON.

use eventsource_core::model::{EventRule, Machine, StateSet};
use serde_json::{Value, json};

use super::described::Described;
use crate::wire::names::wire_field;

/// A machine with more states than this is told by its rules alone.
const MOST_STATES: usize = 256;

/// What the list of machines says of one.
pub(crate) fn summary(machine: &Described) -> Value {
    let path = format!("/api/v1/machine/{}", machine.entity);
    let link = |path: String| json!({ "href": path });
    json!({
        "entity": machine.entity,
        "fingerprint": machine.machine.fingerprint().to_string(),
        "eventTypes": machine.events.iter().map(|event| event.name).collect::<Vec<_>>(),
        "_links": {
            "self": link(path.clone()),
            "schema": link(format!("{path}/schema")),
            "svg": link(format!("{path}.svg")),
            "mermaid": link(format!("{path}.mmd")),
            "dot": link(format!("{path}.dot")),
            "events": link(format!("/api/v1/{}", machine.names.event)),
        },
    })
}

/// All rules of a machine; its states and transitions if they are not too many.
pub(crate) fn rules(machine: &Described) -> Value {
    let mut document = summary(machine);
    document["events"] = events(machine.machine);
    let found = machine.machine.explore(MOST_STATES);
    document["complete"] = found.is_complete().into();
    if !found.is_complete() {
        return document;
    }
    let names = |state: StateSet| json!(machine.machine.names(state));
    let states = found.states().iter();
    document["states"] = states.map(|found| names(found.state)).collect();
    let transitions = found.transitions().iter().map(|transition| {
        json!({
            "from": transition.from,
            "eventType": machine.machine.name_of(transition.event),
            "to": transition.to,
        })
    });
    document["transitions"] = transitions.collect();
    document
}

fn events(machine: &Machine) -> Value {
    // By names, as the author wrote them.
    let spec = machine.to_spec();
    let written = spec.event_types.iter().map(|event| event.follows.as_ref());
    let described = machine.rules().zip(written);
    described
        .map(|((event, rule), follows)| {
            let mut told = own(machine, rule);
            told["follows"] = json!(follows.map(ToString::to_string));
            told["initial"] = machine.is_initial(event).into();
            told
        })
        .collect()
}

fn own(machine: &Machine, rule: &EventRule) -> Value {
    // A mask may have bits that no event of the machine is.
    let all: StateSet = machine.events().collect();
    let names = |mask: StateSet| machine.names(mask.intersection(all));
    let clauses = rule.clauses.iter();
    let clauses: Vec<Value> = clauses
        .map(|clause| json!({ "all": names(clause.all), "none": names(clause.none) }))
        .collect();
    let requires = rule.requires.iter();
    let requires: Vec<String> = requires.map(|field| wire_field(field)).collect();
    json!({
        "eventType": rule.name,
        "clauses": clauses,
        "accumulate": { "keep": names(rule.update.keep), "add": names(rule.update.add) },
        "requires": requires,
        "roles": rule.roles,
        "restarting": rule.restarting,
        "autoTransition": rule.auto_transition,
        "terminal": rule.terminal,
    })
}
