//! Reachable states of a machine, which the planner of an append looks through.

use eventsource_model::{Machine, StateSet};

/// Reachable states of a machine; `None` if there are too many to look through in each append.
pub(crate) struct ReachableStates(pub(crate) Option<Vec<StateSet>>);

impl ReachableStates {
    /// Maximum number of states to look through.
    const MAX: usize = 256;

    /// Explores the machine.
    pub(crate) fn of(machine: &Machine) -> Self {
        let explored = machine.explore(Self::MAX);
        let states = explored.states().iter().map(|found| found.state);
        Self(explored.is_complete().then(|| states.collect()))
    }
}
