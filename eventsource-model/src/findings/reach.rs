//! Checks of events that can never happen: ES010 and ES012.

use super::operands::operands;
use super::state_space::StateSpace;
use super::{Code, Finding, Subject, words};
use crate::{EventIndex, Formula, StateSet};

/// Reports a machine in which nothing can happen (ES010); returns whether something can.
pub(super) fn begins(space: &StateSpace, findings: &mut Vec<Finding>) -> bool {
    if !space.legal(0).is_empty() {
        return true;
    }
    findings.push(
        Finding::new(
            Code::NoInitialEvent,
            Subject::Machine,
            "no event may be the first",
        )
        .note("expected an event that is legal in the empty state, where every history begins")
        .note("so no event of this machine can ever happen")
        .help("leave out the `follows` of the first event, or say `follows = nothing()`")
        .or_allow("it is intended"),
    );
    false
}

pub(super) fn check(space: &StateSpace, findings: &mut Vec<Finding>) {
    let impossible = space
        .machine
        .events()
        .filter(|event| !space.contradictory.contains(*event) && !space.is_legal(*event))
        .filter(|event| !space.machine.rule(*event).rejection);
    if space.complete {
        let blames: Vec<Blame> = impossible
            .map(|event| Blame::of_event(space, event))
            .collect();
        findings.extend(blames.iter().map(|blame| unreachable(blame, &blames)));
    } else {
        let possible = possible(space);
        let unprovided = impossible.filter(|event| !possible.contains(*event));
        findings.extend(unprovided.map(|event| never_provided(space, event)));
    }
}

/// Returns a superset of the events that can happen: those that could if no formula forbade any.
///
/// An event that is not among them can never happen, whether or not all states were explored.
fn possible(space: &StateSpace) -> StateSet {
    let (mut possible, mut provided) = (StateSet::EMPTY, StateSet::EMPTY);
    loop {
        let before = (possible, provided);
        for (event, rule) in space.machine.rules() {
            let mut ways = rule.clauses.iter();
            if ways.any(|clause| provided.contains_all(clause.all)) {
                possible = possible.union(StateSet::only(event));
                provided = provided.union(rule.update.add);
            }
        }
        if before == (possible, provided) {
            return possible;
        }
    }
}

fn never_provided(space: &StateSpace, event: EventIndex) -> Finding {
    let name = words::name(space.machine, event);
    let follows = &space.machine.rule(event).follows;
    finished(
        space,
        event,
        Finding::new(
            Code::UnreachableEvent,
            Subject::Follows(event),
            format!(
                "{name} can never happen: no event adds the events that it asks for to the state"
            ),
        )
        .note(format!(
            "{name} follows `{}`",
            space.machine.formula_text(follows)
        )),
    )
}

fn unreachable(blame: &Blame, all: &[Blame]) -> Finding {
    let (space, event) = (blame.space, blame.event);
    let name = words::name(space.machine, event);
    let follows = &space.machine.rule(event).follows;
    let mut finding = Finding::new(
        Code::UnreachableEvent,
        Subject::operand(event, blame.path.clone()),
        format!("{name} can never happen: {}", blame.reason),
    )
    .with(blame.events.iter().copied());
    if let Some(first) = blame.consequence_of(all) {
        // The cause has the explanation; one mistake can have many such consequences.
        let first = words::name(space.machine, first);
        return finding
            .help(format!("correct {first} first"))
            .or_allow("the event is not to happen yet");
    }
    finding.notes.extend(blame.notes.iter().cloned());
    let text = space.machine.formula_text(follows);
    let finding = finding.note(match space.len() {
        1 => format!("{name} follows `{text}`, but the state is always empty"),
        states => {
            format!("{name} follows `{text}`, which holds in none of the {states} reachable states")
        }
    });
    finished(space, event, finding)
}

fn finished(space: &StateSpace, event: EventIndex, finding: Finding) -> Finding {
    let name = words::name(space.machine, event);
    finding
        .help(format!(
            "let {name} follow a state that can be reached, or change the `accumulate` of the events before: \
             `union()` adds to the state instead of replacing it"
        ))
        .or_allow("the event is not to happen yet")
}

/// Search for the part of a formula that makes an event unreachable.
struct Blame<'a> {
    space: &'a StateSpace<'a>,
    event: EventIndex,
    reason: String,
    path: Vec<usize>,
    events: Vec<EventIndex>,
    notes: Vec<String>,
    /// Event that can never happen either and blocks this one.
    because_of: Option<EventIndex>,
}

impl<'a> Blame<'a> {
    fn of_event(space: &'a StateSpace<'a>, event: EventIndex) -> Self {
        let mut blame = Self {
            space,
            event,
            reason: String::new(),
            path: Vec::new(),
            events: Vec::new(),
            notes: Vec::new(),
            because_of: None,
        };
        blame.reason = blame.of(&space.machine.rule(event).follows);
        blame
    }

    /// Returns the event to correct first, unless each waits for the other.
    fn consequence_of(&self, all: &[Self]) -> Option<EventIndex> {
        let mut next = self.because_of;
        for _ in all {
            let Some(event) = next else {
                return self.because_of;
            };
            let blame = all.iter().find(|blame| blame.event == event);
            next = blame.and_then(|blame| blame.because_of);
        }
        next.is_none().then_some(self.because_of).flatten()
    }

    /// Explains why `formula`, which holds in no state, does not hold.
    fn of(&mut self, formula: &Formula) -> String {
        let text = self.space.machine.formula_text(formula);
        match formula {
            Formula::Event(asked) => self.absent(*asked),
            Formula::AllOf(inner) => {
                let positions: Vec<_> = inner
                    .iter()
                    .map(|one| self.space.positions_where(one))
                    .collect();
                if let Some(position) = positions
                    .iter()
                    .position(super::position_set::PositionSet::is_empty)
                {
                    self.path.push(position);
                    return self.of(&inner[position]);
                }
                for (second, operand) in inner.iter().enumerate() {
                    let apart = |first: &usize| !positions[*first].intersects(&positions[second]);
                    if let Some(first) = (0..second).find(apart) {
                        self.path.push(second);
                        let machine = self.space.machine;
                        return format!(
                            "`{}` and `{}` never hold together",
                            machine.formula_text(&inner[first]),
                            machine.formula_text(operand)
                        );
                    }
                }
                format!("the operands of `{text}` never hold all at once")
            }
            Formula::AnyOf(inner) => match inner.as_ref() {
                [only] => {
                    self.path.push(0);
                    self.of(only)
                }
                _ => format!("none of the alternatives in `{text}` ever holds"),
            },
            Formula::NoneOf(inner) => match operands(formula) {
                [denied] => {
                    self.path.push(0);
                    let denied = self.space.machine.formula_text(denied);
                    format!("`{denied}` holds in every reachable state")
                }
                _ => format!(
                    "one of the {} that `{text}` forbids always holds",
                    inner.len()
                ),
            },
            Formula::Nothing => "the state is never empty".to_owned(),
        }
    }

    fn absent(&mut self, asked: EventIndex) -> String {
        let space = self.space;
        let name = words::name(space.machine, asked);
        self.events.push(asked);
        if asked == self.event {
            return "it follows itself, so there is no first time".to_owned();
        }
        if !space.is_legal(asked) {
            self.because_of = Some(asked);
            return format!("it follows {name}, which can never happen either");
        }
        if let Some(seen) = space.evidence_after(asked, |_| true) {
            let shown = space.reached(&seen);
            self.notes
                .push(format!("{name} happens, but does not stay: {shown}"));
        }
        format!("it follows {name}, which is never in the state")
    }
}
