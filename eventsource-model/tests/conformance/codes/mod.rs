//! Cases of each code: the smallest machine that shows it, and the nearest one that does not.

mod autos;
mod formulas;
mod lives;
mod whole;

use eventsource_model::findings::{Checks, Code, Finding, Invariant, Severity, Subject};
use eventsource_model::{Accumulator, EventIndex, EventSpec, Formula, Machine, MachineSpec};

pub fn machine_of<const N: usize>(events: [EventSpec; N]) -> Machine {
    Machine::compile(&MachineSpec::new("any", events)).unwrap()
}

pub fn event(name: &str) -> Formula<String> {
    Formula::event(name)
}

pub fn but_not(operand: Formula<String>) -> Formula<String> {
    Formula::but_not(operand)
}

pub fn all_of<const N: usize>(operands: [Formula<String>; N]) -> Formula<String> {
    Formula::all_of(operands)
}

pub fn any_of<const N: usize>(operands: [Formula<String>; N]) -> Formula<String> {
    Formula::any_of(operands)
}

pub fn first(name: &str) -> EventSpec {
    EventSpec::new(name)
}

pub fn on(name: &str, follows: Formula<String>) -> EventSpec {
    EventSpec::new(name).follows(follows)
}

pub fn alias(name: &str) -> Accumulator<String> {
    Accumulator::Alias(name.to_owned())
}

pub fn without(name: &str) -> Accumulator<String> {
    Accumulator::Difference(vec![name.to_owned()].into())
}

/// Builds the task list, by its stored names.
pub fn task() -> Machine {
    let union = Accumulator::Union;
    machine_of([
        first("CREATED"),
        on(
            "ASSIGNED",
            all_of([event("CREATED"), but_not(event("ASSIGNED"))]),
        )
        .accumulate(union.clone())
        .requires(["assignee"]),
        on(
            "SCHEDULED",
            all_of([event("CREATED"), but_not(event("SCHEDULED"))]),
        )
        .accumulate(union)
        .requires(["deadline"]),
        on("STARTED", all_of([event("ASSIGNED"), event("SCHEDULED")])),
        on("REASSIGNED", event("STARTED"))
            .accumulate(Accumulator::Keep)
            .requires(["assignee"]),
        on("RESCHEDULED", event("STARTED"))
            .accumulate(Accumulator::Keep)
            .requires(["deadline"]),
        on("REVISED", any_of([event("CREATED"), event("STARTED")]))
            .accumulate(alias("CREATED"))
            .restarting(),
        on("CANCELED", event("STARTED")).terminal(),
        on("COMPLETED", event("STARTED")),
        on("ENDED", event("COMPLETED")).auto_transition().terminal(),
    ])
}

pub fn found(machine: &Machine, code: Code) -> Vec<Finding> {
    found_with(machine, &Checks::default(), code)
}

pub fn found_with(machine: &Machine, checks: &Checks, code: Code) -> Vec<Finding> {
    let mut findings = machine.findings(checks);
    findings.retain(|finding| finding.code == code);
    findings
}

pub fn one(machine: &Machine, code: Code) -> Finding {
    let mut found = found(machine, code);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

pub fn codes(machine: &Machine) -> Vec<&'static str> {
    let findings = machine.findings(&Checks::default());
    findings.iter().map(|finding| finding.code.code()).collect()
}

/// Returns the codes that are reported by default.
pub fn grave(machine: &Machine) -> Vec<&'static str> {
    let mut findings = machine.findings(&Checks::default());
    findings.retain(|finding| finding.severity > Severity::Allowed);
    findings.iter().map(|finding| finding.code.code()).collect()
}

pub fn at(machine: &Machine, name: &str) -> EventIndex {
    machine.index_of(name).unwrap()
}

pub fn invariant(invariant: Invariant) -> Checks {
    Checks {
        invariants: vec![invariant],
        ..Checks::default()
    }
}
