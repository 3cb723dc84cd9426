//! Cases of ES040 to ES052: auto transitions, and events with little effect.

use super::*;

#[test]
fn es040_an_auto_transition_with_a_rival() {
    let machine = |follows| {
        machine_of([
            first("A"),
            on("B", event("A")).auto_transition().terminal(),
            on("C", follows).terminal(),
            on("D", Formula::Nothing),
        ])
    };
    let rivals = machine(any_of([event("A"), event("D")]));
    let finding = one(&rivals, Code::AutoRival);
    assert_eq!(finding.subject, Subject::AutoTransition(at(&rivals, "B")));
    assert_eq!(
        finding.message,
        "`B` is written by itself where `C` may happen too"
    );
    assert_eq!(finding.notes[0], "reached by A, the state is then {A}");
    assert_eq!(finding.events, [at(&rivals, "C")]);
    assert!(found(&machine(event("D")), Code::AutoRival).is_empty());
}

#[test]
fn es041_an_auto_transition_that_follows_itself() {
    let machine = |accumulate| {
        machine_of([
            first("A"),
            on("B", event("A"))
                .accumulate(accumulate)
                .auto_transition()
                .terminal(),
        ])
    };
    let spins = machine(Accumulator::Keep);
    let finding = one(&spins, Code::AutoLoop);
    assert_eq!(finding.subject, Subject::AutoTransition(at(&spins, "B")));
    assert_eq!(
        finding.message,
        "`B` would be written for ever: it follows its own state"
    );
    assert!(found(&machine(Accumulator::Current), Code::AutoLoop).is_empty());
}

/// Reports cycles once each: from {A} only B repeats, from {X} C and B do, so B is in both
/// findings.
#[test]
fn es041_is_reported_once_per_event() {
    let machine = machine_of([
        first("A"),
        first("X"),
        on("Y", event("X")),
        on("B", any_of([event("A"), event("Y")]))
            .accumulate(without("Y"))
            .auto_transition(),
        on("C", all_of([event("X"), but_not(event("Y"))]))
            .accumulate(Accumulator::Addition(vec!["Y".to_owned()].into()))
            .auto_transition(),
    ]);
    let finding = one(&machine, Code::AutoLoop);
    assert_eq!(finding.subject, Subject::AutoTransition(at(&machine, "B")));
    assert_eq!(
        finding.notes[0],
        "reached by A, the state is then {A}; the same in 2 other states"
    );
}

#[test]
fn es042_a_field_that_the_trigger_does_not_supply() {
    let machine = |done: &[&str], closed: &[&str]| {
        machine_of([
            EventSpec::new("Opened").requires(["by"]),
            on("Done", event("Opened")).requires(done.to_vec()),
            on("Closed", event("Opened")).requires(closed.to_vec()),
            on("Ended", any_of([event("Done"), event("Closed")]))
                .requires(["by"])
                .auto_transition()
                .terminal(),
        ])
    };
    let lacking = machine(&["at"], &["by"]);
    let finding = one(&lacking, Code::AutoRequires);
    let subject = Subject::Requires(at(&lacking, "Ended"), "by".to_owned());
    assert_eq!(finding.subject, subject);
    assert_eq!(
        finding.message,
        "`Ended` is written by itself after `Done`, which does not supply `by`"
    );
    assert_eq!(
        finding.notes[0],
        "reached by Opened -> Done, the state is then {Done}"
    );
    let both = one(&machine(&[], &[]), Code::AutoRequires);
    assert!(
        both.message
            .ends_with("after `Done` and `Closed`, which do not supply `by`")
    );
    assert!(found(&machine(&["by"], &["at", "by"]), Code::AutoRequires).is_empty());
}

/// Checks a chain through events that supply nothing: the payload of the requested event passes
/// through all of it.
#[test]
fn es042_field_missing_at_the_start_of_a_chain() {
    let machine = |done: &[&str], checked: &[&str]| {
        machine_of([
            first("Opened"),
            on("Done", event("Opened")).requires(done.to_vec()),
            on("Checked", event("Done"))
                .requires(checked.to_vec())
                .auto_transition(),
            on("Ended", event("Checked"))
                .requires(["by"])
                .auto_transition()
                .terminal(),
        ])
    };
    let found_in = |machine: &Machine| {
        let found = found(machine, Code::AutoRequires);
        found
            .into_iter()
            .map(|finding| finding.subject)
            .collect::<Vec<_>>()
    };
    let lacking = machine(&[], &["by"]);
    assert_eq!(
        found_in(&lacking),
        [
            Subject::Requires(at(&lacking, "Checked"), "by".to_owned()),
            Subject::Requires(at(&lacking, "Ended"), "by".to_owned()),
        ]
    );
    assert_eq!(found_in(&machine(&["by"], &[])), []);
}

#[test]
fn es043_an_auto_transition_that_is_first() {
    let machine = |follows| machine_of([first("A"), on("B", follows).auto_transition().terminal()]);
    let first = machine(Formula::Nothing);
    let finding = one(&first, Code::AutoInitial);
    assert_eq!(finding.subject, Subject::AutoTransition(at(&first, "B")));
    // Before the first event nothing triggers it, so A is no rival there.
    assert!(found(&first, Code::AutoRival).is_empty());
    assert!(found(&machine(event("A")), Code::AutoInitial).is_empty());
}

#[test]
fn es050_events_with_equal_rules() {
    let machine = |requires: &str| {
        let noted = |name| on(name, event("A")).accumulate(Accumulator::Keep);
        machine_of([
            first("A"),
            noted("Noted").requires(["text"]),
            noted("Remarked").requires([requires]),
        ])
    };
    let same = machine("text");
    let finding = one(&same, Code::EquivalentEvents);
    assert_eq!(finding.severity, Severity::Allowed);
    assert_eq!(finding.subject, Subject::Event(at(&same, "Remarked")));
    assert_eq!(
        finding.message,
        "`Noted` and `Remarked` differ in nothing but the name"
    );
    assert!(found(&machine("color"), Code::EquivalentEvents).is_empty());
    let checks = Checks {
        carrying: same.state_of(["Noted"]).unwrap(),
        ..Checks::default()
    };
    assert!(found_with(&same, &checks, Code::EquivalentEvents).is_empty());
}

#[test]
fn es051_order_matters() {
    let machine = |accumulate: Accumulator<String>| {
        machine_of([
            first("A"),
            on("B", any_of([event("A"), event("C")])).accumulate(accumulate.clone()),
            on("C", any_of([event("A"), event("B")])).accumulate(accumulate),
        ])
    };
    let ordered = machine(Accumulator::Current);
    let finding = one(&ordered, Code::OrderMatters);
    assert_eq!(finding.severity, Severity::Allowed);
    assert_eq!(finding.message, "the order of `B` and `C` matters");
    assert_eq!(
        finding.notes,
        ["A -> B -> C leads to {C}", "A -> C -> B leads to {B}"]
    );
    assert!(found(&machine(Accumulator::Union), Code::OrderMatters).is_empty());
}

#[test]
fn es052_an_event_without_effect() {
    let machine = |event: EventSpec| {
        machine_of([
            first("A"),
            event.accumulate(Accumulator::Alias("A".to_owned())),
            on("End", self::event("A")).terminal(),
        ])
    };
    let idle = machine(on("Seen", event("A")));
    let finding = one(&idle, Code::NoOperation);
    assert_eq!(finding.subject, Subject::Event(at(&idle, "Seen")));
    assert_eq!(
        finding.message,
        "`Seen` changes nothing and carries nothing"
    );
    assert_eq!(grave(&idle), ["ES052"]);
    // Who writes `keep` means it.
    let meant = machine_of([
        first("A"),
        on("Seen", event("A")).accumulate(Accumulator::Keep),
        on("End", event("A")).terminal(),
    ]);
    assert_eq!(one(&meant, Code::NoOperation).severity, Severity::Allowed);
    let carries = machine(on("Seen", event("A")).requires(["by"]));
    assert!(found(&carries, Code::NoOperation).is_empty());
    // The machine does not know optional fields.
    let checks = Checks {
        carrying: idle.state_of(["Seen"]).unwrap(),
        ..Checks::default()
    };
    assert!(found_with(&idle, &checks, Code::NoOperation).is_empty());
}
