//! Shrinking of failing histories: the walk first, then the payloads.

use eventsource_core::State;
use eventsource_core::testing::{NearLegalWalk, legal_history, legal_walk, near_legal_walk};
use proptest::prelude::*;
use proptest::test_runner::TestError;

use crate::TaskEventType::*;
use crate::{TaskEvent, TaskEventType, fold, payloads, runner};

/// Returns the smallest value for which `holds` is false.
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

#[test]
fn failure_by_event_shrinks_to_shortest_walk() {
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
fn failure_by_two_events_shrinks_to_walk_with_both() {
    let count = |walk: &[TaskEventType], event| walk.iter().filter(|e| **e == event).count();
    let found = smallest(legal_walk(0..30), |walk| count(walk, Started) < 2);
    let expected = [
        Created, Assigned, Scheduled, Started, Revised, Assigned, Scheduled, Started,
    ];
    assert_eq!(found, expected);
}

/// Shrinks a walk whose relevant events are separated by irrelevant ones.
#[test]
fn events_between_relevant_ones_are_removed() {
    let place = |walk: &[TaskEventType], event| walk.iter().position(|e| *e == event);
    let found = smallest(
        legal_walk(0..30),
        |walk| !matches!((place(walk, Scheduled), place(walk, Revised)), (Some(s), Some(r)) if s < r),
    );
    assert_eq!(found, [Created, Scheduled, Revised]);
}

/// Shrinks each part to its smallest, although the first part cannot shrink any more.
#[test]
fn parts_of_composed_strategy_shrink_in_turn() {
    let pair = (legal_walk(0..30), legal_walk(0..30));
    let (first, second) = smallest(pair, |(first, second)| {
        !(first.contains(&Revised) && second.contains(&Started))
    });
    assert_eq!(first, [Created, Revised]);
    assert_eq!(second, [Created, Assigned, Scheduled, Started]);
}

#[test]
fn shrinking_keeps_minimum_length() {
    let found = smallest(legal_walk::<TaskEventType>(5..30), |_| false);
    assert_eq!(found.len(), 5);
    fold(&found);
}

#[test]
fn appended_only_leaves_out_auto_transitions() {
    let strategy = legal_walk(0..30).appended_only();
    let found = smallest(strategy, |walk| !walk.contains(&Completed));
    let expected = [Created, Assigned, Scheduled, Started, Completed];
    assert_eq!(found, expected);
}

#[test]
fn near_legal_walk_shrinks_to_shortest() {
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
fn payload_stays_with_its_event_and_shrinks_after_walk() {
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

/// Shrinks the walk around one of many events, whose payload matters.
#[test]
fn failure_by_payload_keeps_its_event() {
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
