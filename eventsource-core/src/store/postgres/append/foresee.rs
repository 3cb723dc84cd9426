//! Symbolic plan of an append: the events to write, as a function of a state not known yet.
//!
//! A database that is to append in one round trip must decide by itself, from the state that it
//! finds under its lock. So the rules are applied to a state that is not known yet: what each event
//! demands of the state before it becomes a demand on the first state, for an update is two masks
//! and a demand can be carried back through it. An auto transition that depends on the state makes
//! two courses out of one.

use eventsource_model::{Clause, EventIndex, Machine, StateSet, Update};

use crate::store::contract::reachable_states::ReachableStates;

impl ReachableStates {
    /// Removes the courses that no reachable state takes: a `keep` event before an auto transition has
    /// another one for a state in which that is overdue, and where there is one course only, a
    /// simpler statement will do.
    pub(crate) fn possible(&self, courses: Vec<Course>) -> Vec<Course> {
        let Self(Some(states)) = self else {
            return courses;
        };
        let fits = |course: &Course, state: StateSet| {
            course.when.iter().any(|clause| clause.matches(state))
        };
        let possible = |course: &Course| states.iter().any(|state| fits(course, *state));
        if courses.len() < 2 || !courses.iter().any(possible) {
            return courses;
        }
        courses.into_iter().filter(possible).collect()
    }
}

/// Branch of the plan: its condition and its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    /// Alternatives of its condition on the state that is found.
    pub(crate) when: Vec<Clause>,
    /// Events that are written.
    pub(crate) steps: Vec<Step>,
}

/// Event of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) event: EventIndex,
    /// Index of the requested event, or of the one that this auto transition follows.
    pub(crate) asked: usize,
    pub(crate) auto: bool,
    /// State before the event, as an update of the state that is found.
    pub(crate) prior: Update,
    /// State after the event, as an update of the state that is found.
    pub(crate) after: Update,
}

/// Most alternatives of a condition; an append with more is planned under the lock instead.
const MAX_CLAUSES: usize = 64;

const MAX_COURSES: usize = 16;

const MAX_AUTO_TRANSITIONS: usize = 64;

pub(crate) const KEEP: Update = Update {
    keep: StateSet::ALL,
    add: StateSet::EMPTY,
};

const ALWAYS: Clause = Clause {
    all: StateSet::EMPTY,
    none: StateSet::EMPTY,
};

/// Returns the branches of an append of these events, none if it is always refused; `None` if there
/// are too many.
///
/// At most one course fits a state.
pub(crate) fn foresee(machine: &Machine, events: &[EventIndex]) -> Option<Vec<Course>> {
    let mut courses = vec![Course {
        when: vec![ALWAYS],
        steps: Vec::new(),
    }];
    for (asked, event) in events.iter().enumerate() {
        let mut next = Vec::new();
        for course in courses {
            let state = course.state();
            let legal = carried_back(&machine.rule(*event).clauses, state);
            let when = product(&course.when, &legal)?;
            if !when.is_empty() {
                let mut course = Course { when, ..course };
                course.write(machine, *event, asked, false);
                with_auto_transitions(machine, course, asked, MAX_AUTO_TRANSITIONS, &mut next)?;
            }
        }
        courses = next;
    }
    Some(courses)
}

/// Continues the course by its auto transitions, `most` of them at most: a loop that never ends is
/// an error that the planner knows how to tell.
fn with_auto_transitions(
    machine: &Machine,
    mut course: Course,
    asked: usize,
    most: usize,
    done: &mut Vec<Course>,
) -> Option<()> {
    let members: StateSet = machine.events().collect();
    let state = course.state();
    for (event, rule) in machine.rules() {
        if !rule.auto_transition {
            continue;
        }
        let legal = carried_back(&rule.clauses, state);
        let when = product(&course.when, &legal)?;
        if when.is_empty() {
            continue;
        }
        let mut taken = Course {
            when,
            steps: course.steps.clone(),
        };
        taken.write(machine, event, asked, true);
        with_auto_transitions(machine, taken, asked, most.checked_sub(1)?, done)?;
        course.when = product(&course.when, &negated(&legal, members)?)?;
    }
    if !course.when.is_empty() {
        done.push(course);
    }
    (done.len() <= MAX_COURSES).then_some(())
}

impl Course {
    /// Returns the state after its events, as an update of the state that is found.
    fn state(&self) -> Update {
        self.steps.last().map_or(KEEP, |step| step.after)
    }

    fn write(&mut self, machine: &Machine, event: EventIndex, asked: usize, auto: bool) {
        let prior = self.state();
        self.steps.push(Step {
            event,
            asked,
            auto,
            prior,
            after: prior.then(machine.rule(event).update),
        });
    }
}

/// Returns the condition on the first state under which one of `clauses` holds after `update`.
pub(crate) fn carried_back(clauses: &[Clause], update: Update) -> Vec<Clause> {
    let possible = |clause: &&Clause| {
        !clause.none.intersects(update.add)
            && update.keep.union(update.add).contains_all(clause.all)
    };
    clauses
        .iter()
        .filter(possible)
        .map(|clause| Clause {
            all: clause.all.difference(update.add),
            none: clause.none.intersection(update.keep),
        })
        .collect()
}

/// Returns the conjunction of two conditions, as alternatives.
pub(crate) fn product(left: &[Clause], right: &[Clause]) -> Option<Vec<Clause>> {
    let mut both: Vec<Clause> = Vec::new();
    for one in left {
        for other in right {
            let clause = Clause {
                all: one.all.union(other.all),
                none: one.none.union(other.none),
            };
            let covered = both.iter().any(|known| {
                clause.all.contains_all(known.all) && clause.none.contains_all(known.none)
            });
            if !clause.all.intersects(clause.none) && !covered {
                both.push(clause);
            }
        }
        if both.len() > MAX_CLAUSES {
            return None;
        }
    }
    Some(both)
}

/// Returns the negation of a condition.
fn negated(clauses: &[Clause], members: StateSet) -> Option<Vec<Clause>> {
    clauses.iter().try_fold(vec![ALWAYS], |so_far, clause| {
        let lacks = clause.all.iter().map(|event| Clause {
            none: StateSet::only(event),
            ..ALWAYS
        });
        let has = clause
            .none
            .intersection(members)
            .iter()
            .map(|event| Clause {
                all: StateSet::only(event),
                ..ALWAYS
            });
        product(&so_far, &lacks.chain(has).collect::<Vec<_>>())
    })
}

#[cfg(test)]
mod tests {
    use eventsource_model::{Accumulator, EventSpec, Formula, MachineSpec};
    use proptest::prelude::*;

    use super::*;

    fn event(n: usize) -> EventIndex {
        EventIndex::new(n).unwrap()
    }

    const NAMES: [&str; 5] = ["A", "B", "C", "D", "E"];

    fn name() -> impl Strategy<Value = String> {
        prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
    }

    fn formula() -> impl Strategy<Value = Formula<String>> {
        let leaf = prop_oneof![name().prop_map(Formula::Event), Just(Formula::Nothing)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..3).prop_map(Formula::all_of),
                prop::collection::vec(inner.clone(), 1..3).prop_map(Formula::any_of),
                inner.prop_map(Formula::but_not),
            ]
        })
    }

    fn accumulator() -> impl Strategy<Value = Accumulator<String>> {
        let names = || prop::collection::vec(name(), 1..3);
        prop_oneof![
            Just(Accumulator::Current),
            Just(Accumulator::Keep),
            Just(Accumulator::Union),
            name().prop_map(Accumulator::Alias),
            names().prop_map(|names| Accumulator::Addition(names.into())),
            names().prop_map(|names| Accumulator::Difference(names.into())),
        ]
    }

    fn machine() -> impl Strategy<Value = Machine> {
        let rules = (formula(), accumulator(), prop::bool::weighted(0.3));
        prop::collection::vec(rules, NAMES.len()).prop_map(|rules| {
            let events = rules
                .into_iter()
                .zip(NAMES)
                .map(|((follows, acc, auto), name)| {
                    let event = EventSpec::new(name).follows(follows).accumulate(acc);
                    if auto { event.auto_transition() } else { event }
                });
            Machine::compile(&MachineSpec::new("any", events)).unwrap()
        })
    }

    /// Applies the events to a known state, as the machine does.
    fn walk(
        machine: &Machine,
        events: &[EventIndex],
        mut state: StateSet,
    ) -> Result<Vec<(EventIndex, StateSet, StateSet)>, ()> {
        let mut written = Vec::new();
        for &event in events {
            let after = machine.validate(event, state).map_err(|_| ())?;
            written.push((event, state, after));
            state = after;
            for (auto, after) in machine.auto_transitions(state).map_err(|_| ())? {
                written.push((auto, state, after));
                state = after;
            }
        }
        Ok(written)
    }

    proptest! {
        #[test]
        fn what_is_foreseen_is_what_happens(
            machine in machine(),
            events in prop::collection::vec((0..NAMES.len()).prop_map(event), 1..4),
        ) {
            // Too many courses, or auto transitions without end: the planner takes over.
            let Some(courses) = foresee(&machine, &events) else { return Ok(()) };
            for bits in 0..1 << NAMES.len() {
                let state = StateSet::from_bits(bits);
                let fitting: Vec<&Course> = courses
                    .iter()
                    .filter(|course| course.when.iter().any(|clause| clause.matches(state)))
                    .collect();
                prop_assert!(fitting.len() <= 1);
                let written = fitting.first().map(|course| {
                    let step = |step: &Step| {
                        (step.event, step.prior.apply(state), step.after.apply(state))
                    };
                    course.steps.iter().map(step).collect::<Vec<_>>()
                });
                prop_assert_eq!(written, walk(&machine, &events, state).ok());
            }
        }
    }

    #[test]
    fn an_append_of_a_state_that_its_events_make_has_one_course() {
        let machine = Machine::compile(&MachineSpec::new(
            "task",
            [
                EventSpec::new("STARTED"),
                EventSpec::new("COMPLETED").follows(Formula::event("STARTED")),
                EventSpec::new("ENDED")
                    .follows(Formula::event("COMPLETED"))
                    .auto_transition(),
            ],
        ))
        .unwrap();
        let courses = foresee(&machine, &[event(1)]).unwrap();
        assert_eq!(courses.len(), 1);
        let written: Vec<_> = courses[0].steps.iter().map(|step| step.event).collect();
        assert_eq!(written, [event(1), event(2)]);
        assert!(courses[0].steps[1].auto);
    }

    #[test]
    fn a_course_for_a_state_that_cannot_be_is_left_out() {
        let machine = Machine::compile(&MachineSpec::new(
            "task",
            [
                EventSpec::new("STARTED"),
                EventSpec::new("NOTED")
                    .follows(Formula::event("STARTED"))
                    .accumulate(Accumulator::Keep),
                EventSpec::new("COMPLETED").follows(Formula::event("STARTED")),
                EventSpec::new("ENDED")
                    .follows(Formula::event("COMPLETED"))
                    .auto_transition(),
            ],
        ))
        .unwrap();
        let noted = foresee(&machine, &[event(1)]).unwrap();
        assert_eq!(noted.len(), 2);
        let states = ReachableStates::of(&machine);
        let noted = states.possible(noted);
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0].steps.len(), 1);
        // None is, and something has to be said of it.
        let nothing = noted
            .iter()
            .map(|course| Course {
                when: vec![Clause {
                    all: StateSet::ALL,
                    ..ALWAYS
                }],
                steps: course.steps.clone(),
            })
            .collect::<Vec<_>>();
        assert_eq!(states.possible(nothing.clone()), nothing);
    }

    #[test]
    fn auto_transitions_that_never_end_are_left_to_the_planner() {
        let machine = Machine::compile(&MachineSpec::new(
            "spin",
            [
                EventSpec::new("A"),
                EventSpec::new("B")
                    .follows(Formula::event("A"))
                    .accumulate(Accumulator::Keep)
                    .auto_transition(),
            ],
        ))
        .unwrap();
        assert_eq!(foresee(&machine, &[event(0)]), None);
    }
}
