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
mod reach;
mod restarts;
mod rows;
mod space;
mod words;

pub use checks::{Checks, DEFAULT_MAX_STATES, Invariant, MAX_STATES};
pub use code::{Code, Severity};
pub use finding::{Finding, Place};

use crate::Machine;
use space::Space;

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
        let space = Space::explore(self, checks);
        let mut findings = Vec::new();
        operands::check(&space, &mut findings);
        if reach::begins(&space, &mut findings) {
            reach::check(&space, &mut findings);
            formulas::check(&space, &mut findings);
            ends::check(&space, &mut findings);
            restarts::check(&space, &mut findings);
            autos::check(&space, &mut findings);
            pairs::check(&space, checks, &mut findings);
            explosion::check(&space, checks, &mut findings);
            invariants::check(&space, checks, &mut findings);
        }
        pinned::check(self, checks, &mut findings);
        findings.sort_by_key(|finding| (order(&finding.place), finding.code));
        findings
    }
}

fn order(place: &Place) -> usize {
    match place {
        Place::Machine => 0,
        Place::Invariant(position) => 100 + position,
        Place::Fingerprint => usize::MAX,
        place => place.event().map_or(0, |event| 1 + event.get()),
    }
}
