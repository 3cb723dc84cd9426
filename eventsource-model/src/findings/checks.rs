//! Configuration of the checks of a machine.

use crate::{EventIndex, Formula, StateSet};

/// Number of states that are explored by default.
///
/// ```
/// assert_eq!(eventsource_model::findings::DEFAULT_MAX_STATES, 4096);
/// ```
pub const DEFAULT_MAX_STATES: usize = 4096;

/// Largest number of states that can be explored; more would take the compiler seconds.
///
/// ```
/// assert_eq!(eventsource_model::findings::MAX_STATES, 65_536);
/// ```
pub const MAX_STATES: usize = 65_536;

/// Property that the author requires of every history.
///
/// ```
/// use eventsource_model::findings::{Checks, Code, Invariant};
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("order", [
///     EventSpec::new("Placed"),
///     EventSpec::new("Paid").follows(Formula::event("Placed")).terminal(),
///     EventSpec::new("Canceled").follows(Formula::event("Placed")).terminal(),
/// ]))?;
/// let paid = Formula::Event(machine.index_of("Paid").unwrap());
/// let checks = Checks { invariants: vec![Invariant::Eventually(paid)], ..Checks::default() };
/// let finding = &machine.findings(&checks)[0];
/// assert_eq!(finding.code, Code::Invariant);
/// assert_eq!(finding.message, "`Paid` has not happened and never can after `Canceled`");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// The formula holds after no event.
    ///
    /// The empty state counts only if an event leads back to it, so `never(nothing())` says that an
    /// entity never returns to the empty state.
    Never(Formula),
    /// The formula holds in every reachable state but the empty one.
    Always(Formula),
    /// The formula comes to hold in every history, if what stays possible happens in the end.
    ///
    /// No history in which it has not held yet reaches a state from which no legal continuation leads to
    /// it; the shortest that does is shown. Every legal event is a possible continuation, also a timed
    /// one and an auto transition. That is fairness: an entity is not left alone for ever, and a loop is
    /// not gone through for ever where another event leads out of it. Under it the formula is
    /// inevitable; in CTL it is `AG (held or EF holds)`.
    ///
    /// In the formula an event is in the state, or has just happened: a state may forget what has
    /// happened, so for `Paid` alone the moment of the event counts, whatever the state is then.
    Eventually(Formula),
}

/// Checks in addition to those that are made of every machine.
///
/// ```
/// use eventsource_model::findings::Checks;
/// use eventsource_model::{EventSpec, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("Lit").terminal()]))?;
/// let checks = Checks { fingerprint: Some(machine.pin()), ..Checks::default() };
/// assert_eq!(machine.findings(&checks), []);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Largest number of states to explore, at most [`MAX_STATES`].
    pub max_states: usize,
    /// Invariants that the author requires.
    pub invariants: Vec<Invariant>,
    /// Rules that the author pinned.
    ///
    /// Either the text of [`Machine::pin`](crate::Machine::pin) or only the fingerprint that it
    /// begins with. The empty text asks for the current pin.
    pub fingerprint: Option<String>,
    /// Event types that set the field of a timed event with [`Timer::At`](crate::Timer::At); of an
    /// event that is not named here it is not known.
    pub setting: Vec<(EventIndex, StateSet)>,
    /// Event types with more fields than they require, such as an optional one.
    ///
    /// A machine does not know payloads; an event that carries data is not without effect.
    pub carrying: StateSet,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            max_states: DEFAULT_MAX_STATES,
            invariants: Vec::new(),
            fingerprint: None,
            setting: Vec::new(),
            carrying: StateSet::EMPTY,
        }
    }
}
