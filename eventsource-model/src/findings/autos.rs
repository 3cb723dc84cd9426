//! Checks of auto transitions: ES040 to ES043.

use super::position_set::PositionSet;
use super::state_space::StateSpace;
use super::{Code, Finding, Subject, words};
use crate::{EventIndex, StateSet, Transition};

pub(super) fn check(space: &StateSpace, findings: &mut Vec<Finding>) {
    if !space.machine.rules().any(|(_, rule)| rule.auto_transition) {
        return;
    }
    let autos = Autos::of(space);
    autos.initial(findings);
    autos.rivals(findings);
    autos.loops(findings);
    autos.requires(findings);
}

struct Autos<'a> {
    space: &'a StateSpace<'a>,
    /// Auto transition that the store writes in each state, by position.
    ///
    /// In the empty state nothing triggers one, unless an event leads back there.
    next: Vec<Option<EventIndex>>,
}

impl<'a> Autos<'a> {
    fn of(space: &'a StateSpace<'a>) -> Self {
        let machine = space.machine;
        let marked = machine.rules().filter(|(_, rule)| rule.auto_transition);
        let marked: StateSet = marked.map(|(event, _)| event).collect();
        let first = |position| -> Option<EventIndex> {
            space.legal(position).intersection(marked).iter().next()
        };
        let mut next: Vec<_> = (0..space.len()).map(first).collect();
        if space.step_back().is_none() {
            next[0] = None;
        }
        Self { space, next }
    }

    /// Reports auto transitions that are legal in the empty state (ES043).
    fn initial(&self, findings: &mut Vec<Finding>) {
        let machine = self.space.machine;
        for event in self.space.legal(0).iter() {
            if machine.rule(event).auto_transition {
                let name = words::name(machine, event);
                findings.push(
                    Finding::new(
                        Code::AutoInitial,
                        Subject::AutoTransition(event),
                        format!("{name} is an auto transition, but may be the first event"),
                    )
                    .note("an auto transition is written after another event, and before the first there is none")
                    .help("say what it follows, or remove the mark")
                    .or_allow("it is also appended as a first event"),
                );
            }
        }
    }

    /// Reports auto transitions that compete with another event (ES040).
    ///
    /// The finding belongs to the first auto transition in declaration order, which wins.
    fn rivals(&self, findings: &mut Vec<Finding>) {
        let (space, machine) = (self.space, self.space.machine);
        for event in machine.events() {
            let mut positions = PositionSet::none(space.len());
            let mut rivals = StateSet::EMPTY;
            for (position, next) in self.next.iter().enumerate() {
                if *next == Some(event) && space.legal(position).len() > 1 {
                    positions.insert(position);
                    let others = space.legal(position).difference(StateSet::only(event));
                    rivals = rivals.union(others);
                }
            }
            let Some(seen) = space.evidence_in(&positions) else {
                continue;
            };
            let name = words::name(machine, event);
            let shown = space.reached(&seen);
            findings.push(
                Finding::new(
                    Code::AutoRival,
                    Subject::AutoTransition(event),
                    format!(
                        "{name} is written by itself where {} may happen too",
                        words::names(machine, rivals.iter())
                    ),
                )
                .note(shown)
                .note("expected no other event where an auto transition is legal: the others could never happen there")
                .help(format!(
                    "let {name} follow a state of its own, or forbid the others there, or remove the mark"
                ))
                .or_allow("it is intended")
                .with(rivals.iter())
                .shown_by(seen.path, seen.states),
            );
        }
    }

    /// Returns the position after the auto transition at `position`, if it is known.
    fn after(&self, position: usize) -> Option<Transition> {
        let event = self.next[position]?;
        let mut steps = self.space.explored.steps_from(position).iter();
        steps.find(|step| step.event == event).copied()
    }

    /// Reports cycles of auto transitions (ES041), all cycles with the same first event in one
    /// finding.
    fn loops(&self, findings: &mut Vec<Finding>) {
        let (space, machine) = (self.space, self.space.machine);
        // By position: the number of the cycle that the autos end in, if they never end.
        let mut ends_in: Vec<Option<Option<usize>>> = vec![None; space.len()];
        let mut walked_from = vec![usize::MAX; space.len()];
        let mut cycles: Vec<Vec<EventIndex>> = Vec::new();
        for start in 0..space.len() {
            let mut walked: Vec<Transition> = Vec::new();
            let mut position = start;
            let cycle = loop {
                if let Some(known) = ends_in[position] {
                    break known;
                }
                if walked_from[position] == start {
                    let earlier = walked.iter().position(|step| step.from == position);
                    let round = walked.iter().skip(earlier.unwrap_or_default());
                    break Some(numbered(
                        &mut cycles,
                        round.map(|step| step.event).collect(),
                    ));
                }
                let Some(step) = self.after(position) else {
                    ends_in[position] = Some(None);
                    break None;
                };
                walked_from[position] = start;
                walked.push(step);
                position = step.to;
            };
            for step in walked {
                ends_in[step.from] = Some(cycle);
            }
        }
        for (number, cycle) in cycles.iter().enumerate() {
            let mut positions = PositionSet::none(space.len());
            for (position, ends_in) in ends_in.iter().enumerate() {
                if *ends_in == Some(Some(number)) {
                    positions.insert(position);
                }
            }
            let Some(seen) = space.evidence_in(&positions) else {
                continue;
            };
            let event = cycle[0];
            let name = words::name(machine, event);
            let message = match cycle.as_slice() {
                [_] => format!("{name} would be written for ever: it follows its own state"),
                _ => format!(
                    "auto transitions never end: {} -> {}",
                    words::path(machine, cycle),
                    machine.name_of(event)
                ),
            };
            let shown = space.reached(&seen);
            findings.push(
                Finding::new(Code::AutoLoop, Subject::AutoTransition(event), message)
                    .note(shown)
                    .note("expected auto transitions to come to a state in which none is legal")
                    .help("let one of them lead to a state that no auto transition follows, or remove the mark")
                    .or_allow("it is intended; such an append is refused")
                    .with(cycle.iter().copied())
                    .shown_by(seen.path, seen.states),
            );
        }
    }

    /// Returns the auto transitions that are written once a state is reached, by position.
    fn written(&self) -> Vec<StateSet> {
        let first = |event: &Option<EventIndex>| event.iter().copied().collect();
        let mut written: Vec<StateSet> = self.next.iter().map(first).collect();
        loop {
            let mut changed = false;
            for position in (0..written.len()).rev() {
                if let Some(step) = self.after(position) {
                    let all = written[position].union(written[step.to]);
                    changed |= all != written[position];
                    written[position] = all;
                }
            }
            if !changed {
                return written;
            }
        }
    }

    /// Reports auto transitions that require a field which is not supplied (ES042).
    ///
    /// The payload of the appended event is carried through the whole chain.
    fn requires(&self, findings: &mut Vec<Finding>) {
        let (space, machine) = (self.space, self.space.machine);
        // By auto transition and field: the triggers that lack it, with the step of the first.
        let mut lacking: Vec<(EventIndex, usize, StateSet, Transition)> = Vec::new();
        let demanding = |event: EventIndex| {
            let rule = machine.rule(event);
            rule.auto_transition && !rule.requires.is_empty()
        };
        if !machine.events().any(demanding) {
            return;
        }
        let written = self.written();
        for step in space.explored.transitions() {
            // An auto transition triggers nothing itself: the event before it does. Before the first
            // event there is none.
            if step.from != 0 && self.next[step.from].is_some() {
                continue;
            }
            let supplied = &machine.rule(step.event).requires;
            for auto in written[step.to].iter() {
                let required = machine.rule(auto).requires.iter().enumerate();
                for (field, _) in required.filter(|(_, field)| !supplied.contains(field)) {
                    let trigger = StateSet::only(step.event);
                    let same = |entry: &&mut (EventIndex, usize, StateSet, Transition)| {
                        (entry.0, entry.1) == (auto, field)
                    };
                    match lacking.iter_mut().find(same) {
                        Some(entry) => entry.2 = entry.2.union(trigger),
                        None => lacking.push((auto, field, trigger, *step)),
                    }
                }
            }
        }
        lacking.sort_by_key(|entry| (entry.0, entry.1));
        for (event, field, triggers, step) in lacking {
            let name = words::name(machine, event);
            let field = machine.rule(event).requires[field].as_ref();
            let lacks = match triggers.len() {
                1 => "does not supply",
                _ => "do not supply",
            };
            let path = space.path_through(step);
            let note = format!(
                "reached by {}, the state is then {}",
                words::path(machine, &path),
                words::state(machine, space.state(step.to))
            );
            let triggers_text = words::names(machine, triggers.iter());
            findings.push(
                Finding::new(
                    Code::AutoRequires,
                    Subject::Requires(event, field.to_owned()),
                    format!(
                        "{name} is written by itself after {triggers_text}, which {lacks} `{field}`"
                    ),
                )
                .note(note)
                .note("an auto transition takes over the fields of the event that was appended")
                .help(format!(
                    "let {triggers_text} require `{field}` too, or do not require it in {name}"
                ))
                .or_allow("it is always given")
                .with(triggers.iter())
                .shown_by(path, vec![space.state(step.to)]),
            );
        }
    }
}

/// Returns the number of a cycle, wherever it was entered.
///
/// Cycles with the same first event, in declaration order, share a number: the nearest is shown.
fn numbered(cycles: &mut Vec<Vec<EventIndex>>, mut events: Vec<EventIndex>) -> usize {
    let first = events.iter().enumerate().min_by_key(|(_, event)| **event);
    let first = first.map_or(0, |(position, _)| position);
    events.rotate_left(first);
    let same = |cycle: &Vec<EventIndex>| cycle.first() == events.first();
    cycles.iter().position(same).unwrap_or_else(|| {
        cycles.push(events);
        cycles.len() - 1
    })
}
