//! Comparison of one machine with its recording.

use std::collections::HashMap;
use std::fmt::Debug;

use eventsource_model::{EventIndex, Machine, Rejection, StateSet};

use crate::vectors::{Answer, MachineCase, Names, Step};
use crate::{Checks, name, names, state};

pub struct MachineCheck<'a> {
    pub machine: &'a Machine,
    pub case: &'a MachineCase,
    pub checks: &'a mut Checks,
}

impl MachineCheck<'_> {
    fn same<T: PartialEq + Debug>(&mut self, what: &str, ours: T, theirs: T) {
        let machine = &self.case.machine.name;
        self.checks
            .same(|| format!("{machine} {what}"), ours, theirs);
    }

    #[allow(clippy::ref_option, reason = "called with fields that are options")]
    fn same_if<T: PartialEq + Debug + Clone>(&mut self, what: &str, ours: T, theirs: &Option<T>) {
        if let Some(theirs) = theirs {
            self.same(what, ours, theirs.clone());
        }
    }

    pub fn run(mut self) {
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
            let versions = [None, Some(1), Some(7)].map(|v| machine.next_generation(event, v));
            self.same("next_generation", versions, case.next_version[&called]);
        }
    }

    fn enumerations(&mut self) {
        let (machine, case) = (self.machine, self.case);
        let all = |states: &[StateSet]| -> Vec<Names> {
            states.iter().map(|state| names(machine, *state)).collect()
        };
        let initial = all(&machine.initial_states());
        self.same_if(
            "initial_states",
            initial.len(),
            &case.initial_states_fixed_count,
        );
        self.same_if(
            "initial_states",
            Answer::Value(initial),
            &case.initial_states_fixed,
        );
        let states = all(&machine.all_states());
        self.same_if("all_states", states.len(), &case.all_states_fixed_count);
        self.same_if("all_states", Answer::Value(states), &case.all_states_fixed);

        let step = |(from, event, to)| {
            (
                names(machine, from),
                name(machine, event),
                names(machine, to),
            )
        };
        let transitions: Vec<_> = machine.all_transitions().into_iter().map(step).collect();
        self.same_if(
            "all_transitions",
            transitions.len(),
            &case.all_transitions_fixed_count,
        );
        self.same_if(
            "all_transitions",
            Answer::Value(transitions),
            &case.all_transitions_fixed,
        );

        let pair = |(state, event)| (names(machine, state), name(machine, event));
        let pairs: Vec<_> = machine
            .all_states_and_events()
            .into_iter()
            .map(pair)
            .collect();
        self.same_if(
            "all_states_and_events",
            pairs.len(),
            &case.all_states_and_events_count,
        );
        self.same_if(
            "all_states_and_events",
            Answer::Value(pairs),
            &case.all_states_and_events,
        );

        let rivals = machine.check_auto_transitions().is_err();
        let theirs = case.assert_only_valid_transitions_fixed.as_ref();
        let theirs = theirs.map(|answer| matches!(answer, Answer::Raised { .. }));
        self.same_if("auto transition rivals", rivals, &theirs);
    }

    fn exploration(&mut self) {
        let (machine, case) = (self.machine, self.case);
        let exploration = machine.explore(usize::MAX);
        let found: Vec<Names> = exploration
            .states()
            .iter()
            .map(|found| names(machine, found.state))
            .collect();
        self.same_if("explored_states", found.len(), &case.explored_states_count);
        self.same_if("explored_states", found, &case.explored_states);
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
            let explored = self.case.explored_states.as_ref();
            if explored.is_some_and(|states| !states.contains(&step.state)) {
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
