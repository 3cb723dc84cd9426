//! Check for too many states: ES060.

use super::checks::MAX_STATES;
use super::state_space::StateSpace;
use super::{Checks, Code, Finding, Severity, Subject, words};
use crate::{EventIndex, StateSet};

/// Number of states that are examined for independent events: events that are independent are so in
/// states near the beginning.
const MAX_EXAMINED_STATES: usize = 256;

pub(super) fn check(space: &StateSpace, checks: &Checks, findings: &mut Vec<Finding>) {
    if space.complete {
        return;
    }
    let explored = space.len();
    let beyond = checks.max_states > MAX_STATES;
    let (severity, message) = if beyond {
        (
            Severity::Error,
            format!("the machine has more than {MAX_STATES} states, the most that can be explored"),
        )
    } else {
        (
            Severity::Warning,
            format!("the machine has more than {explored} states, so not all were explored"),
        )
    };
    let mut finding = Finding::new(Code::TooManyStates, Subject::Machine, message)
        .weighing(severity)
        .note("checked only in part: events that can never happen; not checked: redundant operands, histories that never end, `eventually(..)`")
        .note("the other findings are about the states that were explored");
    let independent = independent(space);
    let count = independent.len();
    if count > 1 {
        finding = finding
            .note(format!(
                "{} may each happen or not, in any order: {count} such events make up to 2^{count} states",
                words::names(space.machine, independent.iter().copied())
            ))
            .help("let some of them replace the state instead of `union()`, or follow each other, or divide the machine in two");
    }
    if !beyond {
        let or = if finding.help.is_empty() { "" } else { "or " };
        finding = finding.help(format!(
            "{or}explore more with `max_states = {}`, at most {MAX_STATES}",
            (explored * 4).next_power_of_two().min(MAX_STATES)
        ));
    }
    findings.push(finding.or_allow("it is intended").with(independent));
}

/// Finds a large group of events that add to the state and can happen in any order.
///
/// Grown from each event in declaration order, so it is not always the largest there is.
fn independent(space: &StateSpace) -> Vec<EventIndex> {
    let machine = space.machine;
    let adds = |event: &EventIndex| {
        let update = machine.rule(*event).update;
        update.keep.contains_all(space.members) && !update.add.is_empty() && space.is_legal(*event)
    };
    let both_orders = |one: EventIndex, other: EventIndex| {
        let from = space
            .steps(one)
            .take(MAX_EXAMINED_STATES)
            .map(|step| step.from);
        from.into_iter().any(|position| {
            if !space.legal(position).contains(other) {
                return false;
            }
            let state = space.state(position);
            let first = machine.accumulate(one, state);
            let second = machine.accumulate(other, state);
            first != state
                && second != state
                && machine.may_follow(other, first)
                && machine.may_follow(one, second)
        })
    };
    let adding: Vec<EventIndex> = machine.events().filter(adds).collect();
    let mut partners = vec![StateSet::EMPTY; machine.len()];
    for (position, one) in adding.iter().enumerate() {
        for other in &adding[position + 1..] {
            if both_orders(*one, *other) {
                let pair = [(*one, *other), (*other, *one)];
                for (one, other) in pair {
                    partners[one.get()] = partners[one.get()].union(StateSet::only(other));
                }
            }
        }
    }
    let mut largest = StateSet::EMPTY;
    for first in adding {
        let mut group = StateSet::only(first);
        for other in partners[first.get()].iter() {
            if partners[other.get()].contains_all(group) {
                group = group.union(StateSet::only(other));
            }
        }
        if group.len() > largest.len() {
            largest = group;
        }
    }
    largest.iter().collect()
}
