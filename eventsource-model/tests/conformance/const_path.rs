//! Paths in constants agree with the machine.

use eventsource_model::const_path::ConstPath;
use eventsource_model::{Machine, StateSet};
use proptest::prelude::*;

use super::properties::{all_states, spec};

fn members(state: StateSet) -> Vec<u8> {
    let positions = state.iter().map(|event| u8::try_from(event.get()));
    positions.collect::<Result<_, _>>().unwrap()
}

proptest! {
    #[test]
    fn const_path_agrees_with_the_machine(spec in spec()) {
        let machine: &'static Machine = Box::leak(Box::new(Machine::compile(&spec).unwrap()));
        for state in all_states() {
            let path = ConstPath::new(machine, &[]).starting_in(&members(state));
            // Nothing is due before the first event.
            let due = machine.auto_transition(state).filter(|_| !state.is_empty());
            for event in machine.events() {
                let position = u8::try_from(event.get()).unwrap();
                let next = machine.validate(event, state).ok();
                let next = next.filter(|_| due.is_none_or(|due| due == event));
                prop_assert_eq!(path.may_be_next(position), next.is_some(), "{:?} {:?}", event, state);
                // These panic where they disagree.
                let _ = match next {
                    Some(next) => path.then(position).reaching(&members(next)),
                    None => path.then_never(position).reaching(&members(state)),
                };
            }
        }
    }
}
