//! Properties of the strategies for random machines.

use std::sync::Arc;

use eventsource_model::{Accumulator, EventIndex, EventSpec, Formula, Machine, MachineSpec, Walk};
use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use super::guide::Guide;
use super::shrink::Shrinker;

const EVENTS: usize = 6;

fn name() -> impl Strategy<Value = String> {
    (0..EVENTS).prop_map(|position| format!("E{position}"))
}

/// Generates machines that often have a few states: some events require one or two others, some
/// exclude one.
fn machine() -> impl Strategy<Value = &'static Machine> {
    let event = || name().prop_map(Formula::event);
    let formula = prop_oneof![
        1 => Just(Formula::Nothing),
        2 => event(),
        2 => (event(), event()).prop_map(|(a, b)| Formula::any_of([a, b])),
        2 => (event(), event()).prop_map(|(a, b)| Formula::all_of([a, Formula::but_not(b)])),
    ];
    let accumulator = prop_oneof![
        Just(Accumulator::Current),
        Just(Accumulator::Keep),
        Just(Accumulator::Union),
        name().prop_map(Accumulator::Alias),
        name().prop_map(|event| Accumulator::Difference(vec![event].into())),
    ];
    let auto = prop::bool::weighted(0.2);
    vec((formula, accumulator, auto), EVENTS).prop_map(|rules| {
        let mut rules = rules.into_iter().enumerate();
        let events = rules
            .by_ref()
            .map(|(position, (follows, accumulate, auto))| {
                // A machine cannot begin if its first event is an auto transition.
                let follows = if position == 0 {
                    Formula::Nothing
                } else {
                    follows
                };
                let spec = EventSpec::new(format!("E{position}")).follows(follows);
                let spec = spec.accumulate(accumulate);
                if auto { spec.auto_transition() } else { spec }
            });
        leaked(events)
    })
}

#[allow(clippy::expect_used, reason = "only tests call it")]
fn leaked(events: impl IntoIterator<Item = EventSpec>) -> &'static Machine {
    let machine = Machine::compile(&MachineSpec::new("random", events));
    Box::leak(Box::new(machine.expect("a machine that begins")))
}

fn appended(shrinker: &Shrinker) -> Vec<EventIndex> {
    let steps = shrinker.current().appended.iter();
    steps.map(|step| step.event).collect()
}

fn can_go_on(machine: &Machine, walk: &Walk) -> bool {
    machine
        .events()
        .any(|event| walk.clone().append(machine, event).is_ok())
}

/// Shrinks to the smallest walk that `fails`, as proptest does.
fn shrink(mut shrinker: Shrinker, fails: impl Fn(&Walk) -> bool) -> Walk {
    let mut moved = shrinker.simplify();
    while moved {
        moved = if fails(&shrinker.current().walk) {
            shrinker.simplify()
        } else {
            shrinker.complicate()
        };
    }
    shrinker.current().walk.clone()
}

proptest! {
    #[test]
    fn chosen_walks_are_legal_and_as_long_as_asked(
        machine in machine(),
        (shortest, more) in (0..8usize, 0..8usize),
    ) {
        let guide = Guide::new(machine);
        let mut runner = TestRunner::deterministic();
        let len = SizeRange::from(shortest..=shortest + more);
        for _ in 0..10 {
            let appended = guide.choose(&mut runner, &len).unwrap();
            let walk = Walk::of(machine, appended.iter().copied());
            prop_assert!(walk.is_ok(), "{:?}", walk);
            prop_assert!(appended.len() <= shortest + more);
            prop_assert!(appended.len() >= shortest || !can_go_on(machine, &walk.unwrap()));
        }
    }

    /// Shrinks with random verdicts on each walk.
    #[test]
    fn shrunk_walks_are_legal_and_ever_smaller(
        machine in machine(),
        shortest in 0..4usize,
        fails in vec(any::<bool>(), 300),
    ) {
        let guide = Arc::new(Guide::new(machine));
        let len = SizeRange::from(shortest..=12);
        let chosen = guide.choose(&mut TestRunner::deterministic(), &len).unwrap();
        let mut shrinker = Shrinker::new(guide, &chosen, shortest, None);
        prop_assert_eq!(&appended(&shrinker), &chosen);
        let mut best = chosen;
        let mut moved = shrinker.simplify();
        for fails in fails {
            if !moved {
                break;
            }
            let current = appended(&shrinker);
            let walk = Walk::of(machine, current.iter().copied());
            prop_assert_eq!(walk.as_ref(), Ok(&shrinker.current().walk));
            prop_assert!(current.len() >= shortest.min(best.len()));
            let is_less = (current.len(), &current) < (best.len(), &best);
            if current == best {
                // No change is left; the smallest walk fails again.
                prop_assert!(!shrinker.simplify());
                break;
            }
            prop_assert!(is_less, "{:?} after {:?}", current, best);
            moved = if fails {
                best = current;
                shrinker.simplify()
            } else {
                shrinker.complicate()
            };
        }
        // Proptest ends in this way when it gives up.
        while shrinker.complicate() {}
        prop_assert_eq!(appended(&shrinker), best);
    }

    #[test]
    fn illegal_event_stays_illegal_in_shrunk_walks(machine in machine(), pick in any::<Index>()) {
        let guide = Arc::new(Guide::new(machine));
        let chosen = guide.choose(&mut TestRunner::deterministic(), &SizeRange::from(0..12)).unwrap();
        let walk = Walk::of(machine, chosen.iter().copied()).unwrap();
        let events = machine.events();
        let illegal: Vec<_> = events.filter(|e| !machine.may_follow(*e, walk.state())).collect();
        prop_assume!(!illegal.is_empty());
        let illegal = *pick.get(&illegal);
        let shrinker = Shrinker::new(guide, &chosen, 0, Some(illegal));
        let smallest = shrink(shrinker, |walk| !machine.may_follow(illegal, walk.state()));
        prop_assert!(!machine.may_follow(illegal, smallest.state()));
        if !machine.is_initial(illegal) {
            prop_assert_eq!(smallest.steps(), &[]);
        }
    }

    #[test]
    fn failure_by_event_shrinks_to_shortest_walk(
        machine in machine(),
        pick in any::<Index>(),
    ) {
        let guide = Arc::new(Guide::new(machine));
        let chosen = guide.choose(&mut TestRunner::deterministic(), &SizeRange::from(0..16)).unwrap();
        let walk = Walk::of(machine, chosen.iter().copied()).unwrap();
        prop_assume!(!walk.steps().is_empty());
        let event = pick.get(walk.steps()).event;
        let shortest = guide.walks.to_event(event).unwrap();
        let shrinker = Shrinker::new(guide, &chosen, 0, None);
        let smallest = shrink(shrinker, |walk| walk.events().any(|e| e == event));
        prop_assert!(smallest.events().any(|e| e == event));
        // Walks compare by their appended events; fewer of them may have more auto transitions.
        prop_assert!(smallest.appended().count() <= shortest.appended().count());
    }
}

proptest! {
    #[test]
    fn failure_by_state_shrinks_to_shortest_walk(
        machine in machine(),
        len in 0..16usize,
    ) {
        let guide = Arc::new(Guide::new(machine));
        let mut runner = TestRunner::deterministic();
        for _ in 0..10 {
            let chosen = guide.choose(&mut runner, &SizeRange::from(len)).unwrap();
            let state = Walk::of(machine, chosen.iter().copied()).unwrap().state();
            let shortest = guide.walks.to_state(state).unwrap();
            let shrinker = Shrinker::new(guide.clone(), &chosen, 0, None);
            let smallest = shrink(shrinker, |walk| walk.state() == state);
            prop_assert_eq!(smallest.state(), state);
            prop_assert!(smallest.appended().count() <= shortest.appended().count());
        }
    }
}

#[test]
fn machine_without_initial_event_has_empty_walks() {
    let events = [
        EventSpec::new("A").follows(Formula::event("B")),
        EventSpec::new("B").follows(Formula::event("A")),
    ];
    let guide = Guide::new(leaked(events));
    let len = SizeRange::from(1..5);
    let chosen = guide.choose(&mut TestRunner::deterministic(), &len);
    assert_eq!(chosen.unwrap(), []);
}

#[test]
fn empty_range_of_lengths_is_an_error() {
    let guide = Guide::new(leaked([EventSpec::new("A")]));
    #[allow(clippy::reversed_empty_ranges, reason = "that is what is tried")]
    let len = SizeRange::from(5..5);
    let error = guide
        .choose(&mut TestRunner::deterministic(), &len)
        .unwrap_err();
    assert_eq!(error.message(), "the range of lengths is empty");
}
