//! The strategies as a user's property tests meet them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use eventsource_core::testing::{
    NearLegalWalk, legal_history, legal_walk, near_legal_walk, transition_tests,
};
use eventsource_core::{Event, EventType, State};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "task")]
enum TaskEvent {
    Created {
        title: String,
    },
    #[event(follows = Created & !Assigned, accumulate = union())]
    Assigned {
        assignee: u32,
    },
    #[event(follows = Created & !Scheduled, accumulate = union())]
    Scheduled,
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    #[event(follows = Started, accumulate = keep())]
    Reassigned {
        assignee: u32,
    },
    #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
    Revised,
    #[event(follows = Started)]
    Completed,
    #[event(follows = Completed, auto_transition, terminal)]
    Ended,
}

use TaskEventType::*;

fn payloads(event_type: TaskEventType) -> BoxedStrategy<TaskEvent> {
    let assignee = 0..1000u32;
    match event_type {
        Created => "[a-z]{0,8}"
            .prop_map(|title| TaskEvent::Created { title })
            .boxed(),
        Assigned => assignee
            .prop_map(|assignee| TaskEvent::Assigned { assignee })
            .boxed(),
        Scheduled => Just(TaskEvent::Scheduled).boxed(),
        Started => Just(TaskEvent::Started).boxed(),
        Reassigned => assignee
            .prop_map(|assignee| TaskEvent::Reassigned { assignee })
            .boxed(),
        Revised => Just(TaskEvent::Revised).boxed(),
        Completed => Just(TaskEvent::Completed).boxed(),
        Ended => Just(TaskEvent::Ended).boxed(),
    }
}

/// Ten steps, each of which may be the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "chain")]
#[allow(dead_code, reason = "only its event types are of interest")]
enum ChainEvent {
    S0,
    #[event(follows = S0)]
    S1,
    #[event(follows = S1)]
    S2,
    #[event(follows = S2)]
    S3,
    #[event(follows = S3)]
    S4,
    #[event(follows = S4)]
    S5,
    #[event(follows = S5)]
    S6,
    #[event(follows = S6)]
    S7,
    #[event(follows = S7)]
    S8,
    #[event(follows = S8, terminal)]
    S9,
    #[event(follows = non_terminal, terminal)]
    Abandoned,
}

/// The state after `events`, each of which must be legal.
fn fold<T: EventType>(events: &[T]) -> State<T> {
    let mut events = events.iter();
    events
        .try_fold(State::EMPTY, |state, event| event.validate(state))
        .unwrap()
}

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRunner::deterministic().new_rng();
    TestRunner::new_with_rng(config, rng)
}

/// The smallest value for which `holds` is not true.
fn smallest<S: Strategy>(strategy: S, holds: impl Fn(&S::Value) -> bool) -> S::Value {
    let tried = runner(256).run(&strategy, |value| {
        prop_assert!(holds(&value));
        Ok(())
    });
    match tried {
        Err(TestError::Fail(_, value)) => value,
        other => panic!("it holds of every value tried: {other:?}"),
    }
}

/// The steps taken by `cases` walks.
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
fn the_default_number_of_cases_takes_every_step() {
    assert_eq!(steps_taken::<TaskEventType>(256, 20), all_steps());
}

/// A walk at random is at the end of the chain once in 512 times.
#[test]
fn steps_that_are_hard_to_reach_are_taken() {
    assert_eq!(steps_taken::<ChainEventType>(256, 20), all_steps());
}

/// Though each step may be the last.
#[test]
fn a_walk_is_as_long_as_asked_where_it_can_be() {
    let mut runner = TestRunner::deterministic();
    let strategy = legal_walk::<ChainEventType>(10);
    for _ in 0..50 {
        let walk = strategy.new_tree(&mut runner).unwrap();
        let walk = walk.current();
        assert_eq!(walk.len(), 10, "{walk:?}");
    }
}

#[test]
fn a_failure_by_an_event_shrinks_to_the_shortest_walk_to_it() {
    for (event, shortest) in [
        (Created, vec![Created]),
        (Scheduled, vec![Created, Scheduled]),
        (Revised, vec![Created, Revised]),
        (Started, vec![Created, Assigned, Scheduled, Started]),
        (
            Reassigned,
            vec![Created, Assigned, Scheduled, Started, Reassigned],
        ),
        (
            Ended,
            vec![Created, Assigned, Scheduled, Started, Completed, Ended],
        ),
    ] {
        let found = smallest(legal_walk(0..30), |walk| !walk.contains(&event));
        assert_eq!(found, shortest);
    }
}

#[test]
fn a_failure_by_two_events_shrinks_to_a_short_walk_with_both() {
    let count = |walk: &[TaskEventType], event| walk.iter().filter(|e| **e == event).count();
    let found = smallest(legal_walk(0..30), |walk| count(walk, Started) < 2);
    let expected = [
        Created, Assigned, Scheduled, Started, Revised, Assigned, Scheduled, Started,
    ];
    assert_eq!(found, expected);
}

/// What matters stands apart, with something between that does not.
#[test]
fn what_stands_between_is_dropped() {
    let place = |walk: &[TaskEventType], event| walk.iter().position(|e| *e == event);
    let found = smallest(
        legal_walk(0..30),
        |walk| !matches!((place(walk, Scheduled), place(walk, Revised)), (Some(s), Some(r)) if s < r),
    );
    assert_eq!(found, [Created, Scheduled, Revised]);
}

/// Two ways to the goal that have nothing in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "route")]
enum RouteEvent {
    Set,
    #[event(follows = Set)]
    Long1,
    #[event(follows = Long1)]
    Long2,
    #[event(follows = Long2)]
    Long3,
    #[event(follows = Set)]
    Short,
    // The state keeps the way, so that only the event is the same.
    #[event(follows = (Long3 | Short) & !Arrived, accumulate = union(), terminal)]
    Arrived {
        hour: u32,
    },
}

#[test]
fn a_detour_is_replaced_and_the_payload_stays() {
    use RouteEventType as Type;
    let payloads = |event_type| match event_type {
        Type::Set => Just(RouteEvent::Set).boxed(),
        Type::Long1 => Just(RouteEvent::Long1).boxed(),
        Type::Long2 => Just(RouteEvent::Long2).boxed(),
        Type::Long3 => Just(RouteEvent::Long3).boxed(),
        Type::Short => Just(RouteEvent::Short).boxed(),
        Type::Arrived => (0..1000u32)
            .prop_map(|hour| RouteEvent::Arrived { hour })
            .boxed(),
    };
    // Fails for one hour in ten, and not for those that are smaller.
    let wrong = |e: &RouteEvent| matches!(e, RouteEvent::Arrived { hour } if hour % 10 == 7);
    let strategy = legal_history::<RouteEvent>(payloads, 0..9);
    let mut detours = 0;
    let mut runner = runner(1);
    for _ in 0..2000 {
        let mut tree = strategy.new_tree(&mut runner).unwrap();
        let history = tree.current();
        if history.len() < 5 || !history.iter().any(wrong) {
            continue;
        }
        detours += 1;
        let mut moved = tree.simplify();
        while moved {
            let fails = tree.current().iter().any(wrong);
            moved = if fails {
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        let found = tree.current();
        assert_eq!(found[..2], [RouteEvent::Set, RouteEvent::Short]);
        assert!(wrong(&found[2]));
    }
    assert!(detours > 10, "{detours}");
}

#[test]
fn shrinking_keeps_to_the_range() {
    let found = smallest(legal_walk::<TaskEventType>(5..30), |_| false);
    assert_eq!(found.len(), 5);
    fold(&found);
}

#[test]
fn what_follows_by_itself_is_left_out_on_demand() {
    let strategy = legal_walk(0..30).appended_only();
    let found = smallest(strategy, |walk| !walk.contains(&Completed));
    let expected = [Created, Assigned, Scheduled, Started, Completed];
    assert_eq!(found, expected);
}

#[test]
fn a_near_legal_walk_shrinks_to_the_shortest() {
    let found = smallest(near_legal_walk::<TaskEventType>(0..30), |walk| {
        walk.illegal != Assigned
    });
    let smallest_of_all = NearLegalWalk {
        legal: vec![],
        illegal: Assigned,
        state: State::EMPTY,
    };
    assert_eq!(found, smallest_of_all);
    let found = smallest(near_legal_walk::<TaskEventType>(0..30), |walk| {
        walk.illegal != Created
    });
    assert_eq!(found.legal, [Created]);
    let found = smallest(near_legal_walk::<TaskEventType>(0..30), |walk| {
        !(walk.illegal == Scheduled && walk.state.contains(Assigned))
    });
    assert_eq!(found.legal, [Created, Assigned, Scheduled]);
}

#[test]
fn a_payload_stays_with_its_event_and_shrinks_after_the_walk() {
    let strategy = legal_history::<TaskEvent>(payloads, 0..30);
    let found = smallest(strategy, |history| {
        let high = |e: &TaskEvent| matches!(e, TaskEvent::Reassigned { assignee: 300.. });
        !history.iter().any(high)
    });
    let title = String::new();
    let expected = [
        TaskEvent::Created { title },
        TaskEvent::Assigned { assignee: 0 },
        TaskEvent::Scheduled,
        TaskEvent::Started,
        TaskEvent::Reassigned { assignee: 300 },
    ];
    assert_eq!(found, expected);
}

/// Also one of many: the walk gets shorter around the event whose payload matters.
#[test]
fn the_one_payload_that_matters_is_kept() {
    let strategy = legal_history::<TaskEvent>(payloads, 20..60);
    let found = smallest(strategy, |history| {
        let wrong =
            |e: &TaskEvent| matches!(e, TaskEvent::Assigned { assignee } if assignee % 7 == 3);
        !history.iter().any(wrong)
    });
    assert_eq!(found.len(), 20);
    let assignees = found.iter().filter_map(|event| match event {
        TaskEvent::Assigned { assignee } => Some(*assignee),
        _ => None,
    });
    assert!(assignees.clone().any(|assignee| assignee % 7 == 3));
}

#[test]
fn payloads_of_another_event_type_stop_the_test() {
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

/// The list compiles, as far as it goes below.
mod pasted {
    use super::TaskEvent;
    use eventsource_core::transitions;

    include!("transition_tests.txt");
}

#[test]
fn the_generated_test_list_is_the_one_that_compiles() {
    let tests = transition_tests::<TaskEvent>().with_illegal().to_string();
    assert_eq!(
        tests,
        include_str!("transition_tests.txt"),
        "now it is\n{tests}"
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

    /// Composed strategies shrink and generate like any other.
    #[test]
    fn strategies_compose(
        (walk, near) in (legal_walk::<TaskEventType>(1..9), near_legal_walk::<ChainEventType>(0..9)),
    ) {
        prop_assert_eq!(walk[0], Created);
        prop_assert!(near.illegal.validate(near.state).is_err());
    }
}

/// Each part shrinks to its smallest, though the first has nothing left to try.
#[test]
fn parts_of_a_composed_strategy_shrink_one_after_the_other() {
    let pair = (legal_walk(0..30), legal_walk(0..30));
    let (first, second) = smallest(pair, |(first, second)| {
        !(first.contains(&Revised) && second.contains(&Started))
    });
    assert_eq!(first, [Created, Revised]);
    assert_eq!(second, [Created, Assigned, Scheduled, Started]);
}
