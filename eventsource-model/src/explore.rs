//! Every state that a machine can reach, breadth first.

use std::collections::HashMap;

use crate::{EventIndex, Machine, StateSet};

/// A state that exploration found, and how it got there.
///
/// ```
/// # use eventsource_model::{EventSpec, Machine, MachineSpec};
/// # let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let exploration = machine.explore(10);
/// assert!(exploration.states()[0].state.is_empty());
/// assert_eq!(exploration.states()[1].reached_by.unwrap().0, 0);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExploredState {
    /// The state.
    pub state: StateSet,
    /// The position of the state before it on a shortest path, and the event between; `None` for
    /// the empty state.
    pub reached_by: Option<(usize, EventIndex)>,
}

/// A legal step between two explored states, by their positions.
///
/// ```
/// # use eventsource_model::{EventSpec, Machine, MachineSpec};
/// # let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let step = machine.explore(10).transitions()[0];
/// assert_eq!((step.from, step.to), (0, 1));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The position of the state before.
    pub from: usize,
    /// The event.
    pub event: EventIndex,
    /// The position of the state after.
    pub to: usize,
}

/// What exploring a machine from the empty state found, in breadth-first order, declaration order
/// within a state.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// let exploration = machine.explore(100);
/// assert!(exploration.is_complete());
/// let dimmed = machine.state_of(["DIMMED"]).unwrap();
/// let path = exploration.path_to(dimmed).unwrap();
/// assert_eq!(path.iter().map(|e| machine.name_of(*e)).collect::<Vec<_>>(), ["LIT", "DIMMED"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exploration {
    states: Vec<ExploredState>,
    positions: HashMap<StateSet, usize>,
    transitions: Vec<Transition>,
    complete: bool,
}

impl Exploration {
    /// The states found; the empty state is first.
    #[must_use]
    pub fn states(&self) -> &[ExploredState] {
        &self.states
    }

    /// The legal steps between them.
    #[must_use]
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// Whether every reachable state was found: false if the cap ended the search.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The position of `state`, if it was found.
    #[must_use]
    pub fn position_of(&self, state: StateSet) -> Option<usize> {
        self.positions.get(&state).copied()
    }

    /// A shortest sequence of events from the empty state to `state`, if it was found; the first
    /// such sequence in declaration order.
    #[must_use]
    pub fn path_to(&self, state: StateSet) -> Option<Vec<EventIndex>> {
        let mut path = Vec::new();
        let mut position = self.position_of(state)?;
        while let Some((before, event)) = self.states[position].reached_by {
            path.push(event);
            position = before;
        }
        path.reverse();
        Some(path)
    }
}

impl Machine {
    /// Finds every state reachable from the empty one, up to `cap` states.
    ///
    /// The number of states is exponential in the number of independent `union` events, hence the
    /// cap; above it the result says that it is not complete.
    #[must_use]
    pub fn explore(&self, cap: usize) -> Exploration {
        let mut found = Exploration {
            states: vec![ExploredState {
                state: StateSet::EMPTY,
                reached_by: None,
            }],
            positions: HashMap::from([(StateSet::EMPTY, 0)]),
            transitions: Vec::new(),
            complete: true,
        };
        let mut from = 0;
        while from < found.states.len() {
            let state = found.states[from].state;
            for event in self.available(state) {
                let next = self.accumulate(event, state);
                let to = match found.positions.get(&next) {
                    Some(to) => *to,
                    None if found.states.len() >= cap => {
                        found.complete = false;
                        continue;
                    }
                    None => {
                        let to = found.states.len();
                        found.positions.insert(next, to);
                        found.states.push(ExploredState {
                            state: next,
                            reached_by: Some((from, event)),
                        });
                        to
                    }
                };
                found.transitions.push(Transition { from, event, to });
            }
            from += 1;
        }
        found
    }
}
