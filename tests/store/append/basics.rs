//! Appends by the rules of the task list and the order, and what can be read afterwards.

use eventsource_core::{EntityId, Error, Event, EventType, Generation, Retry, Seq, State};
use tasks::TaskEvent::{self, *};
use tasks::TaskEventType;

use crate::support::database::Database;
use crate::support::machines::{
    OrderEvent, Placed, assigned, created, deadline, reassigned, scheduled, until_started,
};
use crate::support::tasks::some_event;

on_every_database! {
    and sqlite_memory:
    rejected_append_stores_nothing,
    append_to_several_entities_is_atomic,
}

on_every_database! {
    and sqlite_memory, postgres_outbox:
    append_along_readme_walk_returns_each_state,
}

on_every_database! {
    append_of_illegal_event_is_rejected_in_every_state,
    append_with_auto_transition_stores_both_events,
    auto_transition_takes_fields_from_its_cause,
    append_with_missing_field_fails_before_transition_check,
    append_naming_entity_twice_keeps_its_order,
    append_with_wrong_expected_seq_is_conflict,
}

/// Walk of the README of microcosm-eventsource (M5): each event, the state and the generation after it.
fn walk() -> Vec<(TaskEvent, &'static str, u32)> {
    vec![
        (created(), "[CREATED]", 1),
        (assigned("ann"), "[ASSIGNED, CREATED]", 1),
        (scheduled(), "[ASSIGNED, CREATED, SCHEDULED]", 1),
        (Started, "[STARTED]", 1),
        (reassigned("bob"), "[STARTED]", 1),
        (
            Rescheduled {
                deadline: deadline(),
            },
            "[STARTED]",
            1,
        ),
        (Revised, "[CREATED]", 2),
        (assigned("ann"), "[ASSIGNED, CREATED]", 2),
        (scheduled(), "[ASSIGNED, CREATED, SCHEDULED]", 2),
        (Started, "[STARTED]", 2),
    ]
}

async fn append_along_readme_walk_returns_each_state(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let mut stored = Vec::new();
    for (place, (event, state, generation)) in (1..).zip(walk()) {
        let appended = tasks.append(id, event.clone()).await.unwrap();
        let [recorded] = appended.events.as_slice() else {
            panic!("one event was asked for: {appended:?}");
        };
        assert!(!appended.replayed);
        assert_eq!(recorded.event, event);
        assert_eq!(recorded.seq, Seq::new(place));
        assert_eq!(recorded.state.to_string(), state);
        assert_eq!(recorded.generation, Generation::new(generation));

        let head = tasks.head(id).await.unwrap().unwrap();
        assert_eq!(
            (head.seq, head.state, head.generation),
            (recorded.seq, recorded.state, recorded.generation)
        );
        assert_eq!(head.last_event_type, recorded.event.event_type());
        assert_eq!(head.updated_at, recorded.recorded_at);
        stored.extend(appended.events);
    }
    let history = tasks.history(id).await.unwrap();
    assert_eq!(history, stored, "what is loaded is what was returned");
    let mut before = (None, State::EMPTY, None);
    for recorded in &history {
        assert_eq!(
            (recorded.parent_id, recorded.prior_state),
            (before.0, before.1)
        );
        assert!(Some(recorded.log_seq) > before.2);
        assert_eq!(
            tasks.event(recorded.id).await.unwrap().as_ref(),
            Some(recorded)
        );
        before = (Some(recorded.id), recorded.state, Some(recorded.log_seq));
    }
    let head = tasks.head(id).await.unwrap().unwrap();
    assert_eq!(head.created_at, history[0].recorded_at);
}

async fn append_of_illegal_event_is_rejected_in_every_state(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let mut state = State::EMPTY;
    let mut refused = 0;
    for (place, (event, ..)) in (0..).zip(walk()) {
        for illegal in TaskEventType::ALL {
            if illegal.may_follow(state) {
                continue;
            }
            let error = tasks.append(id, some_event(*illegal)).await.unwrap_err();
            let expected = if state.is_empty() {
                format!("Event type '{illegal}' may not be initial")
            } else {
                format!("Event type '{illegal}' may not follow {state}")
            };
            assert_eq!(error.to_string(), expected);
            assert_eq!(error.retry(), Retry::Never);
            let Error::Rejected {
                entity_id,
                actual,
                rejection,
            } = error
            else {
                panic!("{error:?}");
            };
            assert_eq!((entity_id, actual), (id, Seq::new(place)));
            let legal: Vec<&str> = TaskEventType::available(state)
                .into_iter()
                .map(TaskEventType::name)
                .collect();
            assert_eq!(rejection.legal(), legal);
            refused += 1;
        }
        state = tasks.append(id, event).await.unwrap().last().state;
    }
    assert_eq!(refused, 70);
    assert_eq!(tasks.history(id).await.unwrap().len(), walk().len());
}

async fn append_with_auto_transition_stores_both_events(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let appended = tasks.append(id, Completed).by("ann").await.unwrap();
    let events: Vec<&TaskEvent> = appended
        .events
        .iter()
        .map(|recorded| &recorded.event)
        .collect();
    assert_eq!(events, [&Completed, &Ended]);
    let [completed, ended] = appended.events.as_slice() else {
        unreachable!();
    };
    assert_eq!(ended.parent_id, Some(completed.id));
    assert_eq!((completed.seq, ended.seq), (Seq::new(5), Seq::new(6)));
    assert_eq!(ended.metadata.actor.as_deref(), Some("ann"));
    let head = tasks.head(id).await.unwrap().unwrap();
    assert_eq!(
        (head.seq, head.state.to_string()),
        (Seq::new(6), "[ENDED]".to_owned())
    );
    assert!(head.available().is_empty());
}

/// Copies the fields of the same name, and no others (M21).
async fn auto_transition_takes_fields_from_its_cause(database: &Database) {
    let orders = database.events::<OrderEvent>().await;
    let id = EntityId::new();
    let placed = OrderEvent::Placed(Placed {
        total: Some(0),
        note: None,
    });
    let appended = orders.append(id, placed.clone()).await.unwrap();
    assert_eq!(appended.first().event, placed, "0 is a value (M18)");
    let paid = |receipt: Option<&str>| OrderEvent::Paid {
        receipt: receipt.map(str::to_owned),
        method: Some("card".to_owned()),
    };
    let error = orders.append(id, paid(None)).await.unwrap_err();
    assert_eq!(error.to_string(), "Event type 'CLOSED' requires 'receipt'");
    assert_eq!(
        orders.head(id).await.unwrap().unwrap().seq,
        Seq::new(1),
        "nothing was stored"
    );

    let appended = orders.append(id, paid(Some(""))).await.unwrap();
    let closed = OrderEvent::Closed {
        receipt: Some(String::new()),
    };
    assert_eq!(appended.last().event, closed);
}

/// Checks required fields first (M18).
async fn append_with_missing_field_fails_before_transition_check(database: &Database) {
    let orders = database.events::<OrderEvent>().await;
    let id = EntityId::new();
    let unpriced = || OrderEvent::Placed(Placed::default());
    let missing = "Event type 'PLACED' requires 'total'";
    assert_eq!(
        orders.append(id, unpriced()).await.unwrap_err().to_string(),
        missing
    );
    let placed = OrderEvent::Placed(Placed {
        total: Some(7),
        note: Some("gift".to_owned()),
    });
    orders.append(id, placed).await.unwrap();
    let error = orders.append(id, unpriced()).await.unwrap_err();
    assert_eq!(error.to_string(), missing);
    assert!(matches!(error, Error::MissingField { .. }));
}

async fn rejected_append_stores_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    // The third event of three, on a new entity and beside another.
    tasks
        .append(other, created())
        .append(id, created())
        .event(assigned("ann"))
        .event(Started)
        .idempotency_key("once")
        .await
        .unwrap_err();
    for id in [id, other] {
        assert_eq!(tasks.head(id).await.unwrap(), None);
        assert_eq!(tasks.history(id).await.unwrap(), []);
    }
    assert_eq!(tasks.search().await.unwrap().total, Some(0));
    // Not even its idempotency key was taken.
    let appended = tasks
        .append(id, created())
        .idempotency_key("once")
        .await
        .unwrap();
    assert!(!appended.replayed);
}

async fn append_to_several_entities_is_atomic(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (first, second) = (EntityId::new(), EntityId::new());
    let appended = tasks
        .append(second, created())
        .event(assigned("ann"))
        .append(first, created())
        .expected_seq(Seq::NO_STREAM)
        .await
        .unwrap();
    let order: Vec<_> = appended
        .events
        .iter()
        .map(|e| (e.entity_id, e.seq.get()))
        .collect();
    assert_eq!(
        order,
        [(second, 1), (second, 2), (first, 1)],
        "as they were asked for"
    );
    assert_eq!(appended.events[1].parent_id, Some(appended.events[0].id));
    assert_eq!(appended.events[2].parent_id, None);

    let error = tasks
        .append(first, assigned("ann"))
        .append(second, scheduled())
        .expected_seq(Seq::new(1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict { entity_id, .. } if entity_id == second));
    assert_eq!(tasks.head(first).await.unwrap().unwrap().seq, Seq::new(1));
}

async fn append_naming_entity_twice_keeps_its_order(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (one, other) = (EntityId::new(), EntityId::new());
    let appended = tasks
        .append(one, created())
        .append(other, created())
        .append(one, assigned("ann"))
        .event(scheduled())
        .await
        .unwrap();
    assert_eq!(appended.first().entity_id, one);
    let order = appended.events.iter().map(|e| (e.entity_id, e.seq.get()));
    assert_eq!(
        order.collect::<Vec<_>>(),
        [(one, 1), (one, 2), (one, 3), (other, 1)]
    );
}

async fn append_with_wrong_expected_seq_is_conflict(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let conflict = |error: Error| match error {
        Error::Conflict {
            entity_id,
            expected,
            actual,
            ..
        } => {
            assert_eq!(entity_id, id);
            (expected.get(), actual.get())
        }
        other => panic!("{other:?}"),
    };
    let early = tasks
        .append(id, created())
        .expected_seq(Seq::new(1))
        .await
        .unwrap_err();
    assert_eq!(early.retry(), Retry::AfterReload);
    assert_eq!(conflict(early), (1, 0));
    tasks
        .append(id, created())
        .expected_seq(Seq::NO_STREAM)
        .await
        .unwrap();
    let again = tasks
        .append(id, created())
        .expected_seq(Seq::NO_STREAM)
        .await
        .unwrap_err();
    assert_eq!(conflict(again), (0, 1));
    tasks
        .append(id, assigned("ann"))
        .expected_seq(Seq::new(1))
        .await
        .unwrap();
    // A conflict is reported before a rejection.
    let stale = tasks
        .append(id, Started)
        .expected_seq(Seq::new(1))
        .await
        .unwrap_err();
    assert_eq!(conflict(stale), (1, 2));
}
