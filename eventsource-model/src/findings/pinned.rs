//! Check of the pinned rules: ES080.

use super::{Checks, Code, Finding, Severity, Subject};
use crate::{Machine, Pin};

pub(super) fn check(machine: &Machine, checks: &Checks, findings: &mut Vec<Finding>) {
    let Some(text) = &checks.fingerprint else {
        return;
    };
    let finding = match Pin::read(text) {
        _ if text.is_empty() => Finding::new(
            Code::Fingerprint,
            Subject::Fingerprint,
            "the rules are not pinned yet",
        ),
        Err(error) => Finding::new(
            Code::Fingerprint,
            Subject::Fingerprint,
            format!("the pinned rules cannot be read: {error}"),
        )
        .weighing(Severity::Error)
        .note("expected 16 digits from 0 to f, and what `Machine::pin` writes after them"),
        Ok(pin) if pin.fingerprint() == machine.fingerprint() => return,
        Ok(pin) => rules_differ(machine, &pin),
    };
    let help = format!("write `fingerprint = \"{}\"`", machine.pin());
    findings.push(finding.help(help));
}

fn rules_differ(machine: &Machine, pin: &Pin) -> Finding {
    let finding = Finding::new(
        Code::Fingerprint,
        Subject::Fingerprint,
        format!(
            "the rules differ from the pinned ones: expected {}, found {}",
            pin.fingerprint(),
            machine.fingerprint()
        ),
    );
    match pin.machine() {
        None => {
            finding.note("the changes are unknown: only the fingerprint was pinned, not the rules")
        }
        Some(old) => {
            let diff = old.diff(machine).to_string();
            diff.lines()
                .fold(finding, |finding, line| finding.note(line.trim_end()))
        }
    }
    .help("if the change is intended, pin the new rules; stored histories may need to be migrated")
}
