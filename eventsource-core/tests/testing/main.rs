//! Strategies, as property tests of a user use them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod detours;
mod generated_list;
mod shrinking;
mod walks;

use eventsource_core::{Event, EventType, State};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
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

/// Machine of ten steps, each of which may be the last.
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

/// Returns the state after `events`, each of which must be legal.
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
