//! What is asked of a machine.

use crate::{EventIndex, Formula, StateSet};

/// How many states are explored unless the author asks for more.
///
/// ```
/// assert_eq!(eventsource_model::findings::DEFAULT_MAX_STATES, 4096);
/// ```
pub const DEFAULT_MAX_STATES: usize = 4096;

/// The most states that are explored, whatever the author asks for: more take a compiler seconds.
///
/// ```
/// assert_eq!(eventsource_model::findings::MAX_STATES, 65_536);
/// ```
pub const MAX_STATES: usize = 65_536;

/// What the author says must hold of every history.
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
/// let paid = machine.index_of("Paid").unwrap();
/// let checks = Checks { invariants: vec![Invariant::Eventually(paid)], ..Checks::default() };
/// let finding = &machine.findings(&checks)[0];
/// assert_eq!(finding.code, Code::Invariant);
/// assert_eq!(finding.message, "`Paid` has not happened and never can after `Canceled`");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// The formula holds after no event. The empty state counts only if an event leads back to it,
    /// so `never(nothing())` says that an entity is not forgotten.
    Never(Formula),
    /// The formula holds in every reachable state but the empty one.
    Always(Formula),
    /// Whatever happens after the first event, the event has happened already or can still happen:
    /// no history without it reaches a state from which no legal continuation leads to it. It need
    /// not ever happen: a history may stay where it is.
    ///
    /// In CTL this is `AG (happened or EF event)`. A state may forget what has happened, so
    /// *happened* is a fact about the history.
    Eventually(EventIndex),
}

/// What to check beside what is checked of every machine.
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
    /// The most states to explore, at most [`MAX_STATES`].
    pub max_states: usize,
    /// The author's invariants.
    pub invariants: Vec<Invariant>,
    /// The rules that the author pinned: the text of [`Machine::pin`](crate::Machine::pin) or only
    /// the fingerprint that it begins with. The empty text asks for the current pin.
    pub fingerprint: Option<String>,
    /// The event types that carry more than they require, such as an optional field. The machine
    /// does not know payloads; an event that carries something is not without effect.
    pub carrying: StateSet,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            max_states: DEFAULT_MAX_STATES,
            invariants: Vec::new(),
            fingerprint: None,
            carrying: StateSet::EMPTY,
        }
    }
}
