//! Machines to draw.

use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec};
use proptest::prelude::*;

pub fn event(name: &str) -> Formula<String> {
    Formula::event(name)
}

pub fn machine(name: &str, events: impl IntoIterator<Item = EventSpec>) -> Machine {
    Machine::compile(&MachineSpec::new(name, events)).unwrap()
}

/// Builds the task list, with roles.
pub fn task() -> Machine {
    let once = |name: &str| {
        EventSpec::new(name)
            .follows(Formula::all_of([
                event("CREATED"),
                Formula::but_not(event(name)),
            ]))
            .accumulate(Accumulator::Union)
    };
    let started = |name: &str| EventSpec::new(name).follows(event("STARTED"));
    machine(
        "task",
        [
            EventSpec::new("CREATED"),
            once("ASSIGNED").by(["manager"]),
            once("SCHEDULED"),
            EventSpec::new("STARTED")
                .follows(Formula::all_of([event("ASSIGNED"), event("SCHEDULED")])),
            started("REASSIGNED").accumulate(Accumulator::Keep),
            EventSpec::new("REVISED")
                .follows(Formula::any_of([event("CREATED"), event("STARTED")]))
                .accumulate(Accumulator::Alias("CREATED".to_owned()))
                .restarting(),
            started("CANCELED").terminal(),
            started("COMPLETED"),
            EventSpec::new("ENDED")
                .follows(event("COMPLETED"))
                .auto_transition()
                .terminal(),
        ],
    )
}

/// Builds a machine of two steps, with notes that may be taken at any time and change nothing else:
/// 2 + 2^`notes` of either state.
pub fn with_notes(notes: usize) -> Machine {
    let note = |n: usize| {
        EventSpec::new(format!("NOTE_{n}"))
            .follows(Formula::but_not(Formula::Nothing))
            .accumulate(Accumulator::Union)
    };
    let mut events = vec![
        EventSpec::new("OPENED"),
        EventSpec::new("CLOSED").follows(event("OPENED")),
    ];
    events.extend((0..notes).map(note));
    machine("case", events)
}

/// Builds a machine of flags, each of which can be raised once at any time: no two states behave
/// alike.
pub fn flags(count: usize) -> Machine {
    let flag = |n: usize| {
        EventSpec::new(format!("FLAG_{n}"))
            .follows(Formula::but_not(event(&format!("FLAG_{n}"))))
            .accumulate(Accumulator::Union)
    };
    machine("flags", (0..count).map(flag))
}

const EVENTS: usize = 5;

/// Generates any machine of five event types; some names are long.
pub fn any_machine() -> impl Strategy<Value = Machine> {
    let name = |n: usize| format!("E{n}{}", "_AND_MORE".repeat(n % 3));
    let one = move || (0..EVENTS).prop_map(move |n| event(&name(n)));
    let formula = prop_oneof![
        2 => Just(Formula::Nothing),
        4 => one(),
        2 => one().prop_map(Formula::but_not),
        2 => (one(), one()).prop_map(|(a, b)| Formula::any_of([a, b])),
        2 => (one(), one()).prop_map(|(a, b)| Formula::all_of([a, Formula::but_not(b)])),
        1 => Just(Formula::but_not(Formula::Nothing)),
    ];
    let accumulator = prop_oneof![
        3 => Just(Accumulator::Current),
        1 => Just(Accumulator::Keep),
        3 => Just(Accumulator::Union),
        1 => (0..EVENTS).prop_map(move |n| Accumulator::Alias(name(n))),
        1 => (0..EVENTS).prop_map(move |n| Accumulator::Difference(vec![name(n)].into())),
    ];
    prop::collection::vec((formula, accumulator, any::<bool>()), EVENTS).prop_map(move |rules| {
        let events = rules.into_iter().enumerate();
        let events = events.map(|(n, (formula, accumulator, auto))| {
            let spec = EventSpec::new(name(n))
                .follows(formula)
                .accumulate(accumulator);
            if auto { spec.auto_transition() } else { spec }
        });
        machine("any", events)
    })
}
