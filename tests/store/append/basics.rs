//! What an append does, and what can be read afterwards.

use eventsource_core::{EntityId, Error, Event, EventType, Retry, Seq, State, Version};
use tasks::TaskEvent::{self, *};
use tasks::TaskEventType;

use crate::support::database::Database;
use crate::support::machines::{
    OrderEvent, Placed, assigned, created, deadline, reassigned, scheduled, until_started,
};

/// The walk of microcosm's README (M5): each event, the state and the version after it.
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

pub fn some_event(event_type: TaskEventType) -> TaskEvent {
    match event_type {
        TaskEventType::Created => created(),
        TaskEventType::Assigned => assigned("zoe"),
        TaskEventType::Scheduled => scheduled(),
        TaskEventType::Started => Started,
        TaskEventType::Reassigned => reassigned("zoe"),
        TaskEventType::Rescheduled => Rescheduled {
            deadline: deadline(),
        },
        TaskEventType::Revised => Revised,
        TaskEventType::Canceled => Canceled,
        TaskEventType::Completed => Completed,
        TaskEventType::Ended => Ended,
    }
}

pub async fn the_walk_of_the_readme(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let mut stored = Vec::new();
    for (place, (event, state, version)) in (1..).zip(walk()) {
        let appended = tasks.append(id, event.clone()).await.unwrap();
        let [recorded] = appended.events.as_slice() else {
            panic!("one event was asked for: {appended:?}");
        };
        assert!(!appended.replayed);
        assert_eq!(recorded.event, event);
        assert_eq!(recorded.seq, Seq::new(place));
        assert_eq!(recorded.state.to_string(), state);
        assert_eq!(recorded.version, Version::new(version));

        let head = tasks.load(id).await.unwrap().unwrap();
        assert_eq!(
            (head.seq, head.state, head.version),
            (recorded.seq, recorded.state, recorded.version)
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
        assert!(Some(recorded.clock) > before.2);
        assert_eq!(
            tasks.event(recorded.id).await.unwrap().as_ref(),
            Some(recorded)
        );
        before = (Some(recorded.id), recorded.state, Some(recorded.clock));
    }
    let head = tasks.load(id).await.unwrap().unwrap();
    assert_eq!(head.created_at, history[0].recorded_at);
}

pub async fn every_illegal_step_of_the_walk_is_refused(database: &Database) {
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

pub async fn an_auto_transition_is_part_of_the_append(database: &Database) {
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
    let head = tasks.load(id).await.unwrap().unwrap();
    assert_eq!(
        (head.seq, head.state.to_string()),
        (Seq::new(6), "[ENDED]".to_owned())
    );
    assert!(head.available().is_empty());
}

/// M21: the fields of the same name, and no others.
pub async fn an_auto_transition_takes_its_fields_from_its_cause(database: &Database) {
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
        orders.load(id).await.unwrap().unwrap().seq,
        Seq::new(1),
        "nothing was stored"
    );

    let appended = orders.append(id, paid(Some(""))).await.unwrap();
    let closed = OrderEvent::Closed {
        receipt: Some(String::new()),
    };
    assert_eq!(appended.last().event, closed);
}

/// M18: the order of the checks.
pub async fn a_missing_field_is_told_before_the_transition(database: &Database) {
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

pub async fn a_rejected_append_leaves_no_trace(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    // The third event of three, on a new entity and beside another.
    tasks
        .append(other, created())
        .also(id, created())
        .then(assigned("ann"))
        .then(Started)
        .idempotency_key("once")
        .await
        .unwrap_err();
    for id in [id, other] {
        assert_eq!(tasks.load(id).await.unwrap(), None);
        assert_eq!(tasks.history(id).await.unwrap(), []);
    }
    assert_eq!(tasks.search().await.unwrap().total, 0);
    // Not even its idempotency key was taken.
    let appended = tasks
        .append(id, created())
        .idempotency_key("once")
        .await
        .unwrap();
    assert!(!appended.replayed);
}

pub async fn several_entities_are_written_together_or_not_at_all(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (first, second) = (EntityId::new(), EntityId::new());
    let appended = tasks
        .append(second, created())
        .then(assigned("ann"))
        .also(first, created())
        .expecting(Seq::NONE)
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
        .also(second, scheduled())
        .expecting(Seq::new(1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict { entity_id, .. } if entity_id == second));
    assert_eq!(tasks.load(first).await.unwrap().unwrap().seq, Seq::new(1));
}

pub async fn an_entity_may_be_named_again(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (one, other) = (EntityId::new(), EntityId::new());
    let appended = tasks
        .append(one, created())
        .also(other, created())
        .also(one, assigned("ann"))
        .then(scheduled())
        .await
        .unwrap();
    assert_eq!(appended.first().entity_id, one);
    let order = appended.events.iter().map(|e| (e.entity_id, e.seq.get()));
    assert_eq!(
        order.collect::<Vec<_>>(),
        [(one, 1), (one, 2), (one, 3), (other, 1)]
    );
}

pub async fn an_expected_sequence_must_be_the_actual_one(database: &Database) {
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
        .expecting(Seq::new(1))
        .await
        .unwrap_err();
    assert_eq!(early.retry(), Retry::AfterReload);
    assert_eq!(conflict(early), (1, 0));
    tasks
        .append(id, created())
        .expecting(Seq::NONE)
        .await
        .unwrap();
    let again = tasks
        .append(id, created())
        .expecting(Seq::NONE)
        .await
        .unwrap_err();
    assert_eq!(conflict(again), (0, 1));
    tasks
        .append(id, assigned("ann"))
        .expecting(Seq::new(1))
        .await
        .unwrap();
    // What one has not seen is told before what one may not do.
    let stale = tasks
        .append(id, Started)
        .expecting(Seq::new(1))
        .await
        .unwrap_err();
    assert_eq!(conflict(stale), (1, 2));
}
