//! Explored machine with the indexes that the checks share.

use super::Checks;
use super::checks::MAX_STATES;
use super::position_set::PositionSet;
use crate::{EventIndex, Exploration, Formula, Machine, StateSet, Transition};

/// Machine and its explored states.
pub(super) struct StateSpace<'a> {
    pub(super) machine: &'a Machine,
    pub(super) explored: Exploration,
    /// Event types of the machine.
    pub(super) members: StateSet,
    /// Whether every reachable state was found.
    pub(super) complete: bool,
    /// Event types whose formula no state satisfies.
    pub(super) contradictory: StateSet,
    /// Event types that are legal in some explored state.
    pub(super) happening: StateSet,
    /// States that contain an event type, by event type.
    containing: Vec<PositionSet>,
    /// Positions of the transitions of an event type, by event type.
    steps: Vec<Vec<usize>>,
}

/// Evidence of a finding: the states that show it and a shortest path to the first of them.
pub(super) struct Evidence {
    pub(super) path: Vec<EventIndex>,
    pub(super) states: Vec<StateSet>,
}

impl<'a> StateSpace<'a> {
    pub(super) fn explore(machine: &'a Machine, checks: &Checks) -> Self {
        // A rejection is legal everywhere and changes nothing: with it no history would ever end.
        let most = checks.max_states.clamp(1, MAX_STATES);
        let explored = machine.explore_without(most, machine.rejections());
        let positions = explored.states().len();
        let mut containing = vec![PositionSet::none(positions); machine.len()];
        let mut happening = StateSet::EMPTY;
        for (position, found) in explored.states().iter().enumerate() {
            happening = happening.union(explored.legal(position));
            for event in found.state.iter() {
                containing[event.get()].insert(position);
            }
        }
        let mut steps = vec![Vec::new(); machine.len()];
        for (position, step) in explored.transitions().iter().enumerate() {
            steps[step.event.get()].push(position);
        }
        let contradictory = machine.rules().filter(|(_, rule)| rule.clauses.is_empty());
        Self {
            machine,
            members: machine.events().collect(),
            complete: explored.is_complete(),
            contradictory: contradictory.map(|(event, _)| event).collect(),
            happening,
            containing,
            steps,
            explored,
        }
    }

    /// Returns the number of states that were found.
    pub(super) fn len(&self) -> usize {
        self.explored.states().len()
    }

    pub(super) fn state(&self, position: usize) -> StateSet {
        self.explored.states()[position].state
    }

    /// Returns the events that are legal in the state at `position`.
    pub(super) fn legal(&self, position: usize) -> StateSet {
        self.explored.legal(position)
    }

    pub(super) fn is_legal(&self, event: EventIndex) -> bool {
        self.happening.contains(event)
    }

    /// Iterates over the legal steps by `event`, those from nearer states first.
    pub(super) fn steps(&self, event: EventIndex) -> impl Iterator<Item = Transition> {
        let steps = self.steps[event.get()].iter();
        steps.map(|position| self.explored.transitions()[*position])
    }

    /// Returns the states in which the formula holds.
    pub(super) fn positions_where(&self, formula: &Formula) -> PositionSet {
        let any = |operands: &[Formula]| {
            let positions = operands.iter().map(|operand| self.positions_where(operand));
            positions.fold(PositionSet::none(self.len()), |any, positions| {
                any.or(&positions)
            })
        };
        match formula {
            Formula::Event(event) => self.containing[event.get()].clone(),
            Formula::Nothing => {
                let mut positions = PositionSet::none(self.len());
                positions.insert(0);
                positions
            }
            Formula::AnyOf(operands) => any(operands),
            Formula::NoneOf(operands) => any(operands).not(),
            Formula::AllOf(operands) => {
                let positions = operands.iter().map(|operand| self.positions_where(operand));
                positions.fold(PositionSet::all(self.len()), |all, positions| {
                    all.and(&positions)
                })
            }
        }
    }

    /// Returns the states that contain `event`.
    pub(super) fn containing(&self, event: EventIndex) -> &PositionSet {
        &self.containing[event.get()]
    }

    /// Returns the events from the empty state up to this step, which is included.
    pub(super) fn path_through(&self, step: Transition) -> Vec<EventIndex> {
        let mut path = self.explored.path_to_position(step.from);
        path.push(step.event);
        path
    }

    /// Collects the states after the steps by `event` that the filter accepts.
    pub(super) fn evidence_after(
        &self,
        event: EventIndex,
        shows: impl Fn(Transition) -> bool,
    ) -> Option<Evidence> {
        let mut steps = self.steps(event).filter(|step| shows(*step));
        let first = steps.next()?;
        let mut known = PositionSet::none(self.len());
        known.insert(first.to);
        let mut states = vec![self.state(first.to)];
        let new = steps.filter(|step| known.insert(step.to));
        states.extend(new.map(|step| self.state(step.to)));
        Some(Evidence {
            path: self.path_through(first),
            states,
        })
    }

    /// Finds the first step that leads back to the empty state.
    pub(super) fn step_back(&self) -> Option<Transition> {
        let mut steps = self.explored.transitions().iter();
        steps.find(|step| step.to == 0).copied()
    }

    /// Collects these states, nearest first.
    ///
    /// The empty state counts as one that an event leads back to.
    pub(super) fn evidence_in(&self, positions: &PositionSet) -> Option<Evidence> {
        let mut positions: Vec<usize> = positions.iter().collect();
        let mut path = self.explored.path_to_position(*positions.first()?);
        if positions[0] == 0 {
            path = self.path_through(self.step_back()?);
            if let Some(second) = positions.get(1) {
                let other = self.explored.path_to_position(*second);
                if other.len() <= path.len() {
                    positions.rotate_left(1);
                    path = other;
                }
            }
        }
        let states = positions.into_iter().map(|position| self.state(position));
        Some(Evidence {
            path,
            states: states.collect(),
        })
    }
}
