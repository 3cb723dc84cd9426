//! What is wrong, or merely odd, with the rules of a machine.
//!
//! [`Machine::findings`] explores the states that a machine can reach and reports everything it
//! notices in one run, each with the shortest path that shows it. `#[derive(Event)]` turns the
//! findings into compiler errors and warnings.

mod code;

pub use code::{Code, Severity};

use crate::{EventIndex, Formula, Machine};

/// What a finding is about, for whoever knows where that is written.
///
/// ```
/// use eventsource_model::{EventIndex, findings::Place};
/// let created = EventIndex::new(0).unwrap();
/// assert_eq!(Place::Follows(created).event(), Some(created));
/// assert_eq!(Place::Machine.event(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The machine as a whole.
    Machine,
    /// An event type as a whole.
    Event(EventIndex),
    /// The `follows` of an event type.
    Follows(EventIndex),
    /// One operand in the `follows` of an event type: the way to it from the whole formula, as
    /// positions among the operands.
    Operand(EventIndex, Vec<usize>),
    /// The `accumulate` of an event type.
    Accumulate(EventIndex),
    /// One of the fields that an event type requires.
    Requires(EventIndex, String),
    /// The mark `restarting` of an event type.
    Restarting(EventIndex),
    /// The mark `auto_transition` of an event type.
    AutoTransition(EventIndex),
    /// The mark `terminal` of an event type.
    Terminal(EventIndex),
    /// One of the author's invariants, by its position among [`Checks::invariants`].
    Invariant(usize),
    /// The pinned fingerprint.
    Fingerprint,
}

impl Place {
    /// The event type that it belongs to, if to one.
    #[must_use]
    pub const fn event(&self) -> Option<EventIndex> {
        match self {
            Self::Machine | Self::Invariant(_) | Self::Fingerprint => None,
            Self::Event(event)
            | Self::Follows(event)
            | Self::Operand(event, _)
            | Self::Accumulate(event)
            | Self::Requires(event, _)
            | Self::Restarting(event)
            | Self::AutoTransition(event)
            | Self::Terminal(event) => Some(*event),
        }
    }
}

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// How much it weighs: that of the code, except where a code has a light and a grave form.
    pub severity: Severity,
    /// What it is about.
    pub place: Place,
    /// What was found, in one line without a full stop.
    pub message: String,
    /// What shows it, a line each, such as `reached by CREATED -> ASSIGNED`.
    pub notes: Vec<String>,
    /// How to mend it, a line each.
    pub help: Vec<String>,
}

/// What the author says must hold of every history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// The formula holds in no reachable state.
    Never(Formula),
    /// The formula holds in every reachable state but the empty one.
    Always(Formula),
    /// Whatever happens, the event can still happen.
    Eventually(EventIndex),
}

/// What to check beside what is checked of every machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// The most states to explore.
    pub max_states: usize,
    /// The author's invariants.
    pub invariants: Vec<Invariant>,
    /// The rules that the author pinned.
    pub fingerprint: Option<String>,
}

impl Machine {
    /// Everything that is to be said about the rules.
    #[must_use]
    pub fn findings(&self, checks: &Checks) -> Vec<Finding> {
        let _ = checks;
        Vec::new()
    }
}
