//! Checks of a history after somebody has changed it who can switch off what the tables enforce.

use std::collections::BTreeMap;

use eventsource_core::{EntityId, EventStore, Seq, Violation, ViolationKind};
use sqlx::AnyPool;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::{all_ok, started_events};
use crate::support::machines::{OrderEvent, Placed, reassigned};
use crate::support::plain_sql::{execute, unguarded};
use crate::support::shipments::ShipmentEvent;
use crate::support::tasks::started_stepwise;

on_every_database! {
    and sqlite_memory, postgres_outbox:
    verify_of_untouched_history_finds_nothing,
}

on_every_database! {
    verify_names_every_change_to_history,
}

on_postgres! {
    verify_as_writer_or_reader_finds_nothing,
}

async fn verify_of_untouched_history_finds_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let orders = database.events::<OrderEvent>().await;
    let shipments = database.events::<ShipmentEvent>().await;
    let nothing = tasks.verify().await.unwrap();
    assert!(nothing.is_valid(), "{nothing:#?}");
    assert_eq!((nothing.events, nothing.entities), (0, 0));

    let id = started_stepwise(&tasks).await;
    tasks.append(id, TaskEvent::Revised).await.unwrap();
    let id = started_stepwise(&tasks).await;
    let completed = tasks.append(id, reassigned("eve"));
    completed.event(TaskEvent::Completed).await.unwrap();
    let imported = all_ok(started_events(EntityId::new()));
    tasks.import(imported).exclusive().await.unwrap();
    let placed = Placed {
        total: Some(1),
        note: None,
    };
    let order = OrderEvent::Placed(placed);
    orders.append(EntityId::new(), order).await.unwrap();
    let sound = tasks.verify().await.unwrap();
    assert!(sound.is_valid(), "{sound:#?}");
    assert_eq!((sound.events, sound.entities), (5 + 7 + 4, 3));
    for sound in [
        orders.verify().await.unwrap(),
        shipments.verify().await.unwrap(),
    ] {
        assert!(sound.is_valid(), "{sound:#?}");
    }
}

async fn verify_as_writer_or_reader_finds_nothing(database: &Database) {
    started_stepwise(&database.events::<TaskEvent>().await).await;
    for role in ["writer", "reader"] {
        let store = database.connect_as(role).await;
        let tasks = store.open::<TaskEvent>().await.unwrap();
        let sound = tasks.verify().await.unwrap();
        assert!(sound.is_valid(), "{role}: {sound:#?}");
        assert_eq!((sound.events, sound.entities), (4, 1));
    }
}

/// Change of a task, and the expected findings: the number of the event (0 is the head) and the text.
type Attempt = (&'static str, Vec<(u32, &'static str)>);

/// Lists changes of started tasks, and what must be found.
fn attempts(is_postgres: bool) -> Vec<Attempt> {
    let nothing = (
        "UPDATE task_event SET recorded_at = NULL WHERE TASK AND seq = 4",
        vec![
            (4, "lacks a value that every event has"),
            (0, "the updated_at of the head is "),
        ],
    );
    // In SQLite no column learns to be empty.
    let mut attempts = if is_postgres {
        vec![nothing]
    } else {
        Vec::new()
    };
    attempts.extend([
        ("UPDATE task_event SET metadata = '{}' WHERE TASK AND seq = 3", vec![]),
        (
            "DELETE FROM task_event WHERE TASK AND seq = 2",
            vec![(3, "sequence is 3, expected 2")],
        ),
        (
            "DELETE FROM task_event WHERE TASK AND seq = 1",
            vec![
                (2, "sequence is 2, expected 1"),
                (0, "the created_at of the head is "),
            ],
        ),
        (
            "UPDATE task_event SET state = 3 WHERE TASK AND seq = 3",
            vec![
                (3, "resulting state is [ASSIGNED, CREATED], expected [ASSIGNED, CREATED, SCHEDULED]"),
                (4, "prior state is [ASSIGNED, CREATED, SCHEDULED], expected [ASSIGNED, CREATED]"),
            ],
        ),
        (
            "UPDATE task_event SET prior_state = 1 WHERE TASK AND seq = 3",
            vec![
                (3, "prior state is [CREATED], expected [ASSIGNED, CREATED]"),
                (3, "resulting state is [ASSIGNED, CREATED, SCHEDULED], expected [CREATED, SCHEDULED]"),
            ],
        ),
        (
            "UPDATE task_event SET state = 15 WHERE TASK AND seq = 4",
            vec![
                (4, "resulting state is [ASSIGNED, CREATED, SCHEDULED, STARTED], expected [STARTED]"),
                (0, "the state of the head is [STARTED], expected [ASSIGNED, CREATED, SCHEDULED, STARTED]"),
            ],
        ),
        (
            "UPDATE task_event SET version = 5 WHERE TASK AND seq = 3",
            vec![
                (3, "generation is 5, expected 1"),
                (4, "generation is 1, expected 5"),
            ],
        ),
        (
            "UPDATE task_event SET version = 2 WHERE TASK AND seq = 1",
            vec![
                (1, "generation is 2, expected 1"),
                (2, "generation is 1, expected 2"),
            ],
        ),
        (
            "UPDATE task_event SET event_type = 63 WHERE TASK AND seq = 2",
            vec![(2, "unknown event type number 63")],
        ),
        (
            "UPDATE task_event SET event_type = 7 WHERE TASK AND seq = 3",
            vec![
                (3, "event type 'CANCELED' may not follow [ASSIGNED, CREATED]"),
                (3, "resulting state is [ASSIGNED, CREATED, SCHEDULED], expected [CANCELED]"),
            ],
        ),
        (
            "UPDATE task_event SET data = '{}' WHERE TASK AND seq = 2",
            vec![(2, "required field 'assignee' has no value")],
        ),
        (
            "UPDATE task_event SET recorded_at = '2001-01-01T00:00:00.000000Z' WHERE TASK AND seq = 3",
            vec![(3, "recorded at 2001-01-01")],
        ),
        (
            "UPDATE task_event SET clock = -5 - clock WHERE TASK AND seq = 2",
            vec![(2, "log sequence is -")],
        ),
        (
            "UPDATE task_event SET event_id = (SELECT event_id FROM task_event WHERE TASK AND seq = 2)
                WHERE TASK AND seq = 3",
            vec![(3, "another event of the entity has the id")],
        ),
        (
            "UPDATE task SET seq = 3, state = 7 WHERE TASK",
            vec![
                (0, "the seq of the head is 3, expected 4"),
                (0, "the state of the head is [ASSIGNED, CREATED, SCHEDULED], expected [STARTED]"),
            ],
        ),
        (
            "UPDATE task SET last_event_type = 2, version = 4 WHERE TASK",
            vec![
                (0, "the version of the head is 4, expected 1"),
                (0, "the last_event_type of the head is 2, expected 3"),
            ],
        ),
        (
            "UPDATE task SET updated_at = '2001-01-01T00:00:00.000000Z' WHERE TASK",
            vec![(0, "the updated_at of the head is 2001-01-01")],
        ),
        ("DELETE FROM task WHERE TASK", vec![(0, "the entity has events and no head")]),
        ("DELETE FROM task_event WHERE TASK", vec![(0, "the entity has a head and no events")]),
    ]);
    attempts
}

async fn verify_names_every_change_to_history(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let attempts = attempts(database.is_postgres());
    let mut done = BTreeMap::new();
    for (change, expected) in attempts {
        done.insert(started_stepwise(&tasks).await, (change, expected));
    }
    let pool = unguarded(database).await;
    tell_all(&tasks, &pool, done).await;
}

/// Makes each change, and compares what is found.
async fn tell_all(
    tasks: &EventStore<TaskEvent>,
    pool: &AnyPool,
    done: BTreeMap<EntityId, Attempt>,
) {
    for (id, (change, _)) in &done {
        let column = match change.contains("task_event") {
            true => "task_id",
            false => "id",
        };
        let change = change.replace("TASK", &format!("{column} = '{id}'"));
        execute(pool, &change).await.unwrap();
    }
    let verified = tasks.verify().await.unwrap();
    assert!(!verified.is_valid());
    let mut found: Vec<(EntityId, Option<Seq>, String)> = verified
        .violations
        .iter()
        .map(|violation| {
            (
                violation.entity_id,
                violation.seq,
                violation.kind.to_string(),
            )
        })
        .collect();
    found.reverse();
    for (id, (change, expected)) in &done {
        for (seq, text) in expected {
            let (entity_id, of, kind) = found.pop().unwrap();
            assert_eq!(
                (entity_id, of.map_or(0, Seq::get)),
                (*id, *seq),
                "{change}: {kind}"
            );
            assert!(kind.contains(text), "{change}: {kind}");
        }
    }
    assert_eq!(found, []);
    // No more than one wants, and the first ones.
    let some = tasks.verify().limit(5).await.unwrap();
    assert_eq!(some.violations, verified.violations[..5]);
    let gap = |violation: &&Violation| {
        matches!(
            violation.kind,
            ViolationKind::Sequence { expected, actual: 3 } if expected == Seq::new(2)
        )
    };
    let violation = verified.violations.iter().find(gap).unwrap();
    let text = violation.to_string();
    assert!(
        text.ends_with(", event 3: sequence is 3, expected 2"),
        "{text}"
    );
}
