//! Checks of how histories end: ES020 to ES025.

use super::position_set::PositionSet;
use super::state_space::StateSpace;
use super::{Code, Finding, Subject, words};
use crate::{Accumulator, EventIndex, StateSet, Transition};

pub(super) fn check(space: &StateSpace, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    for (event, rule) in machine.rules() {
        let name = words::name(machine, event);
        if machine.is_initial(event) && machine.accumulate(event, StateSet::EMPTY).is_empty() {
            findings.push(stays_empty(space, event));
        }
        let emptied = space.evidence_after(event, |step| step.to == 0 && step.from != 0);
        if let Some(seen) = emptied {
            let shown = space.reached(&seen);
            findings.push(
                Finding::new(
                    Code::BecomesEmpty,
                    Subject::Accumulate(event),
                    format!("{name} makes the state empty again"),
                )
                .note(shown)
                .note(format!(
                    "then {} may happen as if nothing had happened before",
                    words::names(machine, space.legal(0).iter())
                ))
                .help("leave an event in the state, such as with `alias(..)` of the first one")
                .or_allow("the entity is to begin anew")
                .with(space.legal(0).iter())
                .shown_by(seen.path, seen.states),
            );
        }
        if rule.terminal {
            let goes_on = |step: Transition| step.to != 0 && !space.legal(step.to).is_empty();
            findings.extend(not_terminal(space, event, goes_on));
        } else if let Some(seen) =
            space.evidence_after(event, |step| space.legal(step.to).is_empty())
        {
            let shown = space.reached(&seen);
            let mut finding = Finding::new(
                Code::DeadEnd,
                Subject::Event(event),
                format!("nothing may follow {name}"),
            )
            .note(shown)
            .help(format!(
                "mark {name} as `terminal` if the entity's life ends with it"
            ))
            .help("or let another event follow it");
            finding.help.extend(accumulators(&name, &rule.accumulate));
            findings.push(
                finding
                    .or_allow("it is intended")
                    .shown_by(seen.path, seen.states),
            );
        }
    }
    if space.complete {
        never_ends(space, findings);
        points_of_no_return(space, findings);
    }
}

/// Suggests the accumulators that leave events in the state for others to follow.
fn accumulators(name: &str, accumulate: &Accumulator) -> Option<String> {
    let by_default = match accumulate {
        Accumulator::Keep | Accumulator::Union => return None,
        Accumulator::Current => format!(": by default {name} replaces it"),
        _ => String::new(),
    };
    Some(format!(
        "or write `accumulate = union()`, which adds {name} to the state, or `accumulate = keep()`, which leaves the state as it was{by_default}"
    ))
}

fn stays_empty(space: &StateSpace, event: EventIndex) -> Finding {
    let name = words::name(space.machine, event);
    Finding::new(
        Code::StaysEmpty,
        Subject::Accumulate(event),
        format!("{name} may be the first event, but leaves the state empty"),
    )
    .note(format!(
        "so after {name} it is as if nothing had happened, and {name} may be the first again"
    ))
    .note(format!(
        "expected {name}, or another event, to be in the state after it"
    ))
    .help("leave out the `accumulate`, or say `accumulate = union()`")
    .or_allow("it is intended")
    .shown_by(vec![event], vec![StateSet::EMPTY])
}

fn not_terminal(
    space: &StateSpace,
    event: EventIndex,
    goes_on: impl Fn(Transition) -> bool,
) -> Option<Finding> {
    let machine = space.machine;
    let seen = space.evidence_after(event, goes_on)?;
    let first = space.explored.position_of(seen.states[0])?;
    let followers = space.legal(first);
    let name = words::name(machine, event);
    let shown = space.reached(&seen);
    let finding = Finding::new(
        Code::NotTerminal,
        Subject::Terminal(event),
        format!(
            "{name} is marked `terminal`, but {} may follow it",
            words::names(machine, followers.iter())
        ),
    )
    .note(shown)
    .help(format!(
        "remove the mark, or forbid {name} in what may follow it, such as with `non_terminal`"
    ))
    .or_allow("it is intended");
    Some(
        finding
            .with(followers.iter())
            .shown_by(seen.path, seen.states),
    )
}

/// Reports events after which no terminal event can be reached (ES024).
///
/// Dead ends count as ends here: they have findings of their own.
fn never_ends(space: &StateSpace, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    let terminal: Vec<EventIndex> = machine
        .rules()
        .filter(|(event, rule)| rule.terminal && space.is_legal(*event))
        .map(|(event, _)| event)
        .collect();
    if terminal.is_empty() {
        return;
    }
    let mut ends = PositionSet::none(space.len());
    let mut pending = Vec::new();
    let ended = |step: &&Transition| machine.rule(step.event).terminal;
    let after_terminal = space.explored.transitions().iter().filter(ended);
    let dead = (0..space.len()).filter(|position| space.legal(*position).is_empty());
    for position in after_terminal.map(|step| step.to).chain(dead) {
        if ends.insert(position) {
            pending.push(position);
        }
    }
    let mut before = vec![Vec::new(); space.len()];
    for step in space.explored.transitions() {
        before[step.to].push(step.from);
    }
    while let Some(position) = pending.pop() {
        for from in &before[position] {
            if ends.insert(*from) {
                pending.push(*from);
            }
        }
    }
    for event in machine.events() {
        let enters = |step: Transition| ends.contains(step.from) && !ends.contains(step.to);
        let Some(seen) = space.evidence_after(event, enters) else {
            continue;
        };
        let shown = space.reached(&seen);
        let name = words::name(machine, event);
        findings.push(
            Finding::new(
                Code::NeverEnds,
                Subject::Event(event),
                format!("after {name} the history can never end"),
            )
            .note(shown)
            .note(format!(
                "from there no event marked `terminal` can be reached: {}",
                words::names(machine, terminal.iter().copied())
            ))
            .help("let a terminal event follow, or mark the last event as `terminal`")
            .or_allow("it is intended")
            .with(terminal.iter().copied())
            .shown_by(seen.path, seen.states),
        );
    }
}

/// Returns the events that can still happen from each state, by position.
fn futures(space: &StateSpace) -> Vec<StateSet> {
    let mut futures: Vec<StateSet> = (0..space.len())
        .map(|position| space.legal(position))
        .collect();
    // Steps lead mostly to states found later, so a few rounds from the last state are enough.
    loop {
        let mut changed = false;
        for position in (0..space.len()).rev() {
            let mut future = futures[position];
            for step in space.explored.steps_from(position) {
                future = future.union(futures[step.to]);
            }
            changed |= future != futures[position];
            futures[position] = future;
        }
        if !changed {
            return futures;
        }
    }
}

/// Reports events after which another can never happen again (ES025).
///
/// Not reported: events that cannot happen twice, and terminal events, which end everything.
fn points_of_no_return(space: &StateSpace, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    let futures = futures(space);
    for event in machine.events() {
        let lost = |step: Transition| {
            futures[step.from]
                .difference(futures[step.to])
                .difference(StateSet::only(event))
        };
        let passes = |step: Transition| !space.legal(step.to).is_empty() && !lost(step).is_empty();
        let Some(seen) = space.evidence_after(event, passes) else {
            continue;
        };
        let first = space.steps(event).find(|step| passes(*step));
        let lost = first.map(lost).unwrap_or_default();
        let shown = space.reached(&seen);
        findings.push(
            Finding::new(
                Code::PointOfNoReturn,
                Subject::Event(event),
                format!(
                    "after {} never again: {}",
                    words::name(machine, event),
                    words::names(machine, lost.iter())
                ),
            )
            .note(shown)
            .help("no change is needed if this is intended")
            .or_allow("you have seen it")
            .with(lost.iter())
            .shown_by(seen.path, seen.states),
        );
    }
}
