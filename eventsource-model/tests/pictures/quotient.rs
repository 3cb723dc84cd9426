//! Quotients: blocks, labels, and equal behaviour.

use std::collections::HashSet;

use eventsource_model::{EventSpec, Machine, StateSet};
use proptest::prelude::*;

use crate::machines::{any_machine, event, flags, machine, task, with_notes};

const CAP: usize = 1000;

#[test]
fn quotient_merges_ends_and_keeps_the_empty_state_apart() {
    let machine = task();
    let quotient = machine.explore(CAP).quotient(CAP).unwrap();
    let ends = quotient
        .blocks()
        .iter()
        .find(|block| block.members().len() > 1);
    let ends = ends.unwrap();
    assert_eq!(ends.label(&machine), ["one of CANCELED, ENDED"]);
    assert!(quotient.blocks()[0].label(&machine).is_empty());
    // A machine whose only state besides the start behaves as the start does.
    let again = |name: &str| EventSpec::new(name).follows(eventsource_model::Formula::all_of([]));
    let machine = machine_of_one(again("A"));
    let quotient = machine.explore(CAP).quotient(CAP).unwrap();
    assert_eq!(quotient.blocks().len(), 2);
}

fn machine_of_one(spec: EventSpec) -> Machine {
    machine("one", [spec])
}

#[test]
fn quotient_separates_states_whose_futures_differ() {
    // LEFT and RIGHT allow the same event, which leads to states that do not.
    let then = |name: &str, before: &str| {
        EventSpec::new(name)
            .follows(event(before))
            .accumulate(eventsource_model::Accumulator::Union)
    };
    let machine = machine(
        "fork",
        [
            EventSpec::new("LEFT"),
            EventSpec::new("RIGHT"),
            EventSpec::new("ON")
                .follows(eventsource_model::Formula::any_of([
                    event("LEFT"),
                    event("RIGHT"),
                ]))
                .accumulate(eventsource_model::Accumulator::Union),
            EventSpec::new("ONLY_LEFT").follows(eventsource_model::Formula::all_of([
                event("LEFT"),
                event("ON"),
            ])),
            then("NEVER", "NEVER"),
        ],
    );
    let quotient = machine.explore(CAP).quotient(CAP).unwrap();
    let block = |names: &[&str]| {
        let state = machine.state_of(names.iter().copied()).unwrap();
        quotient.position_of(state).unwrap()
    };
    assert_ne!(block(&["LEFT"]), block(&["RIGHT"]));
    assert_ne!(block(&["LEFT", "ON"]), block(&["RIGHT", "ON"]));
}

#[test]
fn quotient_above_the_limit_is_none() {
    let exploration = flags(6).explore(CAP);
    assert!(exploration.quotient(63).is_none());
    assert_eq!(exploration.quotient(64).unwrap().blocks().len(), 64);
    let notes = with_notes(8).explore(CAP);
    assert_eq!(notes.quotient(3).unwrap().blocks().len(), 3);
    // What was not explored cannot be compared.
    assert!(with_notes(8).explore(100).quotient(CAP).is_none());
}

proptest! {
    #[test]
    fn quotient_has_the_legal_events_of_the_machine(machine in any_machine()) {
        let exploration = machine.explore(CAP);
        let quotient = exploration.quotient(CAP).unwrap();
        let block_of = |state: StateSet| quotient.position_of(state).unwrap();
        for found in exploration.states() {
            let here = block_of(found.state);
            let steps: HashSet<_> = (quotient.transitions().iter())
                .filter(|step| step.from == here)
                .map(|step| (step.event, step.to))
                .collect();
            let own: HashSet<_> = machine
                .available(found.state)
                .map(|event| (event, block_of(machine.accumulate(event, found.state))))
                .collect();
            prop_assert_eq!(steps, own);
        }
    }

    #[test]
    fn quotient_blocks_partition_the_states(machine in any_machine()) {
        let exploration = machine.explore(CAP);
        let quotient = exploration.quotient(CAP).unwrap();
        let members = quotient.blocks().iter().flat_map(eventsource_model::Block::members);
        let members: Vec<StateSet> = members.copied().collect();
        prop_assert_eq!(members.len(), exploration.states().len());
        prop_assert_eq!(members.iter().collect::<HashSet<_>>().len(), members.len());
        // As few as can be: no two blocks but the start take the same steps.
        let steps = |block: usize| -> Vec<_> {
            let own = quotient.transitions().iter().filter(move |step| step.from == block);
            own.map(|step| (step.event, step.to)).collect()
        };
        for one in 1..quotient.blocks().len() {
            for other in 1..one {
                prop_assert_ne!(steps(one), steps(other));
            }
        }
    }

    #[test]
    fn block_label_lists_common_and_varying_events(machine in any_machine()) {
        let quotient = machine.explore(CAP).quotient(CAP).unwrap();
        for block in quotient.blocks() {
            for event in machine.events() {
                let having = block.members().iter().filter(|state| state.contains(event)).count();
                let all = block.members().len();
                prop_assert_eq!(block.common().contains(event), having == all);
                prop_assert_eq!(block.varying().contains(event), having > 0 && having < all);
            }
        }
    }
}
