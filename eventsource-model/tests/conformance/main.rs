//! Behaviour recorded from microcosm-eventsource 2.5.0, compared answer by answer (M7, M8, M10,
//! M18 to M21; `seeds.md` 2.1).
//!
//! The recording lies beside the other test data; the environment variable `MICROCOSM_VECTORS`
//! names another file of the same form. `properties` adds what must hold for every machine.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod properties;
mod vectors;

use std::collections::HashMap;
use std::fmt::Debug;

use eventsource_model::{
    EventIndex, EventSpec, Machine, MachineSpec, Rejection, SpecError, StateSet,
};

use vectors::{Answer, MachineCase, Names, Step, Vectors};

fn vectors() -> Vectors {
    let path = std::env::var("MICROCOSM_VECTORS").unwrap_or_else(|_| {
        format!(
            "{}/../tests/data/microcosm_vectors.json",
            env!("CARGO_MANIFEST_DIR")
        )
    });
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares and counts; every difference is told, not only the first.
#[derive(Default)]
struct Checks {
    made: usize,
    failed: Vec<String>,
}

impl Checks {
    fn same<T: PartialEq + Debug>(&mut self, what: impl FnOnce() -> String, ours: T, theirs: T) {
        self.made += 1;
        if ours != theirs {
            self.failed
                .push(format!("{}: ours {ours:?}, theirs {theirs:?}", what()));
        }
    }

    fn finish(self, what: &str) {
        println!("{what}: {} checks, {} failed", self.made, self.failed.len());
        assert!(self.made > 0, "{what}: the file has nothing to check");
        assert!(self.failed.is_empty(), "{}", self.failed.join("\n"));
    }
}

fn names(machine: &Machine, state: StateSet) -> Names {
    machine
        .names(state)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn name(machine: &Machine, event: EventIndex) -> String {
    machine.name_of(event).to_owned()
}

fn state(machine: &Machine, names: &Names) -> StateSet {
    machine.state_of(names.iter().map(String::as_str)).unwrap()
}

#[test]
fn combinators() {
    let vectors = vectors();
    let mut checks = Checks::default();
    // One event type for each name in the file; a rule for what is tried.
    let mut members: Vec<String> = Vec::new();
    let mut learn = |names: &[String]| {
        for name in names {
            if !members.contains(name) {
                members.push(name.clone());
            }
        }
    };
    for case in &vectors.transition_combinators {
        let _ = case.formula.try_map(&mut |name: &String| {
            learn(std::slice::from_ref(name));
            Ok::<_, ()>(name.clone())
        });
        case.eval.iter().for_each(|eval| learn(&eval.state));
    }
    for case in &vectors.accumulation_combinators {
        learn(std::slice::from_ref(&case.event));
        for eval in &case.eval {
            learn(&eval.state);
            learn(&eval.result);
        }
    }
    let machine_where = |event: &str, change: &dyn Fn(EventSpec) -> EventSpec| {
        let events = members.iter().map(|name| {
            let spec = EventSpec::new(name);
            if name == event { change(spec) } else { spec }
        });
        let machine = Machine::compile(&MachineSpec::new("combinators", events)).unwrap();
        let event = machine.index_of(event).unwrap();
        (machine, event)
    };
    for case in &vectors.transition_combinators {
        let (machine, event) =
            machine_where(&members[0], &|spec| spec.follows(case.formula.clone()));
        for eval in &case.eval {
            let before = state(&machine, &eval.state);
            let what = || format!("{} in {:?}", case.formula, eval.state);
            checks.same(what, machine.may_follow(event, before), eval.result);
            checks.same(what, machine.rule(event).follows.holds(before), eval.result);
        }
    }
    for case in &vectors.accumulation_combinators {
        let (machine, event) = machine_where(&case.event, &|spec| {
            spec.accumulate(case.accumulate.clone())
        });
        for eval in &case.eval {
            let after = machine.accumulate(event, state(&machine, &eval.state));
            checks.same(
                || {
                    format!(
                        "{:?} of {} in {:?}",
                        case.accumulate, case.event, eval.state
                    )
                },
                names(&machine, after),
                eval.result.clone(),
            );
        }
    }
    checks.finish("combinators");
}

#[test]
fn machines() {
    let vectors = vectors();
    let mut checks = Checks::default();
    let (mut compiled, mut refused) = (0, 0);
    for case in vectors
        .named_machines
        .iter()
        .chain(&vectors.random_machines)
    {
        match Machine::compile(&case.machine) {
            Ok(machine) => {
                compiled += 1;
                MachineCheck {
                    machine: &machine,
                    case,
                    checks: &mut checks,
                }
                .run();
            }
            Err(errors) => {
                refused += 1;
                check_refused(case, errors.as_slice(), &mut checks);
            }
        }
    }
    println!("{compiled} machines compared, {refused} with unknown names refused");
    checks.finish("machines");
}

/// A name that no event type has is an error at once here, and only when it is evaluated there.
fn check_refused(case: &MachineCase, errors: &[SpecError], checks: &mut Checks) {
    let what = || format!("{}: {errors:?}", case.machine.name);
    let unknown_only = errors.iter().all(|error| {
        matches!(error, SpecError::UnknownEvent { name, .. } if !case.members.contains(name))
    });
    checks.same(what, unknown_only, true);
    let raises = |states: &Answer<_>| matches!(states, Answer::Raised { .. });
    let seen_there = raises(&case.all_states_fixed)
        || case.steps.iter().any(|step| !step.errors.is_empty())
        || case
            .may_be_initial
            .values()
            .any(|answer| matches!(answer, Answer::Raised { .. }));
    checks.same(what, seen_there, true);
}

struct MachineCheck<'a> {
    machine: &'a Machine,
    case: &'a MachineCase,
    checks: &'a mut Checks,
}

impl MachineCheck<'_> {
    fn same<T: PartialEq + Debug>(&mut self, what: &str, ours: T, theirs: T) {
        let machine = &self.case.machine.name;
        self.checks
            .same(|| format!("{machine} {what}"), ours, theirs);
    }

    fn run(mut self) {
        self.event_types();
        self.enumerations();
        self.exploration();
        for step in &self.case.steps {
            self.step(step);
        }
        self.auto_chains();
        let spec = self.machine.to_spec();
        let again = Machine::compile(&spec).unwrap();
        self.same("to_spec and back", &again, self.machine);
        let json = serde_json::to_string(&spec).unwrap();
        self.same(
            "to JSON and back",
            serde_json::from_str(&json).unwrap(),
            spec,
        );
    }

    fn event_types(&mut self) {
        let (machine, case) = (self.machine, self.case);
        let where_ = |pick: &dyn Fn(EventIndex) -> bool| -> Names {
            machine
                .events()
                .filter(|event| pick(*event))
                .map(|event| name(machine, event))
                .collect()
        };
        self.same("members", where_(&|_| true), case.members.clone());
        self.same(
            "is_restarting",
            where_(&|event| machine.rule(event).restarting),
            case.is_restarting.clone(),
        );
        self.same(
            "auto_transition_events",
            where_(&|event| machine.rule(event).auto_transition),
            case.auto_transition_events.clone(),
        );
        self.same(
            "required_columns",
            machine.required_fields(),
            case.required_columns.iter().map(String::as_str).collect(),
        );
        for (column, requiring) in &case.requires {
            let ours: Names = machine
                .requiring(column)
                .into_iter()
                .map(|event| name(machine, event))
                .collect();
            self.same("requires", ours, requiring.clone());
        }
        for event in machine.events() {
            let called = name(machine, event);
            self.same(
                "is_initial",
                Answer::Value(machine.is_initial(event)),
                case.may_be_initial[&called].clone(),
            );
            let versions = [None, Some(1), Some(7)].map(|v| machine.next_version(event, v));
            self.same("next_version", versions, case.next_version[&called]);
        }
    }

    fn enumerations(&mut self) {
        let (machine, case) = (self.machine, self.case);
        let all = |states: Vec<StateSet>| -> Answer<Vec<Names>> {
            Answer::Value(states.into_iter().map(|s| names(machine, s)).collect())
        };
        self.same(
            "initial_states",
            all(machine.initial_states()),
            case.initial_states_fixed.clone(),
        );
        self.same(
            "all_states",
            all(machine.all_states()),
            case.all_states_fixed.clone(),
        );
        let transitions = machine.all_transitions().into_iter();
        self.same(
            "all_transitions",
            Answer::Value(
                transitions
                    .map(|(from, event, to)| {
                        (
                            names(machine, from),
                            name(machine, event),
                            names(machine, to),
                        )
                    })
                    .collect(),
            ),
            case.all_transitions_fixed.clone(),
        );
        let pairs = machine.all_states_and_events().into_iter();
        self.same(
            "all_states_and_events",
            Answer::Value(
                pairs
                    .map(|(state, event)| (names(machine, state), name(machine, event)))
                    .collect(),
            ),
            case.all_states_and_events.clone(),
        );
        let conflict_there = matches!(
            case.assert_only_valid_transitions_fixed,
            Answer::Raised { .. }
        );
        self.same(
            "auto transition rivals",
            machine.check_auto_transitions().is_err(),
            conflict_there,
        );
    }

    fn exploration(&mut self) {
        let (machine, case) = (self.machine, self.case);
        let exploration = machine.explore(usize::MAX);
        let found: Vec<Names> = exploration
            .states()
            .iter()
            .map(|found| names(machine, found.state))
            .collect();
        self.same("explored_states", found, case.explored_states.clone());
        self.same("explored completely", exploration.is_complete(), true);
        for found in exploration.states() {
            let walked = exploration
                .path_to(found.state)
                .unwrap()
                .into_iter()
                .try_fold(StateSet::EMPTY, |state, event| {
                    machine.validate(event, state)
                });
            self.same("path_to", walked, Ok(found.state));
        }
        let unreachable: Names = machine
            .events()
            .filter(|event| !exploration.transitions().iter().any(|t| t.event == *event))
            .map(|event| name(machine, event))
            .collect();
        self.same(
            "unreachable_events",
            unreachable,
            case.analysis.unreachable_events.clone(),
        );
        let terminal: Vec<Names> = exploration
            .states()
            .iter()
            .map(|found| found.state)
            .filter(|state| !state.is_empty() && machine.available(*state).next().is_none())
            .map(|state| names(machine, state))
            .collect();
        self.same(
            "terminal_states",
            terminal,
            case.analysis.terminal_states.clone(),
        );
        self.same(
            "empty_state_reachable",
            exploration.transitions().iter().any(|t| t.to == 0),
            case.analysis.empty_state_reachable,
        );
    }

    fn step(&mut self, step: &Step) {
        let machine = self.machine;
        let before = state(machine, &step.state);
        let allowed: Names = machine
            .available(before)
            .map(|event| name(machine, event))
            .collect();
        self.same("allowed", &allowed, &step.allowed);
        self.same(
            "auto_next",
            machine
                .auto_transition(before)
                .map(|event| name(machine, event)),
            step.auto_next.clone(),
        );
        for event in machine.events() {
            let called = name(machine, event);
            let (ours, theirs) = match machine.validate(event, before) {
                Ok(after) => (
                    Ok(names(machine, after)),
                    step.next
                        .get(&called)
                        .cloned()
                        .ok_or_else(|| step.reject.clone()),
                ),
                Err(rejection) => {
                    let (class, message) = match &rejection {
                        Rejection::IllegalInitialState { .. } => (
                            "IllegalInitialStateError",
                            format!("Event type '{called}' may not be initial"),
                        ),
                        Rejection::IllegalStateTransition { .. } => (
                            "IllegalStateTransitionError",
                            format!(
                                "Event type '{called}' may not follow [{}]",
                                step.state.join(", ")
                            ),
                        ),
                        other => panic!("{other:?}"),
                    };
                    self.same("message", rejection.to_string(), message);
                    self.same("legal instead", rejection.legal(), &step.allowed);
                    let theirs = match step.next.get(&called) {
                        Some(after) => Ok(after.clone()),
                        None => Err(step.reject.clone()),
                    };
                    (Err(class.to_owned()), theirs)
                }
            };
            self.same("step", ours, theirs);
            let (rule, masks) = (machine.rule(event), machine.may_follow(event, before));
            self.same("masks against formula", masks, rule.follows.holds(before));
        }
    }

    fn auto_chains(&mut self) {
        let machine = self.machine;
        // Recorded are the chains of two and more; what is not recorded writes one event.
        let mut recorded = HashMap::new();
        for chain in &self.case.analysis.auto_chains {
            recorded.insert((chain.state.clone(), chain.event.clone()), chain);
        }
        for step in &self.case.steps {
            if !self.case.explored_states.contains(&step.state) {
                continue;
            }
            for called in &step.allowed {
                let event = machine.index_of(called).unwrap();
                let after = machine.accumulate(event, state(machine, &step.state));
                let ours = machine.auto_transitions(after).ok().map(|chain| {
                    std::iter::once((event, after))
                        .chain(chain)
                        .map(|(event, state)| (name(machine, event), names(machine, state)))
                        .collect::<Vec<_>>()
                });
                let theirs = match recorded.remove(&(step.state.clone(), called.clone())) {
                    Some(chain) if chain.unbounded => None,
                    Some(chain) => chain.writes.clone(),
                    None => Some(vec![(called.clone(), step.next[called].clone())]),
                };
                self.same("auto chain", ours, theirs);
            }
        }
        self.same("auto chains left over", recorded.len(), 0);
    }
}
