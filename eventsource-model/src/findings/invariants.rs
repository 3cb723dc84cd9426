//! Check of the author's invariants: ES070.

use super::position_set::PositionSet;
use super::state_space::{Evidence, StateSpace};
use super::{Checks, Code, Finding, Invariant, Subject, words};
use crate::{EventIndex, Formula, StateSet, Transition};

pub(super) fn check(space: &StateSpace, checks: &Checks, findings: &mut Vec<Finding>) {
    for (position, invariant) in checks.invariants.iter().enumerate() {
        let found = match invariant {
            Invariant::Never(formula) => never(space, position, formula),
            Invariant::Always(formula) => always(space, position, formula),
            Invariant::Eventually(formula) => eventually(space, position, formula),
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

/// Searches the histories in which the formula has not held yet for one in which it never can.
fn eventually(space: &StateSpace, position: usize, formula: &Formula) -> Option<Finding> {
    if !space.complete {
        return None;
    }
    // An event that can never happen has a finding of its own.
    if let Formula::Event(event) = formula
        && !space.is_legal(*event)
    {
        return None;
    }
    // The event itself counts as in the state, for a state may forget it at once.
    let holds = |step: &Transition| {
        let after = space.state(step.to);
        formula.holds(after) || formula.holds(after.union(StateSet::only(step.event)))
    };
    let hopeful = can_reach(space, holds);
    // Breadth first through the histories in which it has not held.
    let mut before: Vec<Option<(usize, EventIndex)>> = vec![None; space.len()];
    let mut known = PositionSet::none(space.len());
    known.insert(0);
    let (mut queue, mut next) = (vec![0], 0);
    while let Some(position) = queue.get(next).copied() {
        next += 1;
        for step in space.explored.steps_from(position) {
            if !holds(step) && known.insert(step.to) {
                before[step.to] = Some((position, step.event));
                queue.push(step.to);
            }
        }
    }
    let lost: Vec<usize> = (queue.into_iter())
        .filter(|position| !hopeful.contains(*position))
        .collect();
    let (mut path, mut at) = (Vec::new(), *lost.first()?);
    while let Some((earlier, event)) = before[at] {
        path.push(event);
        at = earlier;
    }
    path.reverse();
    let machine = space.machine;
    let (text, has) = match formula {
        Formula::Event(event) => (words::name(machine, *event), "happened"),
        formula => (format!("`{}`", machine.formula_text(formula)), "held"),
    };
    let message = match path.last() {
        Some(last) => format!(
            "{text} has not {has} and never can after {}",
            words::name(machine, *last)
        ),
        None => format!("{text} can never hold"),
    };
    let states: Vec<StateSet> = lost.iter().map(|position| space.state(*position)).collect();
    let help = match formula {
        Formula::Event(_) => format!("let {text} follow there, or forbid the last event of that path, or correct the invariant"),
        _ => "let an event that leads to it follow there, or forbid the last event of that path, or correct the invariant".to_owned(),
    };
    let found = finding(space, position, message, Evidence { path, states }).help(help);
    Some(match formula {
        Formula::Event(event) => found.with([*event]),
        _ => found,
    })
}

/// Returns the states from which some continuation has a step that `holds` accepts.
fn can_reach(space: &StateSpace, holds: impl Fn(&Transition) -> bool) -> PositionSet {
    let mut before = vec![Vec::new(); space.len()];
    let mut reached = PositionSet::none(space.len());
    let mut pending = Vec::new();
    for step in space.explored.transitions() {
        before[step.to].push(step.from);
        if holds(step) && reached.insert(step.from) {
            pending.push(step.from);
        }
    }
    while let Some(position) = pending.pop() {
        for from in &before[position] {
            if reached.insert(*from) {
                pending.push(*from);
            }
        }
    }
    reached
}
