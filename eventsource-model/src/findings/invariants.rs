//! Check of the author's invariants: ES070.

use super::ends::futures;
use super::position_set::PositionSet;
use super::state_space::{Evidence, StateSpace};
use super::{Checks, Code, Finding, Invariant, Subject, words};
use crate::{EventIndex, Formula, StateSet};

pub(super) fn check(space: &StateSpace, checks: &Checks, findings: &mut Vec<Finding>) {
    for (position, invariant) in checks.invariants.iter().enumerate() {
        let found = match invariant {
            Invariant::Never(formula) => never(space, position, formula),
            Invariant::Always(formula) => always(space, position, formula),
            Invariant::Eventually(event) => eventually(space, position, *event),
        };
        findings.extend(found);
    }
}

fn finding(space: &StateSpace, position: usize, message: String, seen: Evidence) -> Finding {
    let shown = space.reached(&seen);
    Finding::new(Code::Invariant, Subject::Invariant(position), message)
        .note(shown)
        .shown_by(seen.path, seen.states)
}

fn never(space: &StateSpace, position: usize, formula: &Formula) -> Option<Finding> {
    let mut positions = space.positions_where(formula);
    if space.step_back().is_none() {
        positions = positions.and(&not_empty(space));
    }
    let seen = space.evidence_in(&positions)?;
    let text = space.machine.formula_text(formula);
    let message = format!("`{text}` must never hold, but it does");
    Some(
        finding(space, position, message, seen)
            .help("forbid the last event of that path there, or correct the invariant"),
    )
}

fn always(space: &StateSpace, position: usize, formula: &Formula) -> Option<Finding> {
    let positions = space.positions_where(formula).not().and(&not_empty(space));
    let seen = space.evidence_in(&positions)?;
    let text = space.machine.formula_text(formula);
    let message = format!("`{text}` must always hold, but it does not");
    Some(
        finding(space, position, message, seen)
            .help("forbid the last event of that path there, or correct the invariant"),
    )
}

/// Returns every state but the empty one, which is the first that is found.
fn not_empty(space: &StateSpace) -> PositionSet {
    let mut first = PositionSet::none(space.len());
    first.insert(0);
    first.not()
}

fn eventually(space: &StateSpace, position: usize, event: EventIndex) -> Option<Finding> {
    // An event that can never happen has a finding of its own.
    if !space.complete || !space.is_legal(event) {
        return None;
    }
    let futures = futures(space);
    // Breadth first through the histories without the event.
    let mut before: Vec<Option<(usize, EventIndex)>> = vec![None; space.len()];
    let mut known = PositionSet::none(space.len());
    known.insert(0);
    let (mut queue, mut next) = (vec![0], 0);
    while let Some(position) = queue.get(next).copied() {
        next += 1;
        for step in space.explored.steps_from(position) {
            if step.event != event && known.insert(step.to) {
                before[step.to] = Some((position, step.event));
                queue.push(step.to);
            }
        }
    }
    let lost = |position: &usize| !futures[*position].contains(event);
    let lost: Vec<usize> = queue.into_iter().filter(lost).collect();
    let (mut path, mut at) = (Vec::new(), *lost.first()?);
    while let Some((earlier, event)) = before[at] {
        path.push(event);
        at = earlier;
    }
    path.reverse();
    let machine = space.machine;
    let name = words::name(machine, event);
    let message = match path.last() {
        Some(last) => format!(
            "{name} has not happened and never can after {}",
            words::name(machine, *last)
        ),
        None => format!("{name} can never happen"),
    };
    let states: Vec<StateSet> = lost.iter().map(|position| space.state(*position)).collect();
    Some(
        finding(space, position, message, Evidence { path, states })
            .help(format!(
                "let {name} follow there, or forbid the last event of that path, or correct the invariant"
            ))
            .with([event]),
    )
}
