//! Each code by the smallest machine that shows it, beside the nearest that does not.

use eventsource_model::findings::{Checks, Code, Finding, Invariant, Place, Severity};
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

fn alias(name: &str) -> Accumulator<String> {
    Accumulator::Alias(name.to_owned())
}

fn without(name: &str) -> Accumulator<String> {
    Accumulator::Difference(vec![name.to_owned()].into())
}

/// The task list, by its names in the database.
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

fn found_with(machine: &Machine, checks: &Checks, code: Code) -> Vec<Finding> {
    let mut findings = machine.findings(checks);
    findings.retain(|finding| finding.code == code);
    findings
}

fn one(machine: &Machine, code: Code) -> Finding {
    let mut found = found(machine, code);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn codes(machine: &Machine) -> Vec<&'static str> {
    let findings = machine.findings(&Checks::default());
    findings.iter().map(|finding| finding.code.code()).collect()
}

/// Those that are told unless the author says otherwise.
fn grave(machine: &Machine) -> Vec<&'static str> {
    let mut findings = machine.findings(&Checks::default());
    findings.retain(|finding| finding.severity > Severity::Allowed);
    findings.iter().map(|finding| finding.code.code()).collect()
}

fn at(machine: &Machine, name: &str) -> EventIndex {
    machine.index_of(name).unwrap()
}

fn invariant(invariant: Invariant) -> Checks {
    Checks {
        invariants: vec![invariant],
        ..Checks::default()
    }
}

#[test]
fn es003_an_operand_said_twice() {
    let twice = |formula| machine_of([first("A"), on("B", formula).terminal()]);
    let machine = twice(any_of([event("A"), event("A")]));
    let finding = one(&machine, Code::Operands);
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.place, Place::Operand(at(&machine, "B"), vec![1]));
    assert_eq!(finding.message, "`A` is said twice in the `follows` of `B`");
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
    assert_eq!(finding.place, Place::Operand(at(&machine, "B"), vec![1, 1]));
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
fn es010_nothing_may_be_first_and_that_is_all() {
    let machine = machine_of([on("A", event("B")), on("B", event("A")).terminal()]);
    let finding = one(&machine, Code::NoInitialEvent);
    assert_eq!(finding.place, Place::Machine);
    assert_eq!(codes(&machine), ["ES010"]);
}

#[test]
fn es011_asked_for_and_forbidden() {
    let machine = machine_of([
        first("A"),
        on("B", all_of([event("A"), but_not(event("A"))])).terminal(),
        on("C", event("A")).terminal(),
    ]);
    let finding = one(&machine, Code::Contradiction);
    assert_eq!(finding.place, Place::Operand(at(&machine, "B"), vec![1]));
    assert_eq!(
        finding.message,
        "`B` can never happen: `A` is both asked for and forbidden"
    );
    // Not unreachable as well.
    assert_eq!(codes(&machine), ["ES011"]);
}

#[test]
fn es011_as_a_part_of_a_formula() {
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
    assert_eq!(finding.place, Place::Operand(at(&machine, "B"), vec![1]));
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
        found[0].place,
        Place::Operand(at(&machine, "Ended"), vec![1])
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
    assert_eq!(found[1].place, Place::Follows(at(&machine, "Closed")));
    assert_eq!(
        found[1].message,
        "`Closed` can never happen: it follows `Ended`, which can never happen either"
    );
    assert_eq!(grave(&machine), ["ES012", "ES012"]);
}

#[test]
fn es012_two_operands_that_never_meet() {
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
        one(&always, Code::AlwaysLegal).place,
        Place::Follows(at(&always, "B"))
    );
    let any_state = machine(but_not(Formula::Nothing));
    assert!(found(&any_state, Code::AlwaysLegal).is_empty());
    // Who says `nothing` means it.
    let meant = machine(any_of([Formula::Nothing, event("A"), event("B")]));
    assert!(found(&meant, Code::AlwaysLegal).is_empty());
}

#[test]
fn es014_an_operand_that_decides_nothing() {
    let machine = machine_of([
        first("A"),
        on("B", event("A")),
        on("C", all_of([event("A"), but_not(event("B"))])).terminal(),
        on("D", event("B")).terminal(),
    ]);
    let finding = one(&machine, Code::RedundantOperand);
    assert_eq!(finding.severity, Severity::Allowed);
    assert_eq!(finding.place, Place::Operand(at(&machine, "C"), vec![1]));
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
        finding.place,
        Place::Operand(at(&gone, "Ended"), vec![1, 0])
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
    assert_eq!(finding.place, Place::Operand(at(&machine, "C"), vec![0]));
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
    assert_eq!(grave(&machine), ["ES011"]);
}

#[test]
fn es020_the_first_event_leaves_the_state_empty() {
    let machine = |accumulate| machine_of([EventSpec::new("A").accumulate(accumulate).terminal()]);
    let empty = machine(Accumulator::Keep);
    let finding = one(&empty, Code::StaysEmpty);
    assert_eq!(finding.place, Place::Accumulate(at(&empty, "A")));
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
    assert_eq!(finding.place, Place::Accumulate(at(&empty, "Closed")));
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
fn es022_a_dead_end_and_its_shortest_path() {
    let machine = machine_of([
        first("Created"),
        on("Assigned", event("Created")),
        on("Canceled", any_of([event("Created"), event("Assigned")])),
    ]);
    let finding = one(&machine, Code::DeadEnd);
    assert_eq!(finding.place, Place::Event(at(&machine, "Canceled")));
    assert_eq!(
        finding.notes,
        ["reached by Created -> Canceled, the state is then {Canceled}"]
    );
    assert_eq!(
        finding.help.last().unwrap(),
        "or say `allow(dead_end)` if it is meant"
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
fn es023_something_follows_the_end() {
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
    assert_eq!(finding.place, Place::Terminal(at(&goes_on, "Closed")));
    assert_eq!(
        finding.message,
        "`Closed` is marked `terminal`, but `Reopened` may follow it"
    );
    assert!(found(&machine("Opened"), Code::NotTerminal).is_empty());
}

#[test]
fn es024_a_story_that_cannot_end() {
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
    assert_eq!(finding.place, Place::Event(at(&livelock, "Lost")));
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
fn es030_a_restart_that_leads_elsewhere() {
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
    assert_eq!(finding.place, Place::Restarting(at(&elsewhere, "Revised")));
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
fn es031_a_restart_that_is_always_first() {
    let machine = |follows| {
        machine_of([
            on("Created", follows).restarting(),
            on("B", event("Created")).terminal(),
        ])
    };
    let never = machine(Formula::Nothing);
    let finding = one(&never, Code::NeverRestarts);
    assert_eq!(finding.place, Place::Restarting(at(&never, "Created")));
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
    assert_eq!(finding.place, Place::Event(at(&silent, "Revised")));
    assert!(found(&machine(EventSpec::restarting), Code::SilentRestart).is_empty());
}

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
    assert_eq!(finding.place, Place::AutoTransition(at(&rivals, "B")));
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
    assert_eq!(finding.place, Place::AutoTransition(at(&spins, "B")));
    assert_eq!(
        finding.message,
        "`B` would be written for ever: it follows its own state"
    );
    assert!(found(&machine(Accumulator::Current), Code::AutoLoop).is_empty());
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
    let place = Place::Requires(at(&lacking, "Ended"), "by".to_owned());
    assert_eq!(finding.place, place);
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

/// The payload of the event that was asked for goes through the whole chain: what stands between
/// supplies nothing.
#[test]
fn es042_through_a_chain() {
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
            .map(|finding| finding.place)
            .collect::<Vec<_>>()
    };
    let lacking = machine(&[], &["by"]);
    assert_eq!(
        found_in(&lacking),
        [
            Place::Requires(at(&lacking, "Checked"), "by".to_owned()),
            Place::Requires(at(&lacking, "Ended"), "by".to_owned()),
        ]
    );
    assert_eq!(found_in(&machine(&["by"], &[])), []);
}

#[test]
fn es043_an_auto_transition_that_is_first() {
    let machine = |follows| machine_of([first("A"), on("B", follows).auto_transition().terminal()]);
    let first = machine(Formula::Nothing);
    let finding = one(&first, Code::AutoInitial);
    assert_eq!(finding.place, Place::AutoTransition(at(&first, "B")));
    // Before the first event nothing triggers it, so A is no rival there.
    assert!(found(&first, Code::AutoRival).is_empty());
    assert!(found(&machine(event("A")), Code::AutoInitial).is_empty());
}

#[test]
fn es050_two_names_for_one_thing() {
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
    assert_eq!(finding.place, Place::Event(at(&same, "Remarked")));
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
            event.accumulate(Accumulator::Keep),
            on("End", self::event("A")).terminal(),
        ])
    };
    let idle = machine(on("Seen", event("A")));
    let finding = one(&idle, Code::NoOperation);
    assert_eq!(finding.place, Place::Event(at(&idle, "Seen")));
    assert_eq!(
        finding.message,
        "`Seen` changes nothing and carries nothing"
    );
    assert_eq!(grave(&idle), ["ES052"]);
    let carries = machine(on("Seen", event("A")).requires(["by"]));
    assert!(found(&carries, Code::NoOperation).is_empty());
    // The machine does not know optional fields.
    let checks = Checks {
        carrying: idle.state_of(["Seen"]).unwrap(),
        ..Checks::default()
    };
    assert!(found_with(&idle, &checks, Code::NoOperation).is_empty());
}

/// `count` events in any order after A, then an end that is not marked.
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
    assert_eq!(finding.place, Place::Machine);
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
fn es060_is_an_error_if_more_than_the_most_is_asked_for() {
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
    assert_eq!(finding.place, Place::Invariant(0));
    assert_eq!(
        finding.message,
        "`ASSIGNED & SCHEDULED` is never to hold, but it does"
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
        "`CREATED` is always to hold, but it does not"
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
        let checks = invariant(Invariant::Eventually(at(&machine, name)));
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
fn es080_the_rules_drift() {
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
        (drifted.severity, &drifted.place),
        (Severity::Warning, &Place::Fingerprint)
    );
    assert_eq!(
        drifted.message,
        format!(
            "the rules are not those that are pinned: {} was pinned, they are {}",
            old.fingerprint(),
            new.fingerprint()
        )
    );
    assert_eq!(
        drifted.notes,
        [
            "events that appeared: Broken",
            "states that appeared: {Broken}",
            "transitions that appeared: {Lit} -> Broken -> {Broken}",
        ]
    );
    assert_eq!(drifted.help.last(), Some(&paste));

    let bare = &pinned(old.fingerprint().to_string())[0];
    assert!(bare.notes[0].starts_with("what changed cannot be told"));
    let empty = &pinned(String::new())[0];
    assert_eq!(empty.severity, Severity::Warning);
    assert_eq!(empty.help.last(), Some(&paste));
    let broken = &pinned("nonsense".to_owned())[0];
    assert_eq!(broken.severity, Severity::Error);
    assert_eq!(broken.help.last(), Some(&paste));
}
