//! TODO

use eventsource_model::{Machine, StateSet};

/// The states that a machine can reach, unless they are too many to look through for each append.
pub(crate) struct ReachableStates(pub(crate) Option<Vec<StateSet>>);

impl ReachableStates {
    const MOST: usize = 256;

    pub(crate) fn of(machine: &Machine) -> Self {
        let explored = machine.explore(Self::MOST);
        let states = explored.states().iter().map(|found| found.state);
        Self(explored.is_complete().then(|| states.collect()))
    }
}
