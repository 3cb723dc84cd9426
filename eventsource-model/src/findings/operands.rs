//! Checks of operands as they are written: ES003 in its light forms, and ES011.

use super::state_space::StateSpace;
use super::{Code, Finding, Severity, Subject, words};
use crate::{EventIndex, Formula};

/// Reports mistakes that do not depend on the states.
///
/// These are a duplicate operand, an alternative that always or never holds, and a formula that no
/// state satisfies.
pub(super) fn check(space: &StateSpace, findings: &mut Vec<Finding>) {
    for (event, rule) in space.machine.rules() {
        if space.contradictory.contains(event) {
            findings.push(contradiction(space, event, &rule.follows));
        }
        let mut walk = OperandWalk {
            space,
            event,
            path: Vec::new(),
            findings,
        };
        walk.formula(&rule.follows);
    }
}

/// Returns the operands of a formula, none for a leaf.
pub(super) fn operands(formula: &Formula) -> &[Formula] {
    match formula {
        Formula::Event(_) | Formula::Nothing => &[],
        Formula::NoneOf(operands) | Formula::AnyOf(operands) | Formula::AllOf(operands) => operands,
    }
}

/// Returns whether one formula is written as the negation of the other.
pub(super) fn opposite(one: &Formula, other: &Formula) -> bool {
    let denies = |denial: &Formula, claim: &Formula| match denial {
        Formula::NoneOf(operands) => matches!(operands.as_ref(), [only] if only == claim),
        _ => false,
    };
    denies(one, other) || denies(other, one)
}

/// Finds two operands of which one is written as the negation of the other.
fn opposites(operands: &[Formula]) -> Option<(usize, usize)> {
    operands.iter().enumerate().find_map(|(second, operand)| {
        let mut before = operands[..second].iter();
        before
            .position(|earlier| opposite(earlier, operand))
            .map(|first| (first, second))
    })
}

fn contradiction(space: &StateSpace, event: EventIndex, formula: &Formula) -> Finding {
    let machine = space.machine;
    let name = words::name(machine, event);
    let impossible = |formula: &Formula| matches!(formula.clauses_among(space.members), Ok(ways) if ways.is_empty());
    // Descends to the smallest part that contradicts itself.
    let (mut part, mut path) = (formula, Vec::new());
    while let Formula::AllOf(inner) | Formula::AnyOf(inner) = part
        && let Some(position) = inner.iter().position(impossible)
    {
        path.push(position);
        part = &inner[position];
    }
    let text = machine.formula_text(part);
    let mut finding = Finding::new(
        Code::Contradiction,
        Subject::operand(event, path.clone()),
        format!("{name} can never happen: no state satisfies `{text}`"),
    );
    if let Formula::AllOf(inner) = part {
        let pair = opposites(inner);
        if let Some((first, second)) = pair {
            let asked = match &inner[first] {
                Formula::NoneOf(_) => &inner[second],
                _ => &inner[first],
            };
            path.push(second);
            finding.subject = Subject::Operand(event, path);
            finding.message = format!(
                "{name} can never happen: `{}` is both asked for and forbidden",
                machine.formula_text(asked)
            );
        }
    }
    finding
        .note(format!(
            "{name} follows `{}`",
            machine.formula_text(formula)
        ))
        .note("expected a formula that some state satisfies")
        .help("remove one of the operands, or join them with `any_of`")
        .or_allow("the event is not to happen yet")
}

struct OperandWalk<'a> {
    space: &'a StateSpace<'a>,
    event: EventIndex,
    path: Vec<usize>,
    findings: &'a mut Vec<Finding>,
}

impl OperandWalk<'_> {
    fn formula(&mut self, formula: &Formula) {
        let inner = operands(formula);
        for (position, operand) in inner.iter().enumerate() {
            let earlier = inner[..position].iter().position(|one| one == operand);
            self.path.push(position);
            if earlier.is_some() {
                let text = self.text(operand);
                self.report(
                    format!("`{text}` occurs twice in the `follows` of {}", self.name()),
                    "the second has no effect",
                    "remove one of them, or name another event",
                );
            } else {
                self.formula(operand);
            }
            self.path.pop();
        }
        let Some((first, second)) = opposites(inner) else {
            return;
        };
        let name = self.name();
        self.path.push(second);
        let pair = [self.text(&inner[first]), self.text(&inner[second])];
        match formula {
            Formula::AllOf(_) if !self.space.contradictory.contains(self.event) => self.report(
                format!(
                    "`{}` and `{}` in the `follows` of {name} never hold together",
                    pair[0], pair[1]
                ),
                "one is the negation of the other, so this part never holds",
                "remove this part, or one of the two",
            ),
            Formula::AnyOf(_) => self.report(
                format!(
                    "`{}` or `{}` in the `follows` of {name} always holds",
                    pair[0], pair[1]
                ),
                "one is the negation of the other, so this part has no effect",
                "remove this part, or one of the two",
            ),
            _ => {}
        }
        self.path.pop();
    }

    fn name(&self) -> String {
        words::name(self.space.machine, self.event)
    }

    fn text(&self, formula: &Formula) -> String {
        self.space.machine.formula_text(formula)
    }

    fn report(&mut self, message: String, note: &str, help: &str) {
        let subject = Subject::operand(self.event, self.path.clone());
        self.findings.push(
            Finding::new(Code::Operands, subject, message)
                .weighing(Severity::Warning)
                .note(note)
                .help(help)
                .or_allow("it is intended"),
        );
    }
}
