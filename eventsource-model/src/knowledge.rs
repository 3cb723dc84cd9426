//! Partial knowledge of a state.

use crate::{Clause, EventIndex, Machine, StateSet, Update};

/// Partial knowledge of a state: the event types known to be in it, and those known not to be.
///
/// Every state that [fits](Self::fits) is described by it; about other event types it says nothing.
///
/// ```
/// use eventsource_model::{Clause, Knowledge, StateSet};
///
/// let known = Knowledge { has: StateSet::from_bits(0b001), lacks: StateSet::from_bits(0b010) };
/// assert!(known.fits(StateSet::from_bits(0b101)));
///
/// let clause = |all, none| [Clause { all: StateSet::from_bits(all), none: StateSet::from_bits(none) }];
/// assert_eq!(known.decides(&clause(0b001, 0b010)), Some(true));
/// assert_eq!(known.decides(&clause(0b010, 0)), Some(false));
/// assert_eq!(known.decides(&clause(0b100, 0)), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Knowledge {
    /// Event types known to be in the state.
    pub has: StateSet,
    /// Event types known not to be in the state.
    pub lacks: StateSet,
}

impl Knowledge {
    /// No knowledge: every state fits.
    pub const NONE: Self = Self {
        has: StateSet::EMPTY,
        lacks: StateSet::EMPTY,
    };

    /// Creates full knowledge: only `state` fits.
    #[must_use]
    pub const fn of(state: StateSet) -> Self {
        Self {
            has: state,
            lacks: StateSet::ALL.difference(state),
        }
    }

    /// Returns whether `state` is one that this knowledge describes.
    #[must_use]
    pub const fn fits(self, state: StateSet) -> bool {
        state.contains_all(self.has) && !state.intersects(self.lacks)
    }

    /// Returns whether some clause holds; `None` if that depends on what is not known.
    ///
    /// Each clause is evaluated on its own, so it may return `None` for a formula that always holds.
    #[must_use]
    pub fn decides(self, clauses: &[Clause]) -> Option<bool> {
        let surely = |clause: &Clause| {
            self.has.contains_all(clause.all) && self.lacks.contains_all(clause.none)
        };
        let refuted =
            |clause: &Clause| self.lacks.intersects(clause.all) || self.has.intersects(clause.none);
        if clauses.iter().any(surely) {
            Some(true)
        } else if clauses.iter().all(refuted) {
            Some(false)
        } else {
            None
        }
    }

    /// Returns the knowledge of a state in which `clause` also holds; `None` if it cannot hold.
    #[must_use]
    pub fn given(self, clause: Clause) -> Option<Self> {
        let both = Self {
            has: self.has.union(clause.all),
            lacks: self.lacks.union(clause.none),
        };
        (!both.has.intersects(both.lacks)).then_some(both)
    }

    /// Returns the knowledge that is common to both: of a state that fits one or the other.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            has: self.has.intersection(other.has),
            lacks: self.lacks.intersection(other.lacks),
        }
    }

    /// Returns the knowledge of the state after `update`.
    #[must_use]
    pub const fn after(self, update: Update) -> Self {
        let has = update.apply(self.has);
        let gone = StateSet::ALL.difference(update.keep).union(self.lacks);
        Self {
            has,
            lacks: gone.difference(update.add),
        }
    }
}

/// Knowledge of the states before and after an event, in any history.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// let dimmed = machine.known_steps()[1].unwrap();
/// assert_eq!(machine.names(dimmed.before.has), ["LIT"]);
/// assert_eq!(machine.names(dimmed.after.has), ["DIMMED"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownStep {
    /// Knowledge of the states in which the event is legal.
    pub before: Knowledge,
    /// Knowledge of the states that the event leads to.
    pub after: Knowledge,
}

impl Machine {
    /// Computes the knowledge before and after each event, in declaration order; `None` for an
    /// event that is known never to happen.
    ///
    /// States are not enumerated, so the number of them does not matter. The knowledge is not
    /// always complete: of a history only the last event is considered.
    #[must_use]
    pub fn known_steps(&self) -> Vec<Option<KnownStep>> {
        let mut steps: Vec<Option<KnownStep>> = vec![None; self.len()];
        // Each round can only forget, and there is little to forget.
        loop {
            let mut changed = false;
            for event in self.events() {
                let step = self.known_step(event, &steps);
                changed |= step != steps[event.get()];
                steps[event.get()] = step;
            }
            if !changed {
                return steps;
            }
        }
    }

    fn known_step(&self, event: EventIndex, steps: &[Option<KnownStep>]) -> Option<KnownStep> {
        let rule = self.rule(event);
        let earlier = steps.iter().flatten().map(|step| step.after);
        let before = std::iter::once(Knowledge::of(StateSet::EMPTY))
            .chain(earlier)
            .flat_map(|known| {
                rule.clauses
                    .iter()
                    .filter_map(move |clause| known.given(*clause))
            })
            .reduce(Knowledge::or)?;
        Some(KnownStep {
            before,
            after: before.after(rule.update),
        })
    }
}
