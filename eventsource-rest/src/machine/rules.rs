//! Rules of a machine as JSON.

use eventsource_core::model::{EventRule, Machine, StateSet, Timer};
use serde_json::{Value, json};

use super::description::MachineDescription;
use crate::wire::base_url::BaseUrl;
use crate::wire::names::wire_field;

/// Most states that are listed; a machine with more shows its rules only.
const MAX_STATES: usize = 256;

/// Summarizes a machine for the list of machines.
pub(crate) fn summary(machine: &MachineDescription, base_url: &BaseUrl) -> Value {
    let path = format!("/api/v1/machine/{}", machine.entity);
    let link = |path: String| json!({ "href": base_url.location(&path) });
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

/// Returns all rules of a machine; its states and transitions, too, unless there are too many.
pub(crate) fn rules(machine: &MachineDescription, base_url: &BaseUrl) -> Value {
    let mut document = summary(machine, base_url);
    document["readBy"] = json!(machine.machine.readers());
    document["public"] = machine.machine.is_public().into();
    document["events"] = events(machine.machine);
    let exploration = machine.machine.explore(MAX_STATES);
    document["complete"] = exploration.is_complete().into();
    if !exploration.is_complete() {
        return document;
    }
    let names = |state: StateSet| json!(machine.machine.names(state));
    let states = exploration.states().iter();
    document["states"] = states.map(|explored| names(explored.state)).collect();
    let transitions = exploration.transitions().iter().map(|transition| {
        json!({
            "from": transition.from,
            "eventType": machine.machine.name_of(transition.event),
            "to": transition.to,
        })
    });
    document["transitions"] = transitions.collect();
    document
}

/// Returns the rule of each event type, with its formula as the author wrote it.
fn events(machine: &Machine) -> Value {
    let spec = machine.to_spec();
    let written = spec.event_types.iter().map(|event| event.follows.as_ref());
    let described = machine.rules().zip(written);
    described
        .map(|((event, rule), follows)| {
            let mut entry = event_rule(machine, rule);
            entry["follows"] = json!(follows.map(ToString::to_string));
            entry["initial"] = machine.is_initial(event).into();
            entry
        })
        .collect()
}

/// Returns the compiled rule of one event type.
fn event_rule(machine: &Machine, rule: &EventRule) -> Value {
    // A mask may have bits beyond the events of the machine.
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
        "readBy": rule.readers,
        "internal": rule.internal,
        "restarting": rule.restarting,
        "autoTransition": rule.auto_transition,
        "terminal": rule.terminal,
        "rejection": rule.rejection,
        "timer": rule.timer.as_ref().map(timer),
    })
}

/// Returns when an event is written by itself.
fn timer(timer: &Timer) -> Value {
    match timer {
        Timer::After { seconds } => json!({ "after": seconds }),
        Timer::At { field } => json!({ "at": wire_field(field) }),
    }
}
