//! Cases of ES003 to ES015: formulas that are never, always or redundantly true.

use super::*;

#[test]
fn es003_a_repeated_operand() {
    let twice = |formula| machine_of([first("A"), on("B", formula).terminal()]);
    let machine = twice(any_of([event("A"), event("A")]));
    let finding = one(&machine, Code::Operands);
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(
        finding.subject,
        Subject::Operand(at(&machine, "B"), vec![1])
    );
    assert_eq!(finding.message, "`A` occurs twice in the `follows` of `B`");
    // Not also as superfluous.
    assert_eq!(codes(&machine), ["ES003"]);
    assert!(found(&twice(any_of([event("A"), event("B")])), Code::Operands).is_empty());
}

#[test]
fn es003_an_operand_and_its_negation() {
    let machine = machine_of([
        first("A"),
        on(
            "B",
            all_of([event("A"), any_of([event("A"), but_not(event("A"))])]),
        )
        .terminal(),
    ]);
    let finding = one(&machine, Code::Operands);
    assert_eq!(
        finding.subject,
        Subject::Operand(at(&machine, "B"), vec![1, 1])
    );
    assert_eq!(
        finding.message,
        "`A` or `!A` in the `follows` of `B` always holds"
    );
    let dead_part = all_of([event("A"), but_not(event("A"))]);
    let machine = machine_of([
        first("A"),
        on("B", any_of([event("A"), dead_part])).terminal(),
    ]);
    assert_eq!(
        one(&machine, Code::Operands).message,
        "`A` and `!A` in the `follows` of `B` never hold together"
    );
    assert_eq!(grave(&machine), ["ES003"]);
}

#[test]
fn es010_no_initial_event_is_the_only_finding() {
    let machine = machine_of([on("A", event("B")), on("B", event("A")).terminal()]);
    let finding = one(&machine, Code::NoInitialEvent);
    assert_eq!(finding.subject, Subject::Machine);
    assert_eq!(codes(&machine), ["ES010"]);
}

#[test]
fn es011_an_event_both_required_and_forbidden() {
    let machine = machine_of([
        first("A"),
        on("B", all_of([event("A"), but_not(event("A"))])).terminal(),
        on("C", event("A")).terminal(),
    ]);
    let finding = one(&machine, Code::Contradiction);
    assert_eq!(
        finding.subject,
        Subject::Operand(at(&machine, "B"), vec![1])
    );
    assert_eq!(
        finding.message,
        "`B` can never happen: `A` is both asked for and forbidden"
    );
    // Not unreachable as well.
    assert_eq!(codes(&machine), ["ES011"]);
}

#[test]
fn es011_contradiction_within_a_formula() {
    let machine = machine_of([
        first("A"),
        on(
            "B",
            all_of([event("A"), all_of([Formula::Nothing, event("A")])]),
        )
        .terminal(),
        on("C", event("A")).terminal(),
    ]);
    let finding = one(&machine, Code::Contradiction);
    assert_eq!(
        finding.subject,
        Subject::Operand(at(&machine, "B"), vec![1])
    );
    assert_eq!(
        finding.message,
        "`B` can never happen: no state satisfies `nothing & A`"
    );
}

#[test]
fn es012_says_which_operand_blocks() {
    // REVISED becomes CREATED, so it is never in the state.
    let machine = machine_of([
        first("Created"),
        on("Revised", event("Created"))
            .accumulate(alias("Created"))
            .restarting(),
        on("Ended", all_of([event("Created"), event("Revised")])).terminal(),
        on("Closed", event("Ended")).terminal(),
        on("Gone", event("Created")).terminal(),
    ]);
    let found = found(&machine, Code::UnreachableEvent);
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].subject,
        Subject::Operand(at(&machine, "Ended"), vec![1])
    );
    assert_eq!(
        found[0].message,
        "`Ended` can never happen: it follows `Revised`, which is never in the state"
    );
    assert_eq!(
        found[0].notes,
        [
            "`Revised` happens, but does not stay: reached by Created -> Revised, the state is then {Created}",
            "`Ended` follows `Created & Revised`, which holds in none of the 3 reachable states",
        ]
    );
    assert_eq!(found[1].subject, Subject::Follows(at(&machine, "Closed")));
    assert_eq!(
        found[1].message,
        "`Closed` can never happen: it follows `Ended`, which can never happen either"
    );
    assert_eq!(grave(&machine), ["ES012", "ES012"]);
}

#[test]
fn es012_two_operands_that_never_hold_together() {
    let meet = |accumulate| {
        machine_of([
            first("A"),
            on("B", event("A")).accumulate(accumulate),
            on("C", all_of([event("A"), event("B")])).terminal(),
        ])
    };
    let finding = one(&meet(Accumulator::Current), Code::UnreachableEvent);
    assert_eq!(
        finding.message,
        "`C` can never happen: `A` and `B` never hold together"
    );
    assert!(found(&meet(Accumulator::Union), Code::UnreachableEvent).is_empty());
}

#[test]
fn es013_always_legal() {
    let machine = |formula| machine_of([first("A"), on("B", formula)]);
    let always = machine(any_of([but_not(event("B")), event("B")]));
    assert_eq!(
        one(&always, Code::AlwaysLegal).subject,
        Subject::Follows(at(&always, "B"))
    );
    let any_state = machine(but_not(Formula::Nothing));
    assert!(found(&any_state, Code::AlwaysLegal).is_empty());
    // Who says `nothing` means it.
    let meant = machine(any_of([Formula::Nothing, event("A"), event("B")]));
    assert!(found(&meant, Code::AlwaysLegal).is_empty());
}

#[test]
fn es014_a_redundant_operand() {
    let machine = machine_of([
        first("A"),
        on("B", event("A")),
        on("C", all_of([event("A"), but_not(event("B"))])).terminal(),
        on("D", event("B")).terminal(),
    ]);
    let finding = one(&machine, Code::RedundantOperand);
    assert_eq!(finding.severity, Severity::Allowed);
    assert_eq!(
        finding.subject,
        Subject::Operand(at(&machine, "C"), vec![1])
    );
    assert_eq!(
        finding.message,
        "`!B` could be left out of the `follows` of `C`"
    );
    // With `union()` A and B are in the state together, and it decides.
    let machine = machine_of([
        first("A"),
        on("B", event("A")).accumulate(Accumulator::Union),
        on("C", all_of([event("A"), but_not(event("B"))])).terminal(),
        on("D", event("B")).terminal(),
    ]);
    assert!(found(&machine, Code::RedundantOperand).is_empty());
}

#[test]
fn es015_an_event_that_is_never_in_the_state() {
    let machine = |revised: Accumulator<String>| {
        machine_of([
            first("Created"),
            on("Revised", event("Created"))
                .accumulate(revised)
                .restarting(),
            on(
                "Ended",
                all_of([event("Created"), but_not(event("Revised"))]),
            )
            .terminal(),
        ])
    };
    let gone = machine(alias("Created"));
    let finding = one(&gone, Code::ConstantOperand);
    assert_eq!(
        finding.subject,
        Subject::Operand(at(&gone, "Ended"), vec![1, 0])
    );
    assert_eq!(
        finding.message,
        "`Ended` asks for `Revised`, which is never in the state"
    );
    assert_eq!(codes(&gone), ["ES015"]);
    assert!(found(&machine(Accumulator::Union), Code::ConstantOperand).is_empty());
}

#[test]
fn es015_an_alternative_that_never_holds() {
    let machine = machine_of([
        first("A"),
        on("B", event("A")),
        on("C", any_of([all_of([event("A"), event("B")]), event("B")])).terminal(),
    ]);
    let finding = one(&machine, Code::ConstantOperand);
    assert_eq!(
        finding.subject,
        Subject::Operand(at(&machine, "C"), vec![0])
    );
    assert_eq!(
        finding.message,
        "an alternative of `C`, `A & B`, never holds"
    );
    // Not of what can never happen: that is said there.
    let machine = machine_of([
        first("A"),
        on("B", all_of([event("A"), but_not(event("A"))])),
        on("C", any_of([event("A"), event("B")])).terminal(),
    ]);
    assert_eq!(codes(&machine), ["ES011"]);
}
