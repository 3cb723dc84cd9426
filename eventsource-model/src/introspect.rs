//! Questions about all states of a machine: initial states, transitions, required fields.

use std::collections::HashSet;

use crate::{EventIndex, Machine, StateSet};

/// Each method enumerates every reachable state; [`Machine::explore`] has a cap, for machines with
/// very many.
impl Machine {
    /// Returns whether `event` is legal in the empty state.
    ///
    /// The formula is evaluated, so an event with `but_not(X)` alone is initial.
    /// microcosm-eventsource guesses from the formula's syntax and says it is not.
    ///
    /// # Panics
    /// If `event` is not of this machine.
    #[must_use]
    pub fn is_initial(&self, event: EventIndex) -> bool {
        self.may_follow(event, StateSet::EMPTY)
    }

    /// Returns the states that the initial events lead to, one per event, so that a state may occur
    /// twice.
    ///
    /// ```
    /// # use eventsource_model::{EventSpec, Machine, MachineSpec};
    /// # let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
    /// assert_eq!(machine.initial_states(), [machine.state_of(["LIT"]).unwrap()]);
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    #[must_use]
    pub fn initial_states(&self) -> Vec<StateSet> {
        self.available(StateSet::EMPTY)
            .map(|event| self.accumulate(event, StateSet::EMPTY))
            .collect()
    }

    /// Returns every state that some history leads to, breadth first.
    ///
    /// The empty state is among them only if an event leads back to it; repeats of
    /// [`Machine::initial_states`] stay, as in microcosm-eventsource.
    #[must_use]
    pub fn all_states(&self) -> Vec<StateSet> {
        let mut states = self.initial_states();
        let mut seen: HashSet<StateSet> = states.iter().copied().collect();
        let mut position = 0;
        while position < states.len() {
            let state = states[position];
            for event in self.available(state) {
                let next = self.accumulate(event, state);
                if seen.insert(next) {
                    states.push(next);
                }
            }
            position += 1;
        }
        states
    }

    /// Returns every legal step `(before, event, after)` from the states of
    /// [`Machine::all_states`].
    #[must_use]
    pub fn all_transitions(&self) -> Vec<(StateSet, EventIndex, StateSet)> {
        self.all_states()
            .into_iter()
            .flat_map(|state| {
                self.available(state)
                    .map(move |event| (state, event, self.accumulate(event, state)))
            })
            .collect()
    }

    /// Returns each pair of an event and the state it leads to once, breadth first from the empty
    /// state.
    #[must_use]
    pub fn all_states_and_events(&self) -> Vec<(StateSet, EventIndex)> {
        let mut pairs = Vec::new();
        let mut seen = HashSet::new();
        let mut explored = HashSet::from([StateSet::EMPTY]);
        let mut states = vec![StateSet::EMPTY];
        let mut position = 0;
        while position < states.len() {
            let state = states[position];
            for event in self.available(state) {
                let next = self.accumulate(event, state);
                if seen.insert((next, event)) {
                    pairs.push((next, event));
                }
                if explored.insert(next) {
                    states.push(next);
                }
            }
            position += 1;
        }
        pairs
    }

    /// Returns the fields that some event type requires, sorted.
    #[must_use]
    pub fn required_fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = self
            .rules()
            .flat_map(|(_, rule)| rule.requires.iter().map(AsRef::as_ref))
            .collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Returns the event types that require `field`, in declaration order.
    #[must_use]
    pub fn requiring(&self, field: &str) -> Vec<EventIndex> {
        self.rules()
            .filter(|(_, rule)| rule.requires.iter().any(|required| required == field))
            .map(|(event, _)| event)
            .collect()
    }
}
