//! Checks of events that differ in little, or do little: ES050 to ES052.

use super::state_space::StateSpace;
use super::{Checks, Code, Finding, Severity, Subject, words};
use crate::{Accumulator, EventIndex, EventRule, StateSet, Transition, Update};

pub(super) fn check(space: &StateSpace, checks: &Checks, findings: &mut Vec<Finding>) {
    equivalent(space, checks, findings);
    order_matters(space, findings);
    no_operation(space, checks, findings);
}

/// Restricts the update to the machine's own event types.
fn within(space: &StateSpace, update: Update) -> Update {
    Update {
        keep: update.keep.intersection(space.members),
        add: update.add,
    }
}

/// Reports events with the same rules (ES050), each group in one finding.
///
/// The weight is light in any case: often the name is all that is to be recorded.
fn equivalent(space: &StateSpace, checks: &Checks, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    let mut reported = StateSet::EMPTY;
    for (event, rule) in machine.rules() {
        if reported.contains(event) || !space.is_legal(event) {
            continue;
        }
        let mut same: Vec<EventIndex> = machine
            .rules()
            .skip(event.get() + 1)
            .filter(|(other, _)| space.is_legal(*other) && !checks.carrying.contains(*other))
            .filter(|(other, theirs)| same_marks(rule, theirs) && alike(space, event, *other))
            .map(|(other, _)| other)
            .collect();
        if same.is_empty() || checks.carrying.contains(event) {
            continue;
        }
        reported = same.iter().copied().fold(reported, |reported, other| {
            reported.union(StateSet::only(other))
        });
        let subject = Subject::Event(same[0]);
        same.insert(0, event);
        findings.push(
            Finding::new(
                Code::EquivalentEvents,
                subject,
                format!(
                    "{} differ in nothing but the name",
                    words::names(machine, same.iter().copied())
                ),
            )
            .note("they are legal in the same states, lead to the same states and require the same fields")
            .help("make them one event, or say where they differ")
            .or_allow("the name is what is to be recorded")
            .with(same),
        );
    }
}

fn same_marks(one: &EventRule, other: &EventRule) -> bool {
    let marks = |rule: &EventRule| {
        let sorted = |names: &[std::borrow::Cow<'static, str>]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names
        };
        (
            rule.restarting,
            rule.auto_transition,
            rule.terminal,
            sorted(&rule.requires),
            sorted(&rule.roles),
            sorted(&rule.readers),
            rule.internal,
            rule.timer.clone(),
        )
    };
    marks(one) == marks(other)
}

fn alike(space: &StateSpace, one: EventIndex, other: EventIndex) -> bool {
    let machine = space.machine;
    let (mine, theirs) = (machine.rule(one), machine.rule(other));
    if !space.complete {
        let update = within(space, mine.update) == within(space, theirs.update);
        return update && mine.clauses == theirs.clauses;
    }
    let steps = |event| {
        space
            .steps(event)
            .map(|step: Transition| (step.from, step.to))
    };
    steps(one).eq(steps(other))
}

/// Reports the order of events that matters (ES051), one finding for all that an event does not
/// commute with.
fn order_matters(space: &StateSpace, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    for (event, rule) in machine.rules() {
        let mut others = StateSet::EMPTY;
        let mut shown: Option<(usize, EventIndex)> = None;
        for (other, theirs) in machine.rules().skip(event.get() + 1) {
            let (one, two) = (rule.update, theirs.update);
            if within(space, one.then(two)) == within(space, two.then(one)) {
                continue;
            }
            // One adds an event that the other drops, so the states differ; only legality is checked.
            let differs = |position: &usize| {
                let state = space.state(*position);
                space.legal(*position).contains(other)
                    && machine.may_follow(other, one.apply(state))
                    && machine.may_follow(event, two.apply(state))
            };
            let from = space.steps(event).map(|step| step.from);
            if let Some(position) = from.into_iter().find(differs) {
                others = others.union(StateSet::only(other));
                shown = Some(shown.map_or((position, other), |shown| shown.min((position, other))));
            }
        }
        let Some((position, other)) = shown else {
            continue;
        };
        let order = |events: [EventIndex; 2]| {
            let mut path = space.explored.path_to_position(position);
            path.extend(events);
            let state = events.iter().fold(space.state(position), |state, event| {
                machine.accumulate(*event, state)
            });
            (path, state)
        };
        let (path, after) = order([event, other]);
        let (other_path, other_after) = order([other, event]);
        let note = |path: &[EventIndex], state| {
            let state = words::state(machine, state);
            format!("{} leads to {state}", words::path(machine, path))
        };
        findings.push(
            Finding::new(
                Code::OrderMatters,
                Subject::Event(event),
                format!(
                    "the order of {} and {} matters",
                    words::name(machine, event),
                    words::names(machine, others.iter())
                ),
            )
            .note(note(&path, after))
            .note(note(&other_path, other_after))
            .help("say `accumulate = union()` in both if they are independent")
            .or_allow("you have seen it")
            .with(others.iter())
            .shown_by(path, vec![after]),
        );
    }
}

/// Reports events without effect (ES052); above the cap only those that never change any state.
fn no_operation(space: &StateSpace, checks: &Checks, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    for (event, rule) in machine.rules() {
        let marked = rule.restarting || rule.auto_transition || rule.terminal;
        let carries = !rule.requires.is_empty() || checks.carrying.contains(event);
        // An event that leaves the empty state empty has a graver finding.
        let stays_empty =
            machine.is_initial(event) && rule.update.apply(StateSet::EMPTY).is_empty();
        if marked || carries || stays_empty || !space.is_legal(event) {
            continue;
        }
        let keeps = within(space, rule.update)
            == within(
                space,
                Update {
                    keep: StateSet::ALL,
                    add: StateSet::EMPTY,
                },
            );
        let same = |step: Transition| step.from == step.to;
        let idle = keeps || (space.complete && space.steps(event).all(same));
        if !idle {
            continue;
        }
        let Some(seen) = space.evidence_after(event, same) else {
            continue;
        };
        let name = words::name(machine, event);
        let shown = space.reached(&seen);
        let mut finding = Finding::new(
            Code::NoOperation,
            Subject::Event(event),
            format!("{name} changes nothing and carries nothing"),
        )
        .note(shown)
        .note(format!(
            "the state is the same before and after {name}, wherever it is legal"
        ))
        .help("give it a field, or let it change the state, such as with `union()`")
        .or_allow("it is enough to know that it happened")
        .shown_by(seen.path, seen.states);
        // With `keep` the author says that the event need not change the state.
        if rule.accumulate == Accumulator::Keep {
            finding.severity = Severity::Allowed;
        }
        findings.push(finding);
    }
}
