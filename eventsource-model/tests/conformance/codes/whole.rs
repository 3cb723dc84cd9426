//! Cases of ES060 to ES080: the machine as a whole, invariants and pins.

use super::*;

/// Builds a machine of `count` events in any order after A, then an end that is not marked.
fn exploding(count: usize) -> Machine {
    let names: Vec<String> = (0..count).map(|n| format!("E{n}")).collect();
    let mut events = vec![EventSpec::new("A")];
    events.extend(names.iter().map(|name| {
        on(name, all_of([event("A"), but_not(event(name))])).accumulate(Accumulator::Union)
    }));
    events.push(on("End", event("A")));
    events.push(on("Never", all_of([event("A"), but_not(event("A"))])));
    events.push(on("Unseen", event("Never")));
    Machine::compile(&MachineSpec::new("any", events)).unwrap()
}

#[test]
fn es060_too_many_states() {
    let machine = exploding(6);
    let checks = |max_states| Checks {
        max_states,
        ..Checks::default()
    };
    let codes_with = |max_states| {
        let findings = machine.findings(&checks(max_states));
        findings
            .iter()
            .map(|finding| finding.code.code())
            .collect::<Vec<_>>()
    };
    // Empty, 2^6 and the end.
    assert_eq!(codes_with(66), ["ES022", "ES011", "ES012"]);
    // What was found or needs no states is still said, and nothing else.
    assert_eq!(codes_with(65), ["ES060", "ES022", "ES011", "ES012"]);
    let finding = &found_with(&machine, &checks(65), Code::TooManyStates)[0];
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.subject, Subject::Machine);
    assert_eq!(
        finding.message,
        "the machine has more than 65 states, so not all were explored"
    );
    assert_eq!(finding.events.len(), 6);
    assert!(finding.notes[2].ends_with("6 such events make up to 2^6 states"));
    assert_eq!(
        finding.help[1],
        "or explore more with `max_states = 512`, at most 65536"
    );
}

#[test]
fn es060_is_an_error_if_max_states_exceeds_the_limit() {
    let checks = Checks {
        max_states: 1 << 20,
        ..Checks::default()
    };
    let finding = &found_with(&exploding(17), &checks, Code::TooManyStates)[0];
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(
        finding.message,
        "the machine has more than 65536 states, the most that can be explored"
    );
}

#[test]
fn es070_never() {
    let machine = task();
    let index = |name| Formula::Event(at(&machine, name));
    let both = Formula::all_of([index("ASSIGNED"), index("SCHEDULED")]);
    let checks = invariant(Invariant::Never(both));
    let finding = &found_with(&machine, &checks, Code::Invariant)[0];
    assert_eq!(finding.subject, Subject::Invariant(0));
    assert_eq!(
        finding.message,
        "`ASSIGNED & SCHEDULED` must never hold, but it does"
    );
    assert_eq!(
        finding.notes,
        [
            "reached by CREATED -> ASSIGNED -> SCHEDULED, the state is then {CREATED, ASSIGNED, SCHEDULED}"
        ]
    );
    let apart = Formula::all_of([index("ASSIGNED"), index("STARTED")]);
    for holds in [apart, Formula::Nothing] {
        let checks = invariant(Invariant::Never(holds));
        assert!(found_with(&machine, &checks, Code::Invariant).is_empty());
    }
    let forgets = machine_of([first("A"), on("B", event("A")).accumulate(without("A"))]);
    let checks = invariant(Invariant::Never(Formula::Nothing));
    let finding = &found_with(&forgets, &checks, Code::Invariant)[0];
    assert_eq!(
        finding.notes,
        ["reached by A -> B, the state is then empty"]
    );
}

#[test]
fn es070_always() {
    let machine = task();
    let index = |name| Formula::Event(at(&machine, name));
    let checks = invariant(Invariant::Always(index("CREATED")));
    let finding = &found_with(&machine, &checks, Code::Invariant)[0];
    assert_eq!(
        finding.message,
        "`CREATED` must always hold, but it does not"
    );
    assert_eq!(finding.states.len(), 4);
    assert_eq!(machine.names(finding.states[0]), ["STARTED"]);
    let some = Formula::but_not(Formula::Nothing);
    let checks = invariant(Invariant::Always(some));
    assert!(found_with(&machine, &checks, Code::Invariant).is_empty());
}

#[test]
fn es070_eventually() {
    let machine = task();
    let eventually = |name| {
        let checks = invariant(Invariant::Eventually(Formula::Event(at(&machine, name))));
        found_with(&machine, &checks, Code::Invariant)
    };
    let finding = &eventually("COMPLETED")[0];
    assert_eq!(
        finding.message,
        "`COMPLETED` has not happened and never can after `CANCELED`"
    );
    assert_eq!(
        finding.notes,
        [
            "reached by CREATED -> ASSIGNED -> SCHEDULED -> STARTED -> CANCELED, the state is then {CANCELED}"
        ]
    );
    // The state {CANCELED} has forgotten it, but STARTED comes before every end.
    assert_eq!(eventually("STARTED"), []);
    assert_eq!(eventually("CREATED"), []);
}

#[test]
fn es080_rules_differ_from_the_pin() {
    let old = machine_of([first("Lit"), on("Dimmed", event("Lit")).terminal()]);
    let new = machine_of([
        first("Lit"),
        on("Dimmed", event("Lit")).terminal(),
        on("Broken", event("Lit")).terminal(),
    ]);
    let pinned = |text: String| {
        let checks = Checks {
            fingerprint: Some(text),
            ..Checks::default()
        };
        found_with(&new, &checks, Code::Fingerprint)
    };
    assert_eq!(pinned(new.pin()), []);
    assert_eq!(pinned(new.fingerprint().to_string()), []);
    let paste = format!("write `fingerprint = \"{}\"`", new.pin());

    let drifted = &pinned(old.pin())[0];
    assert_eq!(
        (drifted.severity, &drifted.subject),
        (Severity::Warning, &Subject::Fingerprint)
    );
    assert_eq!(
        drifted.message,
        format!(
            "the rules differ from the pinned ones: expected {}, found {}",
            old.fingerprint(),
            new.fingerprint()
        )
    );
    assert_eq!(
        drifted.notes,
        [
            "added events: Broken",
            "added states: {Broken}",
            "added transitions: {Lit} -> Broken -> {Broken}",
        ]
    );
    assert_eq!(drifted.help.last(), Some(&paste));

    let bare = &pinned(old.fingerprint().to_string())[0];
    assert!(bare.notes[0].starts_with("the changes are unknown"));
    let empty = &pinned(String::new())[0];
    assert_eq!(empty.severity, Severity::Warning);
    assert_eq!(empty.help.last(), Some(&paste));
    let broken = &pinned("nonsense".to_owned())[0];
    assert_eq!(broken.severity, Severity::Error);
    assert_eq!(broken.help.last(), Some(&paste));
}
