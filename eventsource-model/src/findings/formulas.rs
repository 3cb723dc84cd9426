//! Checks of formulas against the reachable states: ES013, ES014 and ES015.

use super::operands::{operands, opposite};
use super::position_set::PositionSet;
use super::state_space::StateSpace;
use super::{Code, Finding, Subject, words};
use crate::{EventIndex, Formula};

pub(super) fn check(space: &StateSpace, findings: &mut Vec<Finding>) {
    for event in space.machine.events() {
        if !space.is_legal(event) {
            continue;
        }
        findings.extend(always_legal(space, event));
        if space.complete {
            let mut walk = OperandWalk {
                space,
                event,
                path: Vec::new(),
                findings,
            };
            let formula = &space.machine.rule(event).follows;
            walk.never_true(formula, true);
            walk.redundant(formula, &PositionSet::all(space.len()));
        }
    }
}

/// Reports an event that is always legal, or legal in the empty state because of a negation
/// (ES013).
///
/// In both cases the formula does not say `nothing`: the empty state was probably forgotten.
fn always_legal(space: &StateSpace, event: EventIndex) -> Option<Finding> {
    let machine = space.machine;
    let rule = machine.rule(event);
    let name = words::name(machine, event);
    let text = machine.formula_text(&rule.follows);
    // An auto transition has a finding of its own for that; a single event has no choice.
    if says_nothing(&rule.follows)
        || !machine.is_initial(event)
        || rule.auto_transition
        || space.len() == 1
    {
        return None;
    }
    let unconditional = rule
        .clauses
        .iter()
        .any(|clause| clause.all.is_empty() && !clause.none.intersects(space.members));
    let everywhere = || (0..space.len()).all(|position| space.legal(position).contains(event));
    let finding = if unconditional || (space.complete && everywhere()) {
        let states = match space.len() {
            states if space.complete => format!("all {states} reachable states"),
            _ => "every state".to_owned(),
        };
        Finding::new(
            Code::AlwaysLegal,
            Subject::Follows(event),
            format!("{name} is always legal, even as the first event"),
        )
        .note(format!(
            "`{text}` holds in {states}, the empty one included"
        ))
        .help("say what it follows, such as `any_state` if something has to happen before")
    } else {
        let plain = |other: EventIndex| machine.rule(other).follows == Formula::Nothing;
        if !machine.events().any(plain) || space.steps(event).all(|step| step.from == 0) {
            return None;
        }
        Finding::new(
            Code::AlwaysLegal,
            Subject::Follows(event),
            format!(
                "{name} may be the first event, since its formula only says what has not happened"
            ),
        )
        .note(format!("`{text}` holds in the empty state"))
        .help("add `any_state` with `all_of` if something has to happen before")
    };
    Some(finding.or_allow("it is intended"))
}

fn says_nothing(formula: &Formula) -> bool {
    *formula == Formula::Nothing || operands(formula).iter().any(says_nothing)
}

struct OperandWalk<'a> {
    space: &'a StateSpace<'a>,
    event: EventIndex,
    path: Vec<usize>,
    findings: &'a mut Vec<Finding>,
}

impl OperandWalk<'_> {
    /// Reports events that are in no state, and alternatives that never hold (ES015); returns
    /// whether there are any.
    ///
    /// `wanted` is false below a negation, where an operand that never holds is only redundant
    /// (ES014).
    fn never_true(&mut self, formula: &Formula, wanted: bool) -> bool {
        if let Formula::Event(asked) = formula {
            return self.never_in_a_state(*asked);
        }
        let wanted_below = wanted != matches!(formula, Formula::NoneOf(_));
        let mut found = false;
        for (position, operand) in operands(formula).iter().enumerate() {
            self.path.push(position);
            let below = self.never_true(operand, wanted_below);
            let alternative = matches!(formula, Formula::AnyOf(_)) && wanted;
            if alternative && !below && self.is_dead(operand) {
                self.dead_alternative(operand);
                found = true;
            }
            found |= below;
            self.path.pop();
        }
        found
    }

    /// Returns whether an alternative never holds.
    ///
    /// One that contradicts itself as written does not count: ES003 reports it.
    fn is_dead(&self, alternative: &Formula) -> bool {
        let inner = operands(alternative);
        let mut pairs = inner.iter().enumerate();
        let written = pairs.any(|(n, one)| inner[..n].iter().any(|other| opposite(one, other)));
        !inner.is_empty() && !written && self.space.positions_where(alternative).is_empty()
    }

    fn never_in_a_state(&mut self, asked: EventIndex) -> bool {
        let space = self.space;
        if !space.containing(asked).is_empty() {
            return false;
        }
        // An event that never happens has a finding of its own.
        if !space.is_legal(asked) {
            return true;
        }
        let machine = space.machine;
        let (name, other) = (
            words::name(machine, self.event),
            words::name(machine, asked),
        );
        let finding = Finding::new(
            Code::ConstantOperand,
            Subject::operand(self.event, self.path.clone()),
            format!("{name} asks for {other}, which is never in the state"),
        );
        let finding = match space.evidence_after(asked, |_| true) {
            Some(seen) => finding
                .note(format!(
                    "{other} happens, but does not stay: {}",
                    space.reached(&seen)
                ))
                .shown_by(seen.path, seen.states),
            None => finding,
        };
        self.findings.push(
            finding
                .with([asked])
                .help(format!(
                    "name an event that stays in the state, or change the `accumulate` of {other}"
                ))
                .or_allow("it is intended"),
        );
        true
    }

    fn dead_alternative(&mut self, alternative: &Formula) {
        let machine = self.space.machine;
        let name = words::name(machine, self.event);
        let text = machine.formula_text(alternative);
        let subject = Subject::operand(self.event, self.path.clone());
        let states = self.space.len();
        let message = format!("an alternative of {name}, `{text}`, never holds");
        self.findings.push(
            Finding::new(Code::ConstantOperand, subject, message)
                .note(format!("it holds in none of the {states} reachable states"))
                .help("remove it, or correct its operands")
                .or_allow("it is intended"),
        );
    }

    /// Reports operands without which the event is legal in the same reachable states (ES014).
    ///
    /// All of them can be left out at once: each was found with those before it left out.
    ///
    /// `care` are the states in which the whole formula depends on this part. Returns the states in
    /// which the part holds without the operands that were reported.
    fn redundant(&mut self, formula: &Formula, care: &PositionSet) -> PositionSet {
        let inner = operands(formula);
        if inner.is_empty() {
            return self.space.positions_where(formula);
        }
        let conjunction = matches!(formula, Formula::AllOf(_));
        // In an open state an operand does not decide by itself.
        let open = |positions: PositionSet| {
            if conjunction {
                positions
            } else {
                positions.not()
            }
        };
        let positions = inner
            .iter()
            .map(|operand| open(self.space.positions_where(operand)));
        let positions: Vec<PositionSet> = positions.collect();
        // A repeated operand is reported as such: the first is checked as if it occurred once.
        let is_repeated = |position: usize| inner[..position].contains(&inner[position]);
        let mut after = vec![PositionSet::all(self.space.len())];
        for position in (1..inner.len()).rev() {
            let last = &after[after.len() - 1];
            after.push(if is_repeated(position) {
                last.clone()
            } else {
                last.and(&positions[position])
            });
        }
        after.reverse();
        let mut before = PositionSet::all(self.space.len());
        for (position, operand) in inner.iter().enumerate() {
            let care = care.and(&before).and(&after[position]);
            let mut narrowed = positions[position].clone();
            self.path.push(position);
            if inner.len() > 1 && !care.intersects(&narrowed.not()) {
                if !is_repeated(position) && self.superfluous(operand) {
                    narrowed = PositionSet::all(self.space.len());
                }
            } else if !is_repeated(position) {
                narrowed = open(self.redundant(operand, &care));
            }
            before = before.and(&narrowed);
            self.path.pop();
        }
        match formula {
            Formula::AnyOf(_) => before.not(),
            _ => before,
        }
    }

    /// Reports a redundant operand, unless a graver finding is about it or a part of it; returns
    /// whether it did.
    fn superfluous(&mut self, operand: &Formula) -> bool {
        let said = |finding: &Finding| match &finding.subject {
            Subject::Operand(event, path) => *event == self.event && path.starts_with(&self.path),
            _ => false,
        };
        if self.findings.iter().any(said) || self.names_what_never_happens(operand) {
            return false;
        }
        let machine = self.space.machine;
        let text = machine.formula_text(operand);
        let name = words::name(machine, self.event);
        let subject = Subject::operand(self.event, self.path.clone());
        let states = self.space.len();
        self.findings.push(
            Finding::new(
                Code::RedundantOperand,
                subject,
                format!("`{text}` could be left out of the `follows` of {name}"),
            )
            .note(format!(
                "without it {name} is legal in the same of the {states} reachable states"
            ))
            .help("remove it")
            .or_allow("it is there for the reader"),
        );
        true
    }

    /// Returns whether the formula names an event that can never happen, which has a finding of its
    /// own.
    fn names_what_never_happens(&self, formula: &Formula) -> bool {
        match formula {
            Formula::Event(event) => !self.space.is_legal(*event),
            _ => {
                let mut inner = operands(formula).iter();
                inner.any(|operand| self.names_what_never_happens(operand))
            }
        }
    }
}
