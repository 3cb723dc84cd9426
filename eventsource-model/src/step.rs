//! Single steps of a machine: whether an event is legal, and the state after it.

use std::fmt;

use crate::{EventIndex, Machine, Rejection, StateSet};

/// Every method panics if it is given an event type of another machine.
impl Machine {
    /// Returns whether `event` is legal in `state`.
    #[must_use]
    pub fn may_follow(&self, event: EventIndex, state: StateSet) -> bool {
        self.rule(event)
            .clauses
            .iter()
            .any(|clause| clause.matches(state))
    }

    /// Iterates over the event types that are legal in `state`, in declaration order.
    pub fn available(&self, state: StateSet) -> impl Iterator<Item = EventIndex> + '_ {
        self.events()
            .filter(move |event| self.may_follow(*event, state))
    }

    /// Returns the state after `event`, legal or not.
    #[must_use]
    pub fn accumulate(&self, event: EventIndex, state: StateSet) -> StateSet {
        self.rule(event).update.apply(state)
    }

    /// Returns the state after `event`, if the event is legal in `state`.
    ///
    /// # Errors
    /// The [`Rejection`] that names the event, the state and the legal events.
    pub fn validate(&self, event: EventIndex, state: StateSet) -> Result<StateSet, Rejection> {
        if self.may_follow(event, state) {
            return Ok(self.accumulate(event, state));
        }
        let event = self.name_of(event).to_owned();
        let legal = self
            .available(state)
            .map(|event| self.name_of(event).to_owned())
            .collect();
        Err(if state.is_empty() {
            Rejection::IllegalInitialState { event, legal }
        } else {
            let state = self.names(state).into_iter().map(str::to_owned).collect();
            Rejection::IllegalStateTransition {
                event,
                state,
                legal,
            }
        })
    }

    /// Returns the entity's generation after `event`: 1 for the first event, one more for a
    /// restarting event, else unchanged.
    #[must_use]
    pub fn next_generation(&self, event: EventIndex, generation: Option<u32>) -> u32 {
        match generation {
            None => 1,
            Some(generation) => generation + u32::from(self.rule(event).restarting),
        }
    }

    /// Returns the event that the store writes by itself in `state`: the first in declaration order
    /// that is marked `auto_transition` and legal.
    #[must_use]
    pub fn auto_transition(&self, state: StateSet) -> Option<EventIndex> {
        let mut autos = self
            .events()
            .filter(|event| self.rule(*event).auto_transition);
        autos.find(|event| self.may_follow(*event, state))
    }

    /// Returns the events that the store writes by itself once `state` is reached, each with the
    /// state after it.
    ///
    /// # Errors
    /// [`AutoTransitionLoop`] if they would never end.
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
    ///
    /// let machine = Machine::compile(&MachineSpec::new("task", [
    ///     EventSpec::new("COMPLETED"),
    ///     EventSpec::new("ENDED").follows(Formula::event("COMPLETED")).auto_transition(),
    /// ]))?;
    /// let completed = machine.state_of(["COMPLETED"]).unwrap();
    /// let written = machine.auto_transitions(completed).unwrap();
    /// assert_eq!(machine.name_of(written[0].0), "ENDED");
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    pub fn auto_transitions(
        &self,
        state: StateSet,
    ) -> Result<Vec<(EventIndex, StateSet)>, AutoTransitionLoop> {
        let mut written: Vec<(EventIndex, StateSet)> = Vec::new();
        let mut state = state;
        let mut seen = vec![state];
        while let Some(event) = self.auto_transition(state) {
            state = self.accumulate(event, state);
            written.push((event, state));
            if seen.contains(&state) {
                return Err(AutoTransitionLoop {
                    events: written
                        .iter()
                        .map(|(event, _)| self.name_of(*event).to_owned())
                        .collect(),
                });
            }
            seen.push(state);
        }
        Ok(written)
    }

    /// Checks that no auto transition has a rival: wherever one is legal, it is the only legal
    /// event.
    ///
    /// # Errors
    /// The first state with a rival, in the order of [`Machine::all_states`].
    pub fn check_auto_transitions(&self) -> Result<(), AutoConflict> {
        for state in self.all_states() {
            let legal: Vec<EventIndex> = self.available(state).collect();
            if legal.len() > 1 && self.auto_transition(state).is_some() {
                let names = |events: &mut dyn Iterator<Item = EventIndex>| {
                    events.map(|event| self.name_of(event).to_owned()).collect()
                };
                return Err(AutoConflict {
                    state: self.names(state).into_iter().map(str::to_owned).collect(),
                    legal: names(&mut legal.into_iter()),
                });
            }
        }
        Ok(())
    }
}

/// Error of auto transitions that return to an earlier state, so that they would never end.
///
/// ```
/// use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("spin", [
///     EventSpec::new("A"),
///     EventSpec::new("B").follows(Formula::event("A")).accumulate(Accumulator::Keep).auto_transition(),
/// ]))?;
/// let looped = machine.auto_transitions(machine.state_of(["A"]).unwrap()).unwrap_err();
/// assert_eq!(looped.to_string(), "auto transitions never end: B returns to an earlier state");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoTransitionLoop {
    /// Names of the events written until a state came back.
    pub events: Vec<String>,
}

impl fmt::Display for AutoTransitionLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "auto transitions never end: {} returns to an earlier state",
            self.events.join(" -> ")
        )
    }
}

impl std::error::Error for AutoTransitionLoop {}

/// State in which an auto transition competes with other legal events.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("rivals", [
///     EventSpec::new("A"),
///     EventSpec::new("B").follows(Formula::event("A")).auto_transition(),
///     EventSpec::new("C").follows(Formula::event("A")),
/// ]))?;
/// assert_eq!(machine.check_auto_transitions().unwrap_err().legal, ["B", "C"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoConflict {
    /// Names in the state, sorted.
    pub state: Vec<String>,
    /// Event types that are legal in the state, in declaration order.
    pub legal: Vec<String>,
}

impl fmt::Display for AutoConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an auto transition competes with other events in [{}]: {}",
            self.state.join(", "),
            self.legal.join(", ")
        )
    }
}

impl std::error::Error for AutoConflict {}
