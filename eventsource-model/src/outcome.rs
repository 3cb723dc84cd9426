//! States after an event and its auto transitions, for every state before it at once.

use crate::{EventIndex, Knowledge, Machine, StateSet, Update};

/// State after an event and its auto transitions, as a decision tree over the state before.
///
/// Each leaf is one [`Update`] of the state before the event.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, Outcome, StateSet};
///
/// let machine = Machine::compile(&MachineSpec::new("task", [
///     EventSpec::new("COMPLETED"),
///     EventSpec::new("ENDED").follows(Formula::event("COMPLETED")).auto_transition(),
/// ]))?;
/// let [Outcome::Is(completed), _] = machine.outcomes()[..] else { panic!("nothing to decide") };
/// assert_eq!(machine.names(completed.apply(StateSet::EMPTY)), ["ENDED"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The result of this update, whatever the state.
    Is(Update),
    /// A decision: the result depends on whether an auto transition is legal.
    Depends {
        /// Auto transition to decide about.
        auto: EventIndex,
        /// State in which it must be legal, computed from the state before the event.
        state: Update,
        /// Outcome if it is legal.
        legal: Box<Outcome>,
        /// Outcome if it is not.
        otherwise: Box<Outcome>,
    },
    /// No result: the auto transitions never end, or depend on too many questions.
    Unclear,
}

/// Largest number of questions in one outcome; real rules need one or two.
const MAX_QUESTIONS: usize = 32;

impl Outcome {
    /// Returns the knowledge of the state afterwards, from the knowledge before.
    #[must_use]
    pub fn known(&self, machine: &Machine, before: Knowledge) -> Knowledge {
        match self {
            Self::Is(update) => before.after(*update),
            Self::Unclear => Knowledge::NONE,
            Self::Depends {
                auto,
                state,
                legal,
                otherwise,
            } => {
                let answer = before.after(*state).decides(&machine.rule(*auto).clauses);
                let (legal, otherwise) = (
                    || legal.known(machine, before),
                    || otherwise.known(machine, before),
                );
                match answer {
                    Some(true) => legal(),
                    Some(false) => otherwise(),
                    None => legal().or(otherwise()),
                }
            }
        }
    }
}

impl Machine {
    /// Computes the outcome of each event in the states in which it is legal in some history, in
    /// declaration order.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let steps = self.known_steps();
        let before = steps
            .iter()
            .map(|step| step.map_or(Knowledge::NONE, |step| step.before));
        self.events()
            .zip(before)
            .map(|(event, before)| self.outcome(event, before))
            .collect()
    }

    /// Computes the outcome of one event, given the knowledge of the state before it.
    fn outcome(&self, event: EventIndex, before: Knowledge) -> Outcome {
        let update = self.rule(event).update;
        let mut settling = Settling {
            machine: self,
            autos: self
                .events()
                .filter(|event| self.rule(*event).auto_transition)
                .collect(),
            questions: 0,
        };
        settling
            .settle(before, update, &[])
            .unwrap_or(Outcome::Unclear)
    }
}

struct Settling<'a> {
    machine: &'a Machine,
    autos: Vec<EventIndex>,
    questions: usize,
}

impl Settling<'_> {
    /// Computes the outcome from the state that `update` makes of the one before; `None` if it
    /// is undecided.
    ///
    /// `seen` are the updates since the event.
    fn settle(&mut self, before: Knowledge, update: Update, seen: &[Update]) -> Option<Outcome> {
        if seen.contains(&update) {
            return None;
        }
        let seen = [seen, &[update]].concat();
        self.try_from(0, before, update, &seen)
    }

    /// Decides about the auto transitions from this position on: the first legal one is written.
    fn try_from(
        &mut self,
        position: usize,
        before: Knowledge,
        update: Update,
        seen: &[Update],
    ) -> Option<Outcome> {
        let Some(auto) = self.autos.get(position).copied() else {
            return Some(Outcome::Is(update));
        };
        let rule = self.machine.rule(auto);
        match before.after(update).decides(&rule.clauses) {
            Some(true) => self.settle(before, update.then(rule.update), seen),
            Some(false) => self.try_from(position + 1, before, update, seen),
            None => {
                self.questions += 1;
                if self.questions > MAX_QUESTIONS {
                    return None;
                }
                let legal = match rule.clauses.as_ref() {
                    [clause] => {
                        // Only an event that was kept tells about the state before.
                        let kept = |set: StateSet| set.intersection(update.keep);
                        Knowledge {
                            has: before.has.union(kept(clause.all).difference(update.add)),
                            lacks: before.lacks.union(kept(clause.none)),
                        }
                    }
                    _ => before,
                };
                Some(Outcome::Depends {
                    auto,
                    state: update,
                    legal: Box::new(self.settle(legal, update.then(rule.update), seen)?),
                    otherwise: Box::new(self.try_from(position + 1, before, update, seen)?),
                })
            }
        }
    }
}
