//! Generated walks: legal, of any length, and together with every transition of the machine.

use std::collections::BTreeSet;

use eventsource_core::testing::{legal_history, legal_walk, near_legal_walk};
use eventsource_core::{Event, EventType};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};

use crate::TaskEventType::*;
use crate::{ChainEventType, TaskEvent, TaskEventType, fold, payloads, runner};

/// Returns the transitions that `cases` walks take.
fn steps_taken<T: EventType>(cases: usize, len: usize) -> BTreeSet<(u64, T)> {
    let strategy = legal_walk::<T>(0..=len);
    let mut runner = TestRunner::deterministic();
    let mut taken = BTreeSet::new();
    for _ in 0..cases {
        let walk = strategy.new_tree(&mut runner).unwrap();
        let walk = walk.current();
        for (position, event) in walk.iter().enumerate() {
            taken.insert((fold(&walk[..position]).set().bits(), *event));
        }
    }
    taken
}

fn all_steps<T: EventType>() -> BTreeSet<(u64, T)> {
    let walks = T::MACHINE.walks(usize::MAX);
    let steps = walks.transitions();
    steps
        .map(|(state, event)| (state.bits(), T::from_index(event).unwrap()))
        .collect()
}

#[test]
fn default_number_of_cases_takes_every_step() {
    assert_eq!(steps_taken::<TaskEventType>(256, 20), all_steps());
}

/// Generates walks of a chain whose end a random walk reaches once in 512 times.
#[test]
fn walks_take_steps_that_are_hard_to_reach() {
    assert_eq!(steps_taken::<ChainEventType>(256, 20), all_steps());
}

/// Generates walks of a machine in which each step may be the last.
#[test]
fn walk_has_requested_length_if_possible() {
    let mut runner = TestRunner::deterministic();
    let strategy = legal_walk::<ChainEventType>(10);
    for _ in 0..50 {
        let walk = strategy.new_tree(&mut runner).unwrap();
        let walk = walk.current();
        assert_eq!(walk.len(), 10, "{walk:?}");
    }
}

#[test]
fn payload_strategy_of_other_event_type_aborts_the_test() {
    let strategy = legal_history::<TaskEvent>(|_| Just(TaskEvent::Started).boxed(), 1..5);
    let tried = runner(1).run(&strategy, |_| Ok(()));
    let Err(TestError::Abort(reason)) = tried else {
        panic!("{tried:?}");
    };
    assert_eq!(
        reason.message(),
        "the payloads of CREATED made an event STARTED"
    );
}

proptest! {
    #[test]
    fn walks_are_legal(walk in legal_walk::<TaskEventType>(0..30)) {
        let state = fold(&walk);
        prop_assert!(!state.contains(Completed), "ENDED follows by itself");
    }

    #[test]
    fn near_legal_walks_are_legal_up_to_the_last_step(
        walk in near_legal_walk::<TaskEventType>(0..30),
    ) {
        prop_assert_eq!(fold(&walk.legal), walk.state);
        prop_assert!(walk.illegal.validate(walk.state).is_err());
    }

    #[test]
    fn histories_are_legal(history in legal_history::<TaskEvent>(payloads, 0..30)) {
        let types: Vec<_> = history.iter().map(Event::event_type).collect();
        fold(&types);
    }

    /// Checks that composed strategies generate and shrink like any other.
    #[test]
    fn strategies_compose(
        (walk, near) in (legal_walk::<TaskEventType>(1..9), near_legal_walk::<ChainEventType>(0..9)),
    ) {
        prop_assert_eq!(walk[0], Created);
        prop_assert!(near.illegal.validate(near.state).is_err());
    }
}
