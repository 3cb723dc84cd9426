//! Breadth-first exploration of the states that a machine can reach.

use crate::{EventIndex, Machine, StateSet};

/// State that exploration found, and the step that first reached it.
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
    /// The state itself.
    pub state: StateSet,
    /// Position of the previous state on a shortest path, and the event that leads on; `None` for
    /// the empty state.
    pub reached_by: Option<(usize, EventIndex)>,
}

/// Legal step between two explored states.
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
    /// Position of the state before the event.
    pub from: usize,
    /// The event.
    pub event: EventIndex,
    /// Position of the state after the event.
    pub to: usize,
}

/// Result of exploring a machine from the empty state.
///
/// States are in breadth-first order, those found from one state in declaration order of the
/// events.
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
    positions: Positions,
    /// Legal events and the index of the first transition, by position.
    legal: Vec<(StateSet, usize)>,
    transitions: Vec<Transition>,
    complete: bool,
}

impl Exploration {
    /// Returns the states found; the empty state is first.
    #[must_use]
    pub fn states(&self) -> &[ExploredState] {
        &self.states
    }

    /// Returns the legal steps between the states found.
    #[must_use]
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// Returns whether every reachable state was found; false if the cap ended the search.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Returns the position of `state`, if it was found.
    #[must_use]
    pub fn position_of(&self, state: StateSet) -> Option<usize> {
        self.positions.find(&self.states, state).ok()
    }

    /// Returns a shortest sequence of events from the empty state to `state`, if it was found.
    ///
    /// Of several it is the first in declaration order.
    #[must_use]
    pub fn path_to(&self, state: StateSet) -> Option<Vec<EventIndex>> {
        Some(self.path_to_position(self.position_of(state)?))
    }

    pub(crate) fn path_to_position(&self, mut position: usize) -> Vec<EventIndex> {
        let mut path = Vec::new();
        while let Some((before, event)) = self.states[position].reached_by {
            path.push(event);
            position = before;
        }
        path.reverse();
        path
    }

    /// Returns the events that are legal in the state at `position`.
    ///
    /// They are known of every state found, even if the cap ended the search.
    pub(crate) fn legal(&self, position: usize) -> StateSet {
        self.legal[position].0
    }

    /// Returns the legal steps from the state at `position` to states that were found.
    pub(crate) fn steps_from(&self, position: usize) -> &[Transition] {
        let end = self.legal.get(position + 1).map(|next| next.1);
        &self.transitions[self.legal[position].1..end.unwrap_or(self.transitions.len())]
    }
}

impl Machine {
    /// Explores the states that are reachable from the empty one, up to `cap` states.
    ///
    /// The number of states is exponential in the number of independent `union` events. If there
    /// are more than `cap`, [`Exploration::is_complete`] is false.
    #[must_use]
    pub fn explore(&self, cap: usize) -> Exploration {
        self.explore_without(cap, StateSet::EMPTY)
    }

    /// Explores the states as if the events in `left_out` never happened.
    pub(crate) fn explore_without(&self, cap: usize, left_out: StateSet) -> Exploration {
        let mut found = Exploration {
            states: Vec::new(),
            positions: Positions::new(),
            legal: Vec::new(),
            transitions: Vec::new(),
            complete: true,
        };
        found.add(StateSet::EMPTY, None);
        // A formula may be far shorter than its clauses, which it multiplies out to.
        let rules = self.rules();
        let by_formula: StateSet = rules
            .filter(|(_, rule)| rule.follows.size() < rule.clauses.len())
            .map(|(event, _)| event)
            .collect();
        let mut from = 0;
        while from < found.states.len() {
            let state = found.states[from].state;
            let first = found.transitions.len();
            let mut legal = StateSet::EMPTY;
            for (event, rule) in self.rules() {
                if left_out.contains(event) {
                    continue;
                }
                let is_legal = match by_formula.contains(event) {
                    true => rule.follows.holds(state),
                    false => rule.clauses.iter().any(|clause| clause.matches(state)),
                };
                if !is_legal {
                    continue;
                }
                legal = legal.union(StateSet::only(event));
                let next = rule.update.apply(state);
                let to = match found.positions.find(&found.states, next) {
                    Ok(to) => to,
                    Err(_) if found.states.len() >= cap => {
                        found.complete = false;
                        continue;
                    }
                    Err(_) => found.add(next, Some((from, event))),
                };
                found.transitions.push(Transition { from, event, to });
            }
            found.legal.push((legal, first));
            from += 1;
        }
        found
    }
}

impl Exploration {
    fn add(&mut self, state: StateSet, reached_by: Option<(usize, EventIndex)>) -> usize {
        let position = self.states.len();
        self.states.push(ExploredState { state, reached_by });
        self.positions.insert(&self.states, position);
        position
    }
}

/// Hash table from states to positions, with linear probing.
///
/// The derive explores machines inside the compiler, where this crate is compiled without
/// optimisation and the standard hash map would take most of the time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Positions {
    /// Positions plus one, 0 for a free slot; the length is a power of two and at least half of the
    /// slots are free.
    slots: Vec<usize>,
}

impl Positions {
    fn new() -> Self {
        Self { slots: vec![0; 64] }
    }

    /// Finds the position of `state` in `states`, or the slot for it.
    fn find(&self, states: &[ExploredState], state: StateSet) -> Result<usize, usize> {
        let last = self.slots.len() - 1;
        // Fibonacci hashing: the high bits of the product depend on all bits of the state.
        let hash = state.bits().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        #[allow(clippy::cast_possible_truncation, reason = "32 bits are left")]
        let mut slot = (hash >> 32) as usize & last;
        loop {
            match self.slots[slot] {
                0 => return Err(slot),
                occupied if states[occupied - 1].state == state => return Ok(occupied - 1),
                _ => slot = (slot + 1) & last,
            }
        }
    }

    /// Inserts the last of `states`, which is at `position`.
    fn insert(&mut self, states: &[ExploredState], position: usize) {
        if states.len() * 2 > self.slots.len() {
            self.slots = vec![0; self.slots.len() * 4];
            for earlier in 0..position {
                self.take(states, earlier);
            }
        }
        self.take(states, position);
    }

    fn take(&mut self, states: &[ExploredState], position: usize) {
        if let Err(slot) = self.find(states, states[position].state) {
            self.slots[slot] = position + 1;
        }
    }
}
