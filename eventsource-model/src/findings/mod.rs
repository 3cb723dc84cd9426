//! Findings: mistakes and oddities in the rules of a machine.
//!
//! [`Machine::findings`] explores the states that a machine can reach and reports all findings in
//! one run, each with the shortest path that shows it. `#[derive(Event)]` turns them into compiler
//! errors and warnings.

mod autos;
mod checks;
mod code;
mod ends;
mod explosion;
mod finding;
mod formulas;
mod invariants;
mod operands;
mod pairs;
mod pinned;
mod position_set;
mod reach;
mod restarts;
mod state_space;
mod timers;
mod words;

pub use checks::{Checks, DEFAULT_MAX_STATES, Invariant, MAX_STATES};
pub use code::{Code, Severity};
pub use finding::{Finding, Subject};

use crate::Machine;
use state_space::StateSpace;

impl Machine {
    /// Returns every finding about the rules, those that are [`Severity::Allowed`] included.
    ///
    /// Findings about the machine as a whole come first, then those of each event type in
    /// declaration order, then those of the invariants and the pin; by code within each. A
    /// consequence of another finding is left out: of a machine that cannot begin only that is
    /// reported, of an event that can never happen not what would follow it.
    ///
    /// If there are more states than [`Checks::max_states`], [`Code::TooManyStates`] says so, and
    /// the other findings are those that the explored states or the formulas alone prove.
    ///
    /// ```
    /// use eventsource_model::findings::{Checks, Code};
    /// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
    ///
    /// let machine = Machine::compile(&MachineSpec::new("light", [
    ///     EventSpec::new("Lit"),
    ///     EventSpec::new("Dimmed").follows(Formula::event("Lid")),
    ///     EventSpec::new("Lid").follows(Formula::event("Dimmed")).terminal(),
    /// ]))?;
    /// let findings = machine.findings(&Checks::default());
    /// let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    /// assert_eq!(codes, [Code::DeadEnd, Code::UnreachableEvent, Code::UnreachableEvent]);
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    #[must_use]
    pub fn findings(&self, checks: &Checks) -> Vec<Finding> {
        let space = StateSpace::explore(self, checks);
        let mut findings = Vec::new();
        operands::check(&space, &mut findings);
        if reach::begins(&space, &mut findings) {
            reach::check(&space, &mut findings);
            formulas::check(&space, &mut findings);
            ends::check(&space, &mut findings);
            restarts::check(&space, &mut findings);
            autos::check(&space, &mut findings);
            timers::check(&space, checks, &mut findings);
            pairs::check(&space, checks, &mut findings);
            explosion::check(&space, checks, &mut findings);
            invariants::check(&space, checks, &mut findings);
        }
        pinned::check(self, checks, &mut findings);
        findings.sort_by_key(|finding| (order(&finding.subject), finding.code));
        findings
    }
}

fn order(subject: &Subject) -> usize {
    match subject {
        Subject::Machine => 0,
        Subject::Invariant(position) => 100 + position,
        Subject::Fingerprint => usize::MAX,
        subject => subject.event().map_or(0, |event| 1 + event.get()),
    }
}
