//! Constraints: plain SQL cannot store what the rules forbid, not even as the owner of the tables.

use eventsource_core::model::{EventIndex, StateSet};
use eventsource_core::{EntityId, Event};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::{OrderEvent, Placed, assigned, created, until_started};
use crate::support::plain_sql::{Stream, assert_refused, execute};

on_every_database! {
    log_and_heads_cannot_be_changed_by_sql,
    insert_without_required_field_is_refused,
}

on_every_database! {
    and postgres_outbox:
    legal_events_inserted_by_sql_are_history,
}

async fn log_and_heads_cannot_be_changed_by_sql(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let pool = database.sql().await;
    let before = tasks.history(id).await.unwrap();
    let mut changes = vec![
        "UPDATE task_event SET data = '{}'",
        "UPDATE task_event SET seq = 9 WHERE seq = 4",
        "DELETE FROM task_event WHERE seq = 4",
        "DELETE FROM task_event",
        "DELETE FROM task",
        "UPDATE task SET seq = 3",
        "UPDATE task SET state = 1",
    ];
    if database.is_postgres() {
        changes.push("TRUNCATE task_event");
        changes.push("TRUNCATE task CASCADE");
    }
    if !database.is_postgres() {
        changes.push("REPLACE INTO task_event SELECT * FROM task_event WHERE seq = 4");
        changes.push("UPDATE OR REPLACE task_event SET seq = 3 WHERE seq = 4");
        changes.push("REPLACE INTO task SELECT id, 3, version, state, last_event_type, last_event_id, created_at, updated_at FROM task");
    }
    for change in changes {
        assert_refused(execute(&pool, change).await, change);
    }
    assert_eq!(tasks.history(id).await.unwrap(), before);
}

async fn insert_without_required_field_is_refused(database: &Database) {
    let orders = database.events::<OrderEvent>().await;
    let pool = database.sql_past_guards().await;
    let mut order = Stream::new(database, OrderEvent::MACHINE);
    let placed = OrderEvent::Placed(Placed {
        total: Some(1),
        note: None,
    });
    orders.append(order.id, placed).await.unwrap();
    (order.seq, order.state, order.version) = (1, StateSet::from_bits(1), 1);
    let [paid, closed] = [1, 2].map(|n| EventIndex::new(n).unwrap());
    order.insert_by(&pool, &order.step(paid)).await;
    order = order.after(paid);
    let with = |data: &str| {
        let json = if database.is_postgres() {
            "jsonb"
        } else {
            "TEXT"
        };
        let event = order.step(closed);
        order.write(&event.with("data", format!("CAST('{data}' AS {json})")))
    };
    for data in [
        "{}",
        r#"{"receipt": null}"#,
        r#"{"total": 1}"#,
        "[]",
        r#""receipt""#,
    ] {
        assert_refused(execute(&pool, &with(data)).await, data);
    }
    execute(&pool, &with(r#"{"receipt": ""}"#)).await.unwrap();
}

/// Appends after events that plain SQL has inserted.
async fn legal_events_inserted_by_sql_are_history(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let mut task = Stream::new(database, TaskEvent::MACHINE);
    for event in [0, 6, 1] {
        task.advance(&pool, EventIndex::new(event).unwrap()).await;
    }
    let refused = tasks.append(task.id, assigned("bob")).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Event type 'ASSIGNED' may not follow [ASSIGNED, CREATED]"
    );
    let revised = tasks.append(task.id, TaskEvent::Revised).await.unwrap();
    assert_eq!(revised.last().seq.get(), 4);
    assert_eq!(revised.last().generation.get(), 3);
    let other = tasks.append(EntityId::new(), created()).await.unwrap();
    assert!(other.last().log_seq > revised.last().log_seq);
}
