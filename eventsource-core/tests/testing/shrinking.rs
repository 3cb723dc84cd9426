//! What fails is made smaller: the walk first, then the payloads.

use eventsource_core::State;
use eventsource_core::testing::{NearLegalWalk, legal_history, legal_walk, near_legal_walk};
use proptest::prelude::*;
use proptest::test_runner::TestError;

use crate::TaskEventType::*;
use crate::{TaskEvent, TaskEventType, fold, payloads, runner};

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
