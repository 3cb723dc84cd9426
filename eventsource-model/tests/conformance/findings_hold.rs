//! Properties of the findings of every machine.

use std::collections::BTreeSet;

use eventsource_model::findings::{Checks, Code, Finding, Invariant, Severity, Subject};
use eventsource_model::{Accumulator, EventIndex, Machine, StateSet};
use proptest::prelude::*;

use crate::properties::{formula, spec};

fn has(findings: &[Finding], code: Code, event: EventIndex) -> bool {
    let mut findings = findings.iter();
    findings.any(|finding| finding.code == code && finding.subject.event() == Some(event))
}

fn nowhere() -> Checks {
    Checks::default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_event_is_unreachable_if_and_only_if_no_transition_has_it(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let findings = machine.findings(&nowhere());
        let begins = !findings.iter().any(|finding| finding.code == Code::NoInitialEvent);
        let explored = machine.explore(usize::MAX);
        for event in machine.events() {
            let happens = explored.transitions().iter().any(|step| step.event == event);
            let unreachable = has(&findings, Code::UnreachableEvent, event);
            let contradictory = has(&findings, Code::Contradiction, event);
            prop_assert!(!(unreachable && contradictory));
            if begins {
                prop_assert_eq!(unreachable || contradictory, !happens);
            }
        }
    }

    #[test]
    fn finding_paths_are_legal_and_end_in_the_first_state(spec in spec(), formula in formula()) {
        let machine = Machine::compile(&spec).unwrap();
        let eventually = machine.events().map(|event| Invariant::Eventually(Formula::Event(event)));
        let formulas = [Invariant::Never(formula.clone()), Invariant::Always(formula)];
        let checks = Checks {
            invariants: formulas.into_iter().chain(eventually).collect(),
            ..Checks::default()
        };
        for finding in machine.findings(&checks) {
            let end = finding.path.iter().try_fold(StateSet::EMPTY, |state, event| {
                machine.validate(*event, state)
            });
            prop_assert!(end.is_ok(), "{:?}", finding);
            if let Some(first) = finding.states.first() {
                prop_assert!(!finding.path.is_empty(), "{:?}", finding);
                prop_assert_eq!(end.unwrap(), *first, "{:?}", finding);
            }
            if finding.path.is_empty() {
                continue;
            }
            let shown: Vec<&str> =
                finding.path.iter().map(|event| machine.name_of(*event)).collect();
            let shown = shown.join(" -> ");
            prop_assert!(finding.notes.iter().any(|note| note.contains(&shown)), "{:?}", finding);
        }
    }

    #[test]
    fn finding_texts_are_single_lines_without_a_full_stop(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        for finding in machine.findings(&nowhere()) {
            prop_assert!(!finding.help.is_empty(), "{:?}", finding);
            let texts = finding.notes.iter().chain(&finding.help).chain([&finding.message]);
            for text in texts {
                let fine = !text.is_empty() && !text.contains('\n') && !text.ends_with('.');
                prop_assert!(fine, "{:?}", finding);
            }
        }
    }

    #[test]
    fn operand_subjects_point_to_the_operands(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        for finding in machine.findings(&nowhere()) {
            if let Subject::Operand(event, path) = &finding.subject {
                let mut at = &machine.rule(*event).follows;
                prop_assert!(!path.is_empty());
                for position in path {
                    use eventsource_model::Formula::{AllOf, AnyOf, NoneOf};
                    let (AllOf(inner) | AnyOf(inner) | NoneOf(inner)) = at else {
                        panic!("{finding:?}");
                    };
                    at = &inner[*position];
                }
            }
        }
    }

    /// Checks that each code is reported once for an event, except where it is about one of several
    /// operands or fields.
    #[test]
    fn each_code_is_reported_once_per_event(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let mut reported = Vec::new();
        for finding in machine.findings(&nowhere()) {
            if !matches!(finding.subject, Subject::Operand(..) | Subject::Requires(..)) {
                let once = (finding.code, finding.subject.event());
                prop_assert!(!reported.contains(&once), "{:?}", finding);
                reported.push(once);
            }
        }
    }

    #[test]
    fn consequences_of_a_finding_are_not_reported(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let findings = machine.findings(&nowhere());
        let formulas = [Code::Operands, Code::Contradiction];
        if findings.iter().any(|finding| finding.code == Code::NoInitialEvent) {
            let others = findings.iter().filter(|finding| !formulas.contains(&finding.code));
            prop_assert_eq!(others.count(), 1);
        }
        for event in machine.events() {
            let dead = [Code::UnreachableEvent, Code::Contradiction];
            if dead.iter().any(|code| has(&findings, *code, event)) {
                let here = findings.iter().filter(|one| one.subject.event() == Some(event));
                for finding in here {
                    let cause = dead.contains(&finding.code) || finding.code == Code::Operands;
                    prop_assert!(cause, "{:?}", finding);
                }
            }
        }
    }

    /// Removes all operands that are reported as superfluous together: the event is legal in the
    /// same states.
    #[test]
    fn redundant_operands_can_be_left_out(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let explored = machine.explore(usize::MAX);
        let findings = machine.findings(&nowhere());
        for event in machine.events() {
            let superfluous: BTreeSet<Vec<usize>> = findings
                .iter()
                .filter(|finding| finding.code == Code::RedundantOperand)
                .filter_map(|finding| match &finding.subject {
                    Subject::Operand(of, path) if *of == event => Some(path.clone()),
                    _ => None,
                })
                .collect();
            let follows = &machine.rule(event).follows;
            let shorter = without(follows, &mut Vec::new(), &superfluous);
            for found in explored.states() {
                prop_assert_eq!(follows.holds(found.state), shorter.holds(found.state));
            }
        }
    }

    /// `always(f)` equals `never(!f)`, apart from the empty state.
    #[test]
    fn never_and_always_are_duals(spec in spec(), formula in formula()) {
        let machine = Machine::compile(&spec).unwrap();
        let explored = machine.explore(usize::MAX);
        let refuted = |invariant| {
            let checks = Checks { invariants: vec![invariant], ..Checks::default() };
            let findings = machine.findings(&checks);
            findings.iter().any(|finding| finding.code == Code::Invariant)
        };
        let holds = |state: &StateSet| formula.holds(*state);
        let states: Vec<StateSet> =
            explored.states()[1..].iter().map(|found| found.state).collect();
        let back = explored.transitions().iter().any(|step| step.to == 0);
        let never = states.iter().any(holds) || (back && holds(&StateSet::EMPTY));
        prop_assert_eq!(refuted(Invariant::Never(formula.clone())), never);
        let always = !states.iter().all(holds);
        prop_assert_eq!(refuted(Invariant::Always(formula.clone())), always);
    }

    /// Compares with the definition, which explores pairs of a state and whether the formula has held.
    #[test]
    fn eventually_agrees_with_the_definition(spec in spec(), formula in formula()) {
        let machine = Machine::compile(&spec).unwrap();
        let checks = Checks {
            invariants: vec![Invariant::Eventually(formula.clone())],
            ..Checks::default()
        };
        let findings = machine.findings(&checks);
        let refuted = findings.iter().any(|finding| finding.code == Code::Invariant);
        let steps = |state: StateSet| {
            let legal: Vec<EventIndex> = machine.available(state).collect();
            legal.into_iter().map(|event| {
                let after = machine.accumulate(event, state);
                let holds = formula.holds(after) || formula.holds(after.union(StateSet::only(event)));
                (after, holds)
            }).collect::<Vec<_>>()
        };
        let mut histories = vec![(StateSet::EMPTY, false)];
        let mut next = 0;
        while next < histories.len() {
            let (state, held) = histories[next];
            next += 1;
            for (after, holds) in steps(state) {
                if !histories.contains(&(after, held || holds)) {
                    histories.push((after, held || holds));
                }
            }
        }
        let reaches = |from: StateSet| {
            let mut states = vec![from];
            let mut next = 0;
            while next < states.len() {
                let state = states[next];
                next += 1;
                for (after, holds) in steps(state) {
                    if holds {
                        return true;
                    }
                    if !states.contains(&after) {
                        states.push(after);
                    }
                }
            }
            false
        };
        let begins = machine.available(StateSet::EMPTY).next().is_some();
        // An event that never happens has a finding of its own.
        let never_happens = match &formula {
            Formula::Event(event) => {
                let mut states = histories.iter();
                !states.any(|(state, _)| machine.available(*state).any(|legal| legal == *event))
            }
            _ => false,
        };
        let lost = histories.iter().any(|(state, held)| !held && !reaches(*state));
        prop_assert_eq!(refuted, begins && !never_happens && lost);
    }

    /// Findings of a capped exploration are among those of the whole one.
    #[test]
    fn capped_exploration_has_no_false_findings(spec in spec(), cap in 1..8usize) {
        let machine = Machine::compile(&spec).unwrap();
        let capped = machine.findings(&Checks { max_states: cap, ..Checks::default() });
        let whole = machine.findings(&nowhere());
        let complete = machine.explore(cap).is_complete();
        let too_many = capped.iter().filter(|one| one.code == Code::TooManyStates);
        prop_assert_eq!(too_many.count(), usize::from(!complete));
        for finding in capped.iter().filter(|one| one.code != Code::TooManyStates) {
            let same = whole.iter().any(|other| {
                // Of events that are the same, a part may stand at another place.
                let there = other.subject.event() == finding.subject.event()
                    || finding.events.iter().all(|event| other.events.contains(event));
                other.code == finding.code && there
            });
            prop_assert!(same, "{:?}", finding);
        }
    }

    /// Both orders are legal and lead to the states in the notes.
    #[test]
    fn orders_that_matter_lead_to_different_states(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        for finding in machine.findings(&nowhere()) {
            if finding.code != Code::OrderMatters {
                continue;
            }
            let mut swapped = finding.path.clone();
            let last = swapped.len();
            swapped.swap(last - 2, last - 1);
            let end = swapped.iter().try_fold(StateSet::EMPTY, |state, event| {
                machine.validate(*event, state)
            });
            prop_assert!(end.is_ok_and(|end| end != finding.states[0]), "{:?}", finding);
        }
    }

    #[test]
    fn findings_are_deterministic(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let again = Machine::compile(&spec).unwrap();
        prop_assert_eq!(machine.findings(&nowhere()), again.findings(&nowhere()));
    }

    #[test]
    fn severities_are_those_of_the_codes_except_for_light_forms(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        for finding in machine.findings(&nowhere()) {
            let keeps = |event| machine.rule(event).accumulate == Accumulator::Keep;
            let expected = match finding.code {
                Code::Operands => Severity::Warning,
                Code::NoOperation if finding.subject.event().is_some_and(keeps) => Severity::Allowed,
                code => code.severity(),
            };
            prop_assert_eq!(finding.severity, expected);
        }
    }
}

type Formula = eventsource_model::Formula<EventIndex>;

fn without(formula: &Formula, path: &mut Vec<usize>, left_out: &BTreeSet<Vec<usize>>) -> Formula {
    let mut inner = |operands: &[Formula]| {
        let mut kept = Vec::new();
        for (position, operand) in operands.iter().enumerate() {
            path.push(position);
            if !left_out.contains(path) {
                kept.push(without(operand, path, left_out));
            }
            path.pop();
        }
        kept.into()
    };
    match formula {
        Formula::AllOf(operands) => Formula::AllOf(inner(operands)),
        Formula::AnyOf(operands) => Formula::AnyOf(inner(operands)),
        Formula::NoneOf(operands) => Formula::NoneOf(inner(operands)),
        leaf => leaf.clone(),
    }
}
