//! The task list of microcosm-eventsource, a union there, is the same machine as a union here.

#![allow(clippy::expect_used, reason = "a failure is the answer of a test")]

use eventsource_core::model::{Machine, MachineSpec};
use eventsource_core::{Event, event_fragment, event_union};
use serde::{Deserialize, Serialize};

event_fragment! {
    basic_task {
        Created,
        #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union())]
        Assigned { assignee: String },
        #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union())]
        Scheduled { deadline: String },
        #[event(follows = all_of(Assigned, Scheduled))]
        Started,
        #[event(follows = Started)]
        Canceled,
        #[event(follows = Started)]
        Completed,
        #[event(follows = Completed, auto_transition)]
        Ended,
    }
}

event_fragment! {
    advanced_task {
        #[event(follows = Started, accumulate = keep())]
        Reassigned { assignee: String },
        #[event(follows = Started, accumulate = keep())]
        Rescheduled { deadline: String },
        #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
        Revised,
    }
}

event_union! {
    #[derive(Serialize, Deserialize, Event)]
    // The recording knows no mark `terminal`.
    #[machine(entity = "task", allow(dead_end))]
    enum TaskEvent {
        ..basic_task,
        ..advanced_task,
    }
}

event_union! {
    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "task", allow(dead_end))]
    enum BasicTaskEvent {
        ..basic_task,
    }
}

#[derive(Deserialize)]
struct Vectors {
    named_machines: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    machine: serde_json::Value,
}

/// Reads the machine recorded under this name.
fn recorded(name: &str) -> Machine {
    let vectors = include_str!("../data/microcosm_vectors.json");
    let vectors: Vectors = serde_json::from_str(vectors).expect("the recorded vectors");
    let mut machines = vectors.named_machines.into_iter();
    let mut named = machines
        .find(|named| named.machine["name"] == name)
        .expect("a machine");
    named.machine["name"] = "task".into();
    if let Some(machine) = named.machine.as_object_mut() {
        machine.remove("source");
    }
    let spec: MachineSpec = serde_json::from_value(named.machine).expect("a spec");
    Machine::compile(&spec).expect("rules that make sense")
}

#[test]
fn union_equals_the_recorded_microcosm_machine() {
    assert_eq!(TaskEvent::MACHINE, &recorded("TaskEventType"));
    assert_eq!(BasicTaskEvent::MACHINE, &recorded("BasicTaskEventType"));
}

#[test]
fn fragment_events_come_first_in_their_order() {
    let names = |machine: &Machine| -> Vec<String> {
        let names = machine.rules().map(|(_, rule)| rule.name.to_string());
        names.collect()
    };
    let (basic, all) = (names(BasicTaskEvent::MACHINE), names(TaskEvent::MACHINE));
    assert_eq!(all[..basic.len()], basic);
    assert_eq!(all[basic.len()..], ["REASSIGNED", "RESCHEDULED", "REVISED"]);
}
