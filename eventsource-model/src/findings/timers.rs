//! Checks of timed events: ES110 to ES112.

use super::position_set::PositionSet;
use super::state_space::{Evidence, StateSpace};
use super::{Checks, Code, Finding, Subject, words};
use crate::{EventIndex, StateSet, Timer, Transition};

pub(super) fn check(space: &StateSpace, checks: &Checks, findings: &mut Vec<Finding>) {
    for event in space.machine.timed().iter() {
        timed_event(space, event, findings);
        findings.extend(overtaken(space, event));
        findings.extend(never_set(space, checks, event));
        findings.extend(tie(space, event));
    }
}

/// Reports what keeps an event from being written by itself (ES110).
fn timed_event(space: &StateSpace, event: EventIndex, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    let rule = machine.rule(event);
    let name = words::name(machine, event);
    if rule.auto_transition {
        findings.push(
            Finding::new(
                Code::TimedEvent,
                Subject::AutoTransition(event),
                format!("{name} has a timer, and is an auto transition too"),
            )
            .note("an auto transition is written as soon as it is legal, so its timer would never end")
            .help("remove `auto_transition`, or the timer"),
        );
    }
    if machine.is_initial(event) {
        findings.push(
            Finding::new(
                Code::TimedEvent,
                Subject::Timer(event),
                format!("{name} has a timer, but may be the first event"),
            )
            .note("before the first event there is no entity whose time could come")
            .help("say what it follows, or remove the timer"),
        );
    }
    for field in rule.requires.iter() {
        findings.push(
            Finding::new(
                Code::TimedEvent,
                Subject::Requires(event, field.to_string()),
                format!("{name} is written by itself, so nobody supplies `{field}`"),
            )
            .note("expected no required field in an event with a timer")
            .help(format!(
                "remove `{field}`, or make it an `Option`: the data of the entity stays as it was"
            )),
        );
    }
}

/// Returns the first step that leads to one of these states.
fn step_into(space: &StateSpace, shows: impl Fn(Transition) -> bool) -> Option<Transition> {
    let steps = space.explored.transitions().iter().copied();
    steps.into_iter().find(|step| shows(*step))
}

/// Reports a timed event whose states are all left at once, by an auto transition (ES111).
fn overtaken(space: &StateSpace, event: EventIndex) -> Option<Finding> {
    let machine = space.machine;
    if machine.rule(event).auto_transition || !space.is_legal(event) || !space.complete {
        return None;
    }
    let autos = machine.rules().filter(|(_, rule)| rule.auto_transition);
    let autos: StateSet = autos.map(|(event, _)| event).collect();
    let mut positions = PositionSet::none(space.len());
    let mut rivals = StateSet::EMPTY;
    for position in (0..space.len()).filter(|n| space.legal(*n).contains(event)) {
        let overtaking = space.legal(position).intersection(autos);
        // An entity rests here, except in the empty state, which has no entity.
        if overtaking.is_empty() && position > 0 {
            return None;
        }
        rivals = rivals.union(overtaking);
        positions.insert(position);
    }
    if rivals.is_empty() {
        return None;
    }
    let seen = space.evidence_in(&positions)?;
    let name = words::name(machine, event);
    let shown = space.reached(&seen);
    Some(
        Finding::new(
            Code::IdleTimer,
            Subject::Timer(event),
            format!(
                "the timer of {name} can never run: {} comes at once wherever {name} is legal",
                words::names(machine, rivals.iter())
            ),
        )
        .note(shown)
        .note("a timer runs while its event is legal, and an auto transition leaves no such while")
        .help(format!(
            "let {name} follow a state in which the entity waits, or remove the timer"
        ))
        .or_allow("it is not to run yet")
        .with(rivals.iter())
        .shown_by(seen.path, seen.states),
    )
}

/// Reports a timer whose field has no value wherever its event is legal (ES111).
fn never_set(space: &StateSpace, checks: &Checks, event: EventIndex) -> Option<Finding> {
    let machine = space.machine;
    let Some(Timer::At { field }) = &machine.rule(event).timer else {
        return None;
    };
    let (_, setting) = checks.setting.iter().find(|(timed, _)| *timed == event)?;
    if !space.complete || !space.is_legal(event) {
        return None;
    }
    // States that a history reaches in which the field has a value.
    let mut valued = PositionSet::none(space.len());
    let steps = space.explored.transitions().iter();
    let mut pending: Vec<usize> = steps
        .filter(|step| setting.contains(step.event))
        .map(|step| step.to)
        .filter(|position| valued.insert(*position))
        .collect();
    while let Some(position) = pending.pop() {
        for step in space.explored.steps_from(position) {
            if valued.insert(step.to) {
                pending.push(step.to);
            }
        }
    }
    if (0..space.len()).any(|n| space.legal(n).contains(event) && valued.contains(n)) {
        return None;
    }
    let into = step_into(space, |step| space.legal(step.to).contains(event))?;
    let seen = Evidence {
        path: space.path_through(into),
        states: vec![space.state(into.to)],
    };
    let name = words::name(machine, event);
    let shown = space.reached(&seen);
    Some(
        Finding::new(
            Code::IdleTimer,
            Subject::Timer(event),
            format!("the timer of {name} can never run: `{field}` has no value before it"),
        )
        .note(shown)
        .note(match setting.is_empty() {
            true => format!("no event sets `{field}`"),
            false => format!(
                "{} would set `{field}`, but can only come later",
                words::names(machine, setting.iter())
            ),
        })
        .help(format!(
            "let {name} follow an event that sets `{field}`, or name another field"
        ))
        .or_allow("it is not to run yet")
        .with(setting.iter())
        .shown_by(seen.path, seen.states),
    )
}

/// Reports timers that end at the same moment, where the order decides what happens (ES112).
///
/// The finding belongs to the first of the two in declaration order.
fn tie(space: &StateSpace, event: EventIndex) -> Option<Finding> {
    let machine = space.machine;
    let timer = machine.rule(event).timer.as_ref()?;
    let others = machine.timed().iter();
    let others =
        others.filter(|other| other > &event && machine.rule(*other).timer.as_ref() == Some(timer));
    let (mut rivals, mut positions) = (StateSet::EMPTY, PositionSet::none(space.len()));
    let mut first: Option<Transition> = None;
    for other in others {
        let both = |position: usize| {
            let legal = space.legal(position);
            legal.contains(event) && legal.contains(other) && decides(space, position, event, other)
        };
        // Of a field the time is the same however long the events have been legal.
        let together = |step: Transition| match timer {
            Timer::At { .. } => true,
            Timer::After { .. } => {
                let began = |timed| {
                    !space.legal(step.from).contains(timed)
                        || step.event == timed
                        || machine.rule(step.event).restarting
                };
                began(event) && began(other)
            }
        };
        for step in space.explored.transitions() {
            if step.to > 0 && both(step.to) && together(*step) {
                rivals = rivals.union(StateSet::only(other));
                positions.insert(step.to);
                let nearer = |known: &Transition| step.to < known.to;
                if first.as_ref().is_none_or(nearer) {
                    first = Some(*step);
                }
            }
        }
    }
    let first = first?;
    let mut states = vec![space.state(first.to)];
    states.extend(
        positions
            .iter()
            .filter(|n| *n != first.to)
            .map(|n| space.state(n)),
    );
    let seen = Evidence {
        path: space.path_through(first),
        states,
    };
    let name = words::name(machine, event);
    let shown = space.reached(&seen);
    Some(
        Finding::new(
            Code::TimerTie,
            Subject::Timer(event),
            format!(
                "the timers of {name} and {} end at the same moment",
                words::names(machine, rivals.iter())
            ),
        )
        .note(shown)
        .note(format!(
            "both are written {timer}, and what happens then depends on which is the first"
        ))
        .help("give one of them another time, or let them follow different states")
        .or_allow("the first in the order of declaration is to be written first")
        .with(rivals.iter())
        .shown_by(seen.path, seen.states),
    )
}

/// Returns whether the order of two events that are legal there makes a difference.
fn decides(space: &StateSpace, position: usize, one: EventIndex, other: EventIndex) -> bool {
    let machine = space.machine;
    let state = space.state(position);
    let (after_one, after_other) = (
        machine.accumulate(one, state),
        machine.accumulate(other, state),
    );
    !machine.may_follow(other, after_one)
        || !machine.may_follow(one, after_other)
        || machine.accumulate(other, after_one) != machine.accumulate(one, after_other)
}
