//! Walk: one history as a store keeps it.

use std::fmt;

use crate::{AutoTransitionLoop, EventIndex, Machine, Rejection, StateSet};

/// Event of a walk.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, Walk};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let lit = machine.index_of("LIT").unwrap();
/// let walk = Walk::of(&machine, [lit]).unwrap();
/// let step = walk.steps()[0];
/// assert_eq!((step.event, step.follows_by_itself), (lit, false));
/// assert_eq!(machine.names(step.state), ["LIT"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkStep {
    /// Event type.
    pub event: EventIndex,
    /// Whether the event is an auto transition that the event before it caused, so that nobody has
    /// to append it.
    pub follows_by_itself: bool,
    /// State after the event.
    pub state: StateSet,
}

/// Legal history from the beginning, as a store keeps it.
///
/// After each event that is appended come the auto transitions that are due, and no other event
/// between.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, Walk};
///
/// let machine = Machine::compile(&MachineSpec::new("task", [
///     EventSpec::new("COMPLETED"),
///     EventSpec::new("ENDED").follows(Formula::event("COMPLETED")).auto_transition(),
/// ]))?;
/// let [completed, ended] = ["COMPLETED", "ENDED"].map(|name| machine.index_of(name).unwrap());
/// let mut walk = Walk::default();
/// walk.append(&machine, completed).unwrap();
/// assert_eq!(walk.events().collect::<Vec<_>>(), [completed, ended]);
/// assert_eq!(walk.appended().collect::<Vec<_>>(), [completed]);
/// let refused = walk.append(&machine, completed).unwrap_err();
/// assert_eq!(refused.to_string(), "Event type 'COMPLETED' may not follow [ENDED]");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    steps: Vec<WalkStep>,
}

impl Walk {
    /// Builds the walk that results from appending these events, each with the auto transitions
    /// that follow.
    ///
    /// # Errors
    /// [`WalkError`] for the first event that a store would refuse.
    ///
    /// # Panics
    /// If an event is not of this machine.
    pub fn of(
        machine: &Machine,
        appended: impl IntoIterator<Item = EventIndex>,
    ) -> Result<Self, WalkError> {
        let mut walk = Self::default();
        for event in appended {
            walk.append(machine, event)?;
        }
        Ok(walk)
    }

    /// Appends an event and the auto transitions that follow it.
    ///
    /// A refused event leaves the walk unchanged.
    ///
    /// # Errors
    /// [`WalkError`] if a store would refuse the event.
    ///
    /// # Panics
    /// If the event is not of this machine.
    pub fn append(&mut self, machine: &Machine, event: EventIndex) -> Result<(), WalkError> {
        let state = machine.validate(event, self.state())?;
        let follow = machine.auto_transitions(state)?;
        self.steps.push(WalkStep {
            event,
            follows_by_itself: false,
            state,
        });
        self.follow(follow);
        Ok(())
    }

    /// Builds a walk along events that are known to be legal, followed by the auto transitions that
    /// are due.
    pub(super) fn replay(machine: &Machine, events: impl Iterator<Item = EventIndex>) -> Self {
        let mut walk = Self::default();
        for event in events {
            let before = walk.state();
            let due = !walk.steps.is_empty() && machine.auto_transition(before).is_some();
            walk.steps.push(WalkStep {
                event,
                follows_by_itself: due,
                state: machine.accumulate(event, before),
            });
        }
        if !walk.steps.is_empty() {
            // The graph has no step after which they would never end.
            let follow = machine.auto_transitions(walk.state()).unwrap_or_default();
            walk.follow(follow);
        }
        walk
    }

    fn follow(&mut self, events: Vec<(EventIndex, StateSet)>) {
        let steps = events.into_iter().map(|(event, state)| WalkStep {
            event,
            follows_by_itself: true,
            state,
        });
        self.steps.extend(steps);
    }

    /// Returns the events with the state after each.
    #[must_use]
    pub fn steps(&self) -> &[WalkStep] {
        &self.steps
    }

    /// Iterates over the events that are stored.
    pub fn events(&self) -> impl Iterator<Item = EventIndex> + '_ {
        self.steps.iter().map(|step| step.event)
    }

    /// Iterates over the events that somebody has to append; the others follow by themselves.
    pub fn appended(&self) -> impl Iterator<Item = EventIndex> + '_ {
        let steps = self.steps.iter().filter(|step| !step.follows_by_itself);
        steps.map(|step| step.event)
    }

    /// Iterates over the state after each event.
    pub fn states(&self) -> impl Iterator<Item = StateSet> + '_ {
        self.steps.iter().map(|step| step.state)
    }

    /// Returns the state at the end; empty before the first event.
    #[must_use]
    pub fn state(&self) -> StateSet {
        self.steps.last().map_or(StateSet::EMPTY, |step| step.state)
    }
}

/// Reason why a store refuses the next event of a walk.
///
/// ```
/// use eventsource_model::{EventIndex, EventSpec, Formula, Machine, MachineSpec, Walk};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// let refused = Walk::of(&machine, machine.index_of("DIMMED")).unwrap_err();
/// assert_eq!(refused.to_string(), "Event type 'DIMMED' may not be initial");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WalkError {
    /// The event is not legal in the state.
    Rejected(Rejection),
    /// The event is legal, but the auto transitions after it would never end.
    AutoTransitionLoop(AutoTransitionLoop),
}

impl From<Rejection> for WalkError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<AutoTransitionLoop> for WalkError {
    fn from(looped: AutoTransitionLoop) -> Self {
        Self::AutoTransitionLoop(looped)
    }
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::AutoTransitionLoop(looped) => looped.fmt(f),
        }
    }
}

impl std::error::Error for WalkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        None
    }
}
