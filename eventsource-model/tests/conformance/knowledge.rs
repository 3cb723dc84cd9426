//! Knowledge of states: true, and complete where the state is known.

use eventsource_model::{Knowledge, Machine, Outcome, StateSet};
use proptest::prelude::*;

use super::properties::{EVENTS, all_states, spec};

/// Returns partial knowledge of `state`, without the events in `forgotten`.
fn partly(state: StateSet, forgotten: StateSet) -> Knowledge {
    let Knowledge { has, lacks } = Knowledge::of(state);
    Knowledge {
        has: has.difference(forgotten),
        lacks: lacks.difference(forgotten),
    }
}

fn machine() -> impl Strategy<Value = Machine> {
    spec().prop_map(|spec| Machine::compile(&spec).unwrap())
}

proptest! {
    #[test]
    fn knowledge_decides_formulas_correctly(machine in machine(), forgotten in 0_u64..1 << EVENTS) {
        let forgotten = StateSet::from_bits(forgotten);
        for (event, rule) in machine.rules() {
            for state in all_states() {
                let legal = machine.may_follow(event, state);
                let decided = partly(state, forgotten).decides(&rule.clauses);
                prop_assert!(decided.is_none_or(|decided| decided == legal));
                prop_assert_eq!(Knowledge::of(state).decides(&rule.clauses), Some(legal));
                let after = partly(state, forgotten).after(rule.update);
                prop_assert!(after.fits(rule.update.apply(state)));
            }
        }
    }

    #[test]
    fn known_steps_hold_in_every_history(machine in machine()) {
        let steps = machine.known_steps();
        let exploration = machine.explore(1 << EVENTS);
        for transition in exploration.transitions() {
            let step = steps[transition.event.get()];
            prop_assert!(step.is_some());
            let state = |position: usize| exploration.states()[position].state;
            let step = step.unwrap();
            prop_assert!(step.before.fits(state(transition.from)));
            prop_assert!(step.after.fits(state(transition.to)));
        }
    }

    #[test]
    fn outcomes_agree_with_the_machine(machine in machine(), forgotten in 0_u64..1 << EVENTS) {
        let forgotten = StateSet::from_bits(forgotten);
        let outcomes = machine.outcomes();
        let exploration = machine.explore(1 << EVENTS);
        for transition in exploration.transitions() {
            let state = |position: usize| exploration.states()[position].state;
            let (before, after) = (state(transition.from), state(transition.to));
            let Ok(written) = machine.auto_transitions(after) else { continue };
            let settled = written.last().map_or(after, |(_, state)| *state);
            let outcome = &outcomes[transition.event.get()];
            prop_assert!(outcome.known(&machine, partly(before, forgotten)).fits(settled));
            if *outcome != Outcome::Unclear {
                let exact = outcome.known(&machine, Knowledge::of(before));
                prop_assert_eq!(exact, Knowledge::of(settled));
            }
        }
    }
}
