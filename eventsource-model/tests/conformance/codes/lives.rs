//! Cases of ES020 to ES032: how histories restart and end.

use super::*;

#[test]
fn es020_the_first_event_leaves_the_state_empty() {
    let machine = |accumulate| machine_of([EventSpec::new("A").accumulate(accumulate).terminal()]);
    let empty = machine(Accumulator::Keep);
    let finding = one(&empty, Code::StaysEmpty);
    assert_eq!(finding.subject, Subject::Accumulate(at(&empty, "A")));
    assert!(found(&machine(Accumulator::Union), Code::StaysEmpty).is_empty());
}

#[test]
fn es021_a_later_event_empties_the_state() {
    let machine = |removed: &str| {
        machine_of([
            first("Opened"),
            on("Seen", event("Opened")).accumulate(Accumulator::Union),
            on("Closed", event("Seen")).accumulate(Accumulator::Compose(
                vec![without("Opened"), without(removed)].into(),
            )),
        ])
    };
    let empty = machine("Seen");
    let finding = one(&empty, Code::BecomesEmpty);
    assert_eq!(finding.subject, Subject::Accumulate(at(&empty, "Closed")));
    assert_eq!(finding.message, "`Closed` makes the state empty again");
    assert_eq!(
        finding.notes,
        [
            "reached by Opened -> Seen -> Closed, the state is then empty",
            "then `Opened` may happen as if nothing had happened before",
        ]
    );
    assert!(found(&machine("Opened"), Code::BecomesEmpty).is_empty());
}

#[test]
fn es022_a_dead_end_with_its_shortest_path_and_the_accumulators() {
    let machine = machine_of([
        first("Created"),
        on("Assigned", event("Created")),
        on("Canceled", any_of([event("Created"), event("Assigned")])),
    ]);
    let finding = one(&machine, Code::DeadEnd);
    assert_eq!(finding.subject, Subject::Event(at(&machine, "Canceled")));
    assert_eq!(
        finding.notes,
        ["reached by Created -> Canceled, the state is then {Canceled}"]
    );
    assert_eq!(
        finding.help,
        [
            "mark `Canceled` as `terminal` if the entity's life ends with it",
            "or let another event follow it",
            "or write `accumulate = union()`, which adds `Canceled` to the state, or \
             `accumulate = keep()`, which leaves the state as it was: by default `Canceled` replaces it",
            "or say `allow(dead_end)` if it is intended",
        ]
    );
    let ended = machine_of([
        first("Created"),
        on("Canceled", event("Created")).terminal(),
    ]);
    assert_eq!(codes(&ended), [""; 0]);
}

#[test]
fn es022_many_dead_ends_of_one_event_are_one_finding() {
    let independent = |name: &str| {
        on(
            name,
            all_of([event("A"), but_not(event(name)), but_not(event("End"))]),
        )
        .accumulate(Accumulator::Union)
    };
    let end = on("End", all_of([event("A"), but_not(event("End"))]));
    let machine = machine_of([
        first("A"),
        independent("B"),
        independent("C"),
        end.accumulate(Accumulator::Union),
    ]);
    let finding = one(&machine, Code::DeadEnd);
    assert_eq!(finding.states.len(), 4);
    assert_eq!(
        finding.notes,
        ["reached by A -> End, the state is then {A, End}; the same in 3 other states"]
    );
}

#[test]
fn es023_an_event_follows_a_terminal_one() {
    let machine = |reopened| {
        machine_of([
            first("Opened"),
            on("Closed", event("Opened")).terminal(),
            on("Reopened", event(reopened))
                .accumulate(alias("Opened"))
                .restarting(),
        ])
    };
    let goes_on = machine("Closed");
    let finding = one(&goes_on, Code::NotTerminal);
    assert_eq!(finding.subject, Subject::Terminal(at(&goes_on, "Closed")));
    assert_eq!(
        finding.message,
        "`Closed` is marked `terminal`, but `Reopened` may follow it"
    );
    assert!(found(&machine("Opened"), Code::NotTerminal).is_empty());
}

#[test]
fn es024_a_history_that_cannot_end() {
    let machine = |end| {
        machine_of([
            first("Opened"),
            on("Closed", end).terminal(),
            on("Lost", any_of([event("Opened"), event("Found")])),
            on("Found", event("Lost")),
        ])
    };
    let livelock = machine(event("Opened"));
    let finding = one(&livelock, Code::NeverEnds);
    assert_eq!(finding.subject, Subject::Event(at(&livelock, "Lost")));
    assert_eq!(
        finding.notes,
        [
            "reached by Opened -> Lost, the state is then {Lost}",
            "from there no event marked `terminal` can be reached: `Closed`",
        ]
    );
    assert_eq!(grave(&livelock), ["ES024"]);
    let ends = machine(any_of([event("Opened"), event("Found")]));
    assert!(grave(&ends).is_empty());
    // Of a machine that marks no end, none is expected; and a dead end is said to be one only.
    let unmarked = machine_of([
        first("A"),
        on("B", event("A")),
        on("C", event("A")).terminal(),
    ]);
    assert_eq!(grave(&unmarked), ["ES022"]);
}

#[test]
fn es025_a_point_of_no_return() {
    let machine = machine_of([
        first("Drafted"),
        on("Edited", event("Drafted"))
            .accumulate(Accumulator::Keep)
            .requires(["text"]),
        on("Published", event("Drafted")),
        on("Withdrawn", event("Published")).terminal(),
    ]);
    let finding = one(&machine, Code::PointOfNoReturn);
    assert_eq!(finding.severity, Severity::Allowed);
    assert_eq!(finding.message, "after `Published` never again: `Edited`");
    assert_eq!(machine.names(finding.states[0]), ["Published"]);
}

#[test]
fn es030_a_restart_that_does_not_lead_to_an_initial_state() {
    let machine = |accumulate| {
        machine_of([
            first("Created"),
            on("Started", any_of([event("Created"), event("Revised")])),
            on("Revised", event("Started"))
                .accumulate(accumulate)
                .restarting(),
        ])
    };
    let elsewhere = machine(Accumulator::Current);
    let finding = one(&elsewhere, Code::RestartsElsewhere);
    assert_eq!(
        finding.subject,
        Subject::Restarting(at(&elsewhere, "Revised"))
    );
    assert_eq!(
        finding.notes,
        [
            "reached by Created -> Started -> Revised, the state is then {Revised}",
            "expected the state after a first event: {Created}",
        ]
    );
    assert!(found(&machine(alias("Created")), Code::RestartsElsewhere).is_empty());
}

#[test]
fn es031_a_restart_that_is_only_initial() {
    let machine = |follows| {
        machine_of([
            on("Created", follows).restarting(),
            on("B", event("Created")).terminal(),
        ])
    };
    let never = machine(Formula::Nothing);
    let finding = one(&never, Code::NeverRestarts);
    assert_eq!(finding.subject, Subject::Restarting(at(&never, "Created")));
    let restarts = machine(any_of([Formula::Nothing, event("Created")]));
    assert!(found(&restarts, Code::NeverRestarts).is_empty());
}

#[test]
fn es032_a_restart_that_is_not_marked() {
    let machine = |mark: fn(EventSpec) -> EventSpec| {
        machine_of([
            first("Created"),
            on("Started", event("Created")),
            mark(on("Revised", event("Started")).accumulate(alias("Created"))),
        ])
    };
    let silent = machine(|event| event);
    let finding = one(&silent, Code::SilentRestart);
    assert_eq!(finding.severity, Severity::Allowed);
    assert_eq!(finding.subject, Subject::Event(at(&silent, "Revised")));
    assert!(found(&machine(EventSpec::restarting), Code::SilentRestart).is_empty());
}
