//! Differences of two machines, and pins.

use eventsource_model::{Accumulator, EventSpec, Machine, MachineSpec, Pin, PinError};
use proptest::prelude::*;

use crate::codes::{all_of, any_of, but_not, event, first, machine_of, on, task};
use crate::properties::spec;

#[test]
fn diff_lists_every_change_by_name() {
    let old = machine_of([
        first("Created"),
        on("Started", event("Created")).requires(["by"]),
        on("Paused", event("Started")),
        on("Ended", event("Started")).terminal(),
    ]);
    let new = Machine::compile(&MachineSpec::new(
        "other",
        [
            on("Started", any_of([event("Created"), event("Held")])).requires(["at"]),
            first("Created"),
            on("Held", event("Started")).accumulate(Accumulator::Union),
            on("Ended", event("Started")).auto_transition(),
        ],
    ))
    .unwrap();
    assert_eq!(
        old.diff(&new).to_string(),
        "\
the machine is named other, before any
added events: Held
removed events: Paused
the events are in another order
Started: follows `Created | Held`, before `Created`; now requires at; no longer requires by
Ended: now auto_transition; no longer terminal
added states: {Started, Held}
removed states: {Paused}
added transitions: {Started} -> Held -> {Started, Held}, {Started, Held} -> Started -> {Started}, {Started, Held} -> Held -> {Started, Held}, {Started, Held} -> Ended -> {Ended}
removed transitions: {Started} -> Paused -> {Paused}
"
    );
}

#[test]
fn long_diff_is_truncated() {
    let machine = |count: usize| {
        let events = (0..count).map(|n| EventSpec::new(format!("E{n}")));
        Machine::compile(&MachineSpec::new("many", events)).unwrap()
    };
    let text = machine(1).diff(&machine(21)).to_string();
    let first = text.lines().next().unwrap();
    assert_eq!(
        first,
        "added events: E1, E2, E3, E4, E5, E6, E7, E8 and 12 more"
    );
}

#[test]
fn diff_compares_accumulators_by_name() {
    let machine = |events: [&str; 2], accumulate| {
        let [one, two] = events;
        machine_of([
            first(one),
            first(two),
            on("C", event(one)).accumulate(accumulate),
        ])
    };
    let without_b = |name: &str| Accumulator::Difference(vec![name.to_owned()].into());
    // A and B change places: the masks differ, the rules do not.
    let diff = machine(["A", "B"], without_b("B")).diff(&machine(["B", "A"], without_b("B")));
    let changed: Vec<&str> = diff.rules.iter().map(|rule| rule.event.as_str()).collect();
    assert_eq!((diff.reordered, changed), (true, vec!["C"]));
    assert_eq!(diff.rules[0].changes, ["follows `B`, before `A`"]);
    let diff = machine(["A", "B"], without_b("B")).diff(&machine(["A", "B"], without_b("A")));
    assert_eq!(diff.rules[0].changes, ["changes the state otherwise"]);
}

#[test]
fn diff_of_machines_with_too_many_states_compares_rules_only() {
    let machine = |terminal: bool| {
        let names: Vec<String> = (0..20).map(|n| format!("E{n}")).collect();
        let grows = |name: &String| {
            let spec = on(name, but_not(event(name))).accumulate(Accumulator::Union);
            if terminal { spec.terminal() } else { spec }
        };
        Machine::compile(&MachineSpec::new("big", names.iter().map(grows))).unwrap()
    };
    let diff = machine(false).diff(&machine(true));
    assert!(!diff.states_compared && diff.states.is_empty());
    let text = diff.to_string();
    assert!(text.starts_with("E0: now terminal\n"), "{text}");
    assert!(text.contains("and 12 more rules\n"), "{text}");
    assert!(
        text.ends_with("there are too many states and transitions to compare\n"),
        "{text}"
    );
}

#[test]
fn pin_is_short_enough_for_source_code() {
    let pin = task().pin();
    assert!((200..350).contains(&pin.len()), "{} {pin}", pin.len());
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b":-_".contains(&byte);
    assert!(pin.bytes().all(printable), "{pin}");
}

#[test]
fn damaged_pin_is_an_error() {
    let machine = machine_of([first("A"), on("B", all_of([event("A")])).terminal()]);
    let pin = machine.pin();
    assert_eq!(Pin::read("0123"), Err(PinError::Fingerprint));
    assert_eq!(Pin::read(&pin[..pin.len() - 2]), Err(PinError::Rules));
    assert_eq!(Pin::read(&format!("{pin}AA")), Err(PinError::Rules));
    assert_eq!(Pin::read(&format!("{pin}*")), Err(PinError::Rules));
    let newer = format!("{}:Ag", &pin[..16]);
    assert_eq!(Pin::read(&newer), Err(PinError::Version { actual: 2 }));
    let other = task();
    let forged = format!("{}{}", other.fingerprint(), &pin[16..]);
    assert_eq!(
        Pin::read(&forged),
        Err(PinError::Mismatch {
            expected: other.fingerprint(),
            actual: machine.fingerprint(),
        })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn diff_of_a_machine_with_itself_is_empty(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let diff = machine.diff(&machine);
        prop_assert!(diff.is_empty() && diff.states_compared);
        prop_assert_eq!(diff.to_string(), "");
    }

    /// Apart from the states, a diff is not empty if the fingerprints differ.
    #[test]
    fn diff_is_empty_only_for_equal_fingerprints(one in spec(), other in spec()) {
        let one = Machine::compile(&one).unwrap();
        let other = Machine::compile(&other).unwrap();
        let same = one.fingerprint() == other.fingerprint();
        prop_assert_eq!(one.diff(&other).is_empty(), same);
        let (there, back) = (one.diff(&other), other.diff(&one));
        prop_assert_eq!(there.states.added.len(), back.states.removed.len());
        prop_assert_eq!(there.transitions.removed.len(), back.transitions.added.len());
    }

    #[test]
    fn pin_reads_back_as_the_same_machine(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let pin = Pin::read(&machine.pin()).unwrap();
        let read = pin.machine().unwrap();
        prop_assert_eq!(pin.fingerprint(), machine.fingerprint());
        prop_assert_eq!(read.fingerprint(), machine.fingerprint());
        prop_assert!(machine.diff(read).is_empty());
        prop_assert_eq!(read.pin(), machine.pin());
        for (event, rule) in read.rules() {
            // The formula and the accumulator that were made from the masks say the same.
            prop_assert_eq!(rule.accumulate.update(event), rule.update);
            for found in machine.explore(100).states() {
                let legal = machine.may_follow(event, found.state);
                prop_assert_eq!(rule.follows.holds(found.state), legal);
            }
        }
    }

    #[test]
    fn reading_any_text_as_a_pin_does_not_panic(text in "[0-9a-f]{16}:[A-Za-z0-9_*-]{0,60}", cut in 0..400usize) {
        let _ = Pin::read(&text);
        let pin = task().pin();
        let damaged: String = pin.chars().enumerate().filter(|(n, _)| *n != cut).map(|(_, c)| c).collect();
        prop_assert_eq!(Pin::read(&damaged).is_ok(), damaged == pin);
    }
}
