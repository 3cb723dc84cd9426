//! Walks are histories of a store, take every step, and are the shortest.

use std::collections::{HashMap, HashSet};

use eventsource_model::{EventIndex, EventSpec, Formula, Machine, MachineSpec, StateSet, Walk};
use proptest::prelude::*;

use crate::properties::spec;

/// Point in the life of an entity: its state, and whether anything has happened.
type Place = (StateSet, bool);

/// Returns the event that a store would write next, by the wording of M21: the first auto
/// transition that is legal once anything has happened, else any legal event.
fn next(machine: &Machine, (state, begun): Place) -> Vec<EventIndex> {
    let legal: Vec<EventIndex> = machine.available(state).collect();
    let auto = legal
        .iter()
        .find(|event| machine.rule(**event).auto_transition);
    let next = match auto {
        Some(auto) if begun => vec![*auto],
        _ => legal,
    };
    let ends = |event: &EventIndex| {
        let after = machine.accumulate(*event, state);
        machine.auto_transitions(after).is_ok()
    };
    next.into_iter().filter(ends).collect()
}

/// Computes the distance of each point from the beginning, by relaxing until nothing changes.
fn distances(machine: &Machine) -> HashMap<Place, usize> {
    let mut distances = HashMap::from([((StateSet::EMPTY, false), 0)]);
    loop {
        let known: Vec<(Place, usize)> = distances.iter().map(|(p, d)| (*p, *d)).collect();
        let before = distances.clone();
        for (place, distance) in known {
            for event in next(machine, place) {
                let after = (machine.accumulate(event, place.0), true);
                let nearest = distances.entry(after).or_insert(distance + 1);
                *nearest = (*nearest).min(distance + 1);
            }
        }
        if distances == before {
            return distances;
        }
    }
}

/// Returns the steps that a store can take, with the least number of events before each. In the
/// empty state the beginning counts for the return, but for auto transitions, which only a return
/// makes due.
fn steps(machine: &Machine) -> HashMap<(StateSet, EventIndex), usize> {
    let mut steps = HashMap::new();
    for (place, distance) in distances(machine) {
        for event in next(machine, place) {
            let nearest = steps.entry((place.0, event)).or_insert(distance);
            *nearest = (*nearest).min(distance);
        }
    }
    steps
}

fn taken(walk: &Walk) -> impl Iterator<Item = (StateSet, EventIndex)> {
    let before = std::iter::once(StateSet::EMPTY).chain(walk.states());
    before.zip(walk.events())
}

proptest! {
    #[test]
    fn covering_walks_are_legal_histories_of_a_store(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        for walk in machine.walks(usize::MAX).covering() {
            let again = Walk::of(&machine, walk.appended());
            prop_assert_eq!(again.as_ref(), Ok(&walk));
            let mut place = (StateSet::EMPTY, false);
            for step in walk.steps() {
                prop_assert!(next(&machine, place).contains(&step.event));
                let due = place.1 && machine.auto_transition(place.0).is_some();
                prop_assert_eq!(step.follows_by_itself, due);
                place = (step.state, true);
            }
            prop_assert_eq!(machine.auto_transition(walk.state()), None);
        }
    }

    #[test]
    fn covering_walks_take_every_step_by_a_shortest_path(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let walks = machine.walks(usize::MAX);
        prop_assert!(walks.is_complete());
        let mut nearest: HashMap<(StateSet, EventIndex), usize> = HashMap::new();
        for walk in walks.covering() {
            for (position, step) in taken(&walk).enumerate() {
                let found = nearest.entry(step).or_insert(position);
                *found = (*found).min(position);
            }
        }
        prop_assert_eq!(&nearest, &steps(&machine));
        let named: HashSet<_> = walks.transitions().collect();
        prop_assert_eq!(named, nearest.into_keys().collect::<HashSet<_>>());
    }

    #[test]
    fn no_covering_walk_is_a_prefix_of_another(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let walks: Vec<Walk> = machine.walks(usize::MAX).covering().collect();
        for (position, walk) in walks.iter().enumerate() {
            for (other, longer) in walks.iter().enumerate() {
                prop_assert!(position == other || !longer.steps().starts_with(walk.steps()));
            }
        }
    }

    #[test]
    fn near_legal_walks_try_every_illegal_event_in_every_state(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let mut tried = HashSet::new();
        for near in machine.walks(usize::MAX).near_legal() {
            prop_assert_eq!(&Walk::of(&machine, near.legal().appended()).unwrap(), near.legal());
            prop_assert!(!machine.may_follow(near.illegal(), near.state()));
            prop_assert!(near.rejection(&machine).is_some());
            prop_assert!(tried.insert((near.state(), near.legal().steps().is_empty(), near.illegal())));
        }
        let mut expected = HashSet::new();
        for ((state, begun), _) in distances(&machine) {
            let waits = !begun || machine.auto_transition(state).is_none();
            // A return to the empty state is the beginning again, where nothing is due there.
            let known = begun && state.is_empty();
            if waits && !known {
                let events = machine.events();
                let illegal = events.filter(|event| !machine.may_follow(*event, state));
                expected.extend(illegal.map(|event| (state, !begun, event)));
            }
        }
        prop_assert_eq!(tried, expected);
    }

    #[test]
    fn walk_to_a_state_or_event_is_shortest(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let walks = machine.walks(usize::MAX);
        for ((state, begun), distance) in distances(&machine) {
            if begun && machine.auto_transition(state).is_none() {
                let walk = walks.to_state(state).unwrap();
                prop_assert_eq!(walk.state(), state);
                let shortest = if state.is_empty() { 0 } else { distance };
                prop_assert_eq!(walk.steps().len(), shortest);
            }
        }
        let steps = steps(&machine);
        for event in machine.events() {
            let shortest = steps.iter().filter(|((_, e), _)| *e == event).map(|(_, d)| *d).min();
            let walk = walks.to_event(event);
            prop_assert_eq!(walk.is_some(), shortest.is_some());
            if let (Some(walk), Some(shortest)) = (walk, shortest) {
                prop_assert_eq!(walk.steps()[shortest].event, event);
                prop_assert!(walk.steps()[shortest + 1..].iter().all(|s| s.follows_by_itself));
            }
        }
    }

    #[test]
    fn walks_above_the_cap_are_not_complete(spec in spec(), cap in 1..12usize) {
        let machine = Machine::compile(&spec).unwrap();
        let (whole, capped) = (machine.walks(usize::MAX), machine.walks(cap));
        let all: Vec<_> = whole.transitions().collect();
        let some: Vec<_> = capped.transitions().collect();
        prop_assert_eq!(capped.is_complete(), some.len() == all.len());
        prop_assert!(some.iter().all(|step| all.contains(step)));
        let mut covered = HashSet::new();
        for walk in capped.covering() {
            prop_assert_eq!(&Walk::of(&machine, walk.appended()).unwrap(), &walk);
            covered.extend(taken(&walk).collect::<Vec<_>>());
        }
        prop_assert!(some.iter().all(|step| covered.contains(step)));
    }
}

/// A rival of an auto transition, and an event whose auto transitions would never end.
#[test]
fn walks_exclude_steps_that_a_store_refuses() {
    let machine = Machine::compile(&MachineSpec::new(
        "odd",
        [
            EventSpec::new("A"),
            EventSpec::new("AUTO")
                .follows(Formula::event("A"))
                .auto_transition(),
            EventSpec::new("RIVAL").follows(Formula::event("A")),
            EventSpec::new("SPIN").follows(Formula::event("AUTO")),
            EventSpec::new("SPUN")
                .follows(Formula::event("SPIN"))
                .accumulate(eventsource_model::Accumulator::Keep)
                .auto_transition(),
        ],
    ))
    .unwrap();
    let walks = machine.walks(100);
    let names = |walk: Walk| {
        let names: Vec<String> = walk
            .events()
            .map(|event| machine.name_of(event).to_owned())
            .collect();
        names.join(" ")
    };
    assert_eq!(walks.covering().map(names).collect::<Vec<_>>(), ["A AUTO"]);
    let spin = machine.index_of("SPIN").unwrap();
    let a = machine.index_of("A").unwrap();
    let refused = Walk::of(&machine, [a, spin]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "auto transitions never end: SPUN returns to an earlier state"
    );
}
