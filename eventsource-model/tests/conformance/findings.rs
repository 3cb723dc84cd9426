//! Findings of the recorded machines: exactly those of the recording.
//!
//! R1 to R8 are defects of microcosm-eventsource 2.5.0 that its own machines show.

use std::collections::BTreeSet;

use eventsource_model::findings::{Code, Finding, Severity};
use eventsource_model::{EventIndex, Machine, StateSet};

use crate::codes::{all_of, any_of, but_not, event, first, found, machine_of, on, task};
use crate::vectors::MachineCase;
use crate::{Checks, name, names, state, vectors};

type NameSet = BTreeSet<Vec<String>>;

fn findings(machine: &Machine) -> Vec<Finding> {
    machine.findings(&eventsource_model::findings::Checks {
        max_states: 65_536,
        ..Default::default()
    })
}

fn states(machine: &Machine, findings: &[Finding], code: Code) -> NameSet {
    let of_code = findings.iter().filter(|finding| finding.code == code);
    let states = of_code.flat_map(|finding| &finding.states);
    states.map(|state| names(machine, *state)).collect()
}

fn sorted(states: &[Vec<String>]) -> NameSet {
    states.iter().cloned().collect()
}

#[test]
fn findings_equal_the_recorded_ones() {
    compare("microcosm_vectors.json");
    compare("seed_machines.json");
}

fn compare(file: &str) {
    let vectors = vectors(file);
    let mut checks = Checks::default();
    let cases = vectors.named_machines.iter();
    let cases = cases.chain(&vectors.random_machines);
    for case in cases.chain(&vectors.machines) {
        if let Ok(machine) = Machine::compile(&case.machine) {
            let findings = findings(&machine);
            compare_machine(&machine, case, &findings, &mut checks);
        }
    }
    checks.finish(&format!("findings in {file}"));
}

fn compare_machine(
    machine: &Machine,
    case: &MachineCase,
    findings: &[Finding],
    checks: &mut Checks,
) {
    let called = &case.machine.name;
    let has = |code| findings.iter().any(|finding| finding.code == code);
    let analysis = &case.analysis;
    let unreachable: Vec<String> = machine
        .events()
        .filter(|event| {
            has(Code::NoInitialEvent)
                || findings.iter().any(|finding| {
                    matches!(finding.code, Code::Contradiction | Code::UnreachableEvent)
                        && finding.subject.event() == Some(*event)
                })
        })
        .map(|event| name(machine, event))
        .collect();
    checks.same(
        || format!("{called} unreachable_events"),
        unreachable,
        analysis.unreachable_events.clone(),
    );
    checks.same(
        || format!("{called} terminal_states"),
        states(machine, findings, Code::DeadEnd),
        sorted(&analysis.terminal_states),
    );
    checks.same(
        || format!("{called} empty_state_reachable"),
        has(Code::StaysEmpty) || has(Code::BecomesEmpty),
        analysis.empty_state_reachable,
    );
    // Of the empty state before the first event it is said that an auto transition may be first.
    let mut conflicts = states(machine, findings, Code::AutoRival);
    if has(Code::AutoInitial) && machine.available(StateSet::EMPTY).count() > 1 {
        conflicts.insert(Vec::new());
    }
    checks.same(
        || format!("{called} auto_conflict_states"),
        conflicts,
        sorted(&analysis.auto_conflict_states),
    );
    // A chain never ends if the event that triggers it leads to a state that loops.
    let looping = states(machine, findings, Code::AutoLoop);
    let mut unbounded = NameSet::new();
    for chain in &analysis.auto_chains {
        let trigger = machine.index_of(&chain.event).unwrap();
        let after = names(
            machine,
            machine.accumulate(trigger, state(machine, &chain.state)),
        );
        checks.same(
            || format!("{called} auto chain after {:?}", chain.state),
            looping.contains(&after),
            chain.unbounded,
        );
        if chain.unbounded {
            unbounded.insert(after);
        }
    }
    checks.same(|| format!("{called} auto loops"), looping, unbounded);
}

fn recorded(named: &str) -> Machine {
    let vectors = vectors("microcosm_vectors.json");
    let mut named_machines = vectors.named_machines.iter();
    let case = named_machines.find(|case| case.machine.name == named);
    Machine::compile(&case.unwrap().machine).unwrap()
}

fn all(machine: &Machine) -> Vec<(Code, String)> {
    let findings = findings(machine);
    let grave = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Allowed);
    grave
        .map(|finding| {
            let event = finding.subject.event();
            (
                finding.code,
                event.map_or_else(String::new, |event| name(machine, event)),
            )
        })
        .collect()
}

#[test]
fn r1_the_readme_taken_literally_has_a_dead_end() {
    let machine = recorded("ReadmeTaskEventType");
    let findings = findings(&machine);
    let revised = machine.index_of("REVISED").unwrap();
    let dead = |finding: &&Finding| {
        finding.code == Code::DeadEnd && finding.subject.event() == Some(revised)
    };
    let finding = findings.iter().find(dead).unwrap();
    assert_eq!(finding.message, "nothing may follow `REVISED`");
    assert_eq!(
        finding.notes,
        ["reached by CREATED -> REVISED, the state is then {REVISED}"]
    );
    let expected = |code, event: &str| (code, event.to_owned());
    assert_eq!(
        all(&machine),
        [
            expected(Code::DeadEnd, "REVISED"),
            expected(Code::RestartsElsewhere, "REVISED"),
            // The README has no mark for an end.
            expected(Code::DeadEnd, "CANCELED"),
            expected(Code::DeadEnd, "COMPLETED"),
        ]
    );
}

#[test]
fn r2_a_first_event_that_keeps_the_empty_state() {
    let machine = recorded("SimpleTestObjectEventType");
    let expected = |code, event: &str| (code, event.to_owned());
    assert_eq!(
        all(&machine),
        [
            expected(Code::StaysEmpty, "CREATED"),
            expected(Code::UnreachableEvent, "READY"),
            expected(Code::UnreachableEvent, "DONE"),
        ]
    );
}

#[test]
fn r3_an_event_that_is_initial_by_negation() {
    let machine = machine_of([
        first("A"),
        on("B", event("A")),
        on("C", but_not(event("B"))),
    ]);
    assert_eq!(
        found(&machine, Code::AlwaysLegal)[0].message,
        "`C` may be the first event, since its formula only says what has not happened"
    );
    let machine = machine_of([on("A", all_of([])), on("B", event("A"))]);
    assert_eq!(
        found(&machine, Code::AlwaysLegal)[0].message,
        "`A` is always legal, even as the first event"
    );
    let machine = machine_of([first("A"), on("B", any_of([]))]);
    assert_eq!(found(&machine, Code::Contradiction).len(), 1);
}

#[test]
fn r4_auto_transitions_that_never_end() {
    let machine = recorded("Q_AutoLoop");
    assert!(
        all(&machine)
            .iter()
            .any(|(code, _)| *code == Code::AutoLoop)
    );
    let machine = machine_of([
        first("A"),
        on("B", any_of([event("A"), event("C")])).auto_transition(),
        on("C", event("B")).auto_transition(),
    ]);
    assert_eq!(
        found(&machine, Code::AutoLoop)[0].message,
        "auto transitions never end: B -> C -> B"
    );
}

// R5 (a later event empties the state), R6 (an auto event requires what its trigger lacks) and R8
// (`restarting` on a way elsewhere) are cases of `codes`.

#[test]
fn r7_an_unreachable_state_is_not_explored() {
    let machine = task();
    let named = ["STARTED", "REASSIGNED", "RESCHEDULED"];
    let impossible = machine.state_of(named).unwrap();
    assert_eq!(machine.explore(100).position_of(impossible), None);
}

#[test]
fn the_task_list_has_no_findings() {
    assert_eq!(all(&task()), []);
}

/// Silent findings of the task list.
#[test]
fn the_task_list_has_silent_findings() {
    let machine = task();
    let light: Vec<String> = findings(&machine)
        .into_iter()
        .map(|finding| format!("{} {}", finding.code, finding.message))
        .collect();
    assert_eq!(
        light,
        [
            "ES051 the order of `ASSIGNED` and `REVISED` matters",
            "ES051 the order of `SCHEDULED` and `REVISED` matters",
            "ES025 after `COMPLETED` never again: `ASSIGNED`, `SCHEDULED`, `STARTED`, \
             `REASSIGNED`, `RESCHEDULED`, `REVISED` and `CANCELED`",
        ]
    );
}

#[test]
fn findings_are_in_declaration_order() {
    let machine = recorded("ReadmeTaskEventType");
    let events: Vec<Option<EventIndex>> = findings(&machine)
        .iter()
        .map(|finding| finding.subject.event())
        .collect();
    assert!(events.is_sorted(), "{events:?}");
    assert_ne!(machine.explore(10).states()[1].state, StateSet::EMPTY);
}
