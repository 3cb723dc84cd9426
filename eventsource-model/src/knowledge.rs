//! What is known of a state without knowing the state.

use crate::{Clause, EventIndex, Machine, StateSet, Update};

/// What is known of a state: which event types are in it, which are not. Of the others nothing is
/// known, so it describes every state that [fits](Self::fits).
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
    /// What is in the state.
    pub has: StateSet,
    /// What is not in the state.
    pub lacks: StateSet,
}

impl Knowledge {
    /// That nothing is known.
    pub const NONE: Self = Self {
        has: StateSet::EMPTY,
        lacks: StateSet::EMPTY,
    };

    /// That it is exactly this state.
    #[must_use]
    pub const fn of(state: StateSet) -> Self {
        Self {
            has: state,
            lacks: StateSet::ALL.difference(state),
        }
    }

    /// Whether `state` is one of those that this describes.
    #[must_use]
    pub const fn fits(self, state: StateSet) -> bool {
        state.contains_all(self.has) && !state.intersects(self.lacks)
    }

    /// Whether some clause holds, as far as that follows: `None` if it depends on the state.
    ///
    /// What is known of each clause alone decides, so of `A | !B`, `!A | B` and the like it may
    /// not see that they always hold.
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

    /// What is known beside once `clause` is found to hold; `None` if it cannot.
    #[must_use]
    pub fn given(self, clause: Clause) -> Option<Self> {
        let both = Self {
            has: self.has.union(clause.all),
            lacks: self.lacks.union(clause.none),
        };
        (!both.has.intersects(both.lacks)).then_some(both)
    }

    /// What is known of a state that fits one or the other.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            has: self.has.intersection(other.has),
            lacks: self.lacks.intersection(other.lacks),
        }
    }

    /// What is known after `update`.
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

/// What is known around an event, of whatever history it is part.
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
    /// Of the states from which the event is legal.
    pub before: Knowledge,
    /// Of the states it leads to.
    pub after: Knowledge,
}

impl Machine {
    /// What is known before and after each event, in declaration order; `None` if it can be told
    /// that the event never happens.
    ///
    /// The states are not enumerated, so it costs the same for twelve of them as for a million,
    /// and more may be true than is known: what is remembered of a history is its last event.
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
