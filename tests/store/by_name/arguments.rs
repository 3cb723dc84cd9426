//! Arguments of an append by name, and what it returns.

use eventsource_core::{EntityId, Error, Event};
use tasks::TaskEvent;

use super::support::{appended, column, raised};
use crate::support::database::Database;
use crate::support::machines::{OrderEvent, assigned, created, until_started};
use crate::support::plain_sql::execute;
use crate::support::shipments::ShipmentEvent;
use crate::support::tasks::started;

on_postgres! {
    and postgres_outbox:
    append_by_name_is_read_by_program,
    append_by_name_returns_auto_transitions_too,
    append_by_name_with_null_id_makes_one,
    append_by_name_repeated_with_key_returns_same_events,
}

on_postgres! {
    append_by_name_takes_what_readers_read,
    append_by_name_is_not_changed_by_settings_of_caller,
}

async fn append_by_name_is_read_by_program(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let writer = database.writer_sql().await;
    let id = EntityId::new();
    for (arguments, answer) in [
        (
            r#"'CREATED', '{"description": "write it down"}', expected_seq => 0"#,
            "CREATED 1",
        ),
        (
            r#"'ASSIGNED', '{"assignee": "ann"}', 1, '{"actor": "ann", "roles": ["admin"], "note": 1}'"#,
            "ASSIGNED 2",
        ),
        (
            r#"'SCHEDULED', '{"deadline": "2026-04-21T09:30:00Z"}', metadata => '{"correlation_id": "c", "causation_id": null}', idempotency_key => 'k'"#,
            "SCHEDULED 3",
        ),
        ("'STARTED', expected_seq => 3", "STARTED 4"),
    ] {
        let arguments = format!("'{id}', {arguments}");
        assert_eq!(appended(&writer, "task", &arguments).await, [answer]);
    }
    let history = tasks.history(id).await.unwrap();
    let events: Vec<TaskEvent> = history.iter().map(|event| event.event.clone()).collect();
    assert_eq!(events, until_started());
    let metadata = &history[1].metadata;
    assert_eq!(metadata.actor.as_deref(), Some("ann"));
    assert_eq!(metadata.roles, ["admin"]);
    let metadata = &history[2].metadata;
    assert_eq!(metadata.correlation_id.as_deref(), Some("c"));
    assert_eq!(metadata.idempotency_key.as_deref(), Some("k"));
    for pair in history.windows(2) {
        assert_eq!(pair[1].parent_id, Some(pair[0].id));
        assert!(pair[1].id > pair[0].id, "ids are sorted by time");
    }
    let verified = tasks.verify().await.unwrap();
    assert!(verified.is_valid(), "{verified:#?}");
}

async fn append_by_name_returns_auto_transitions_too(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let orders = database.events::<OrderEvent>().await;
    let writer = database.writer_sql().await;
    let task = started(&tasks).await;
    let done = format!("'{task}', 'COMPLETED'");
    assert_eq!(
        appended(&writer, "task", &done).await,
        ["COMPLETED 5", "ENDED 6"]
    );
    let order = EntityId::new();
    let place = format!(r#"'{order}', 'PLACED', '{{"total": 7}}'"#);
    appended(&writer, "order", &place).await;
    let pay = format!(r#"'{order}', 'PAID', '{{"receipt": "r", "method": "cash"}}'"#);
    assert_eq!(
        appended(&writer, "order", &pay).await,
        ["PAID 2", "CLOSED 3"]
    );
    let closed = OrderEvent::Closed {
        receipt: Some("r".to_owned()),
    };
    assert_eq!(orders.history(order).await.unwrap()[2].event, closed);
    assert!(orders.verify().await.unwrap().is_valid());
}

async fn append_by_name_with_null_id_makes_one(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let shipments = database.events::<ShipmentEvent>().await;
    let writer = database.writer_sql().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.extend(
            column(
                &writer,
                "SELECT task_id::text FROM task_append(NULL, 'CREATED')",
            )
            .await,
        );
    }
    assert!(ids[0] < ids[1], "{ids:?}");
    for id in ids {
        assert_eq!(id.parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
        let id: EntityId = id.parse().unwrap();
        assert_eq!(tasks.history(id).await.unwrap().len(), 1);
    }
    // A machine that counts gives the next number, also after a refusal.
    for number in 1..=2 {
        let call = "SELECT shipment_id::text FROM shipment_append(NULL, 'CREATED')";
        let id = column(&writer, call).await.remove(0);
        let id = id.parse::<EntityId>().unwrap();
        assert_eq!(
            ShipmentEvent::ID.format(id),
            format!("SHP-000000000{number}")
        );
        assert_eq!(shipments.history(id).await.unwrap().len(), 1);
        raised(&writer, &call.replace("CREATED", "DELIVERED"))
            .await
            .unwrap();
    }
}

async fn append_by_name_repeated_with_key_returns_same_events(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let writer = database.writer_sql().await;
    let new = r#"NULL, 'CREATED', '{"description": "x"}', idempotency_key => 'new'"#;
    let call = format!("SELECT event_id || ' ' || task_id FROM task_append({new})");
    let first = column(&writer, &call).await;
    assert_eq!(column(&writer, &call).await, first);
    // A field that is null is one that is absent, and the order of fields says nothing.
    let call =
        "SELECT event_id::text FROM task_append(NULL, 'CREATED', '{}', idempotency_key => 'none')";
    let empty = column(&writer, call).await;
    let null = call.replace("{}", r#"{"description": null}"#);
    assert_eq!(column(&writer, &null).await, empty);

    let id = started(&tasks).await;
    let done = format!("'{id}', 'COMPLETED', idempotency_key => 'done', expected_seq => 4");
    for _ in 0..2 {
        assert_eq!(
            appended(&writer, "task", &done).await,
            ["COMPLETED 5", "ENDED 6"]
        );
    }
    // The program repeats what was appended by name, and the other way round.
    let by_program = tasks
        .append(id, TaskEvent::Completed)
        .idempotency_key("done");
    assert!(by_program.await.unwrap().replayed);
    let other = tasks.append(id, TaskEvent::Revised).idempotency_key("done");
    assert!(matches!(
        other.await.unwrap_err(),
        Error::IdempotencyKeyReused { .. }
    ));
    let other = EntityId::new();
    let by_program = tasks.append(other, TaskEvent::Created { description: None });
    by_program.idempotency_key("program").await.unwrap();
    let by_name = format!("'{other}', 'CREATED', idempotency_key => 'program'");
    assert_eq!(appended(&writer, "task", &by_name).await, ["CREATED 1"]);
    assert!(tasks.verify().await.unwrap().is_valid());
}

/// Stores the longest and the strangest that is allowed, and reads it.
async fn append_by_name_takes_what_readers_read(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let writer = database.writer_sql().await;
    let long = "ä".repeat(100_000);
    for (written, text) in [
        (r"\\u0000 \\\\u0000 \u00e4", r"\u0000 \\u0000 ä"),
        (r"\ud83d\ude00 \\ud83d", r"😀 \ud83d"),
        (r"1e999 0123456789", "1e999 0123456789"),
        (&long, &long),
    ] {
        let id = EntityId::new();
        let data = format!(r#"'{id}', 'CREATED', '{{"description": "{written}"}}'"#);
        assert_eq!(appended(&writer, "task", &data).await, ["CREATED 1"]);
        let expected = TaskEvent::Created {
            description: Some(text.to_owned()),
        };
        assert_eq!(tasks.history(id).await.unwrap()[0].event, expected);
    }
    // In metadata, of which the program reads what it knows.
    let deep = format!(
        "{}1.7976931348623157e308{}",
        "[".repeat(126),
        "]".repeat(126)
    );
    let metadata = format!(r#"NULL, 'CREATED', metadata => '{{"a": {deep}, "b": 1e-400}}'"#);
    assert_eq!(appended(&writer, "task", &metadata).await, ["CREATED 1"]);
    let found = tasks.search().await.unwrap();
    assert_eq!(found.total, Some(5));
    assert_eq!(found.items.len(), 5);
}

/// Sets what changes the meaning of SQL or the names in it.
async fn append_by_name_is_not_changed_by_settings_of_caller(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let schema = database.schema().unwrap();
    for setting in [
        "standard_conforming_strings = off",
        "transform_null_equals = on",
        "array_nulls = off",
        "plan_cache_mode = force_generic_plan",
        "enable_indexscan = off",
        "default_transaction_isolation = 'serializable'",
        "eventsource.append = 'off'",
    ] {
        let pool = database.writer_sql().await;
        execute(&pool, &format!("SET {setting}")).await.unwrap();
        let call =
            |data: &str| format!("SELECT seq FROM {schema}.task_append(NULL, 'CREATED', {data})");
        let with_key = format!("'{{}}', idempotency_key => $${setting}$$");
        for right in ["'{}'", &with_key] {
            let error = raised(&pool, &call(right)).await;
            assert!(error.is_none(), "{setting}: {error:?}");
        }
        // Written without a backslash in a literal, whose meaning a setting changes.
        let zero = call("('{\"description\": \"a' || chr(92) || 'u0000\"}')::json");
        let error = raised(&pool, &zero).await.unwrap();
        assert_eq!(error.code, "EV006", "{setting}");
        pool.close().await;
    }
    // Objects of the caller with the names that the function uses.
    let pool = database.writer_sql().await;
    let shadows =
        "CREATE TEMP TABLE task (LIKE task); CREATE TEMP TABLE task_event (LIKE task_event);
        CREATE TEMP VIEW task_event_view AS SELECT 1 AS one;
        CREATE FUNCTION pg_temp.gen_random_uuid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
        CREATE FUNCTION pg_temp.json_typeof(json) RETURNS text LANGUAGE sql AS 'SELECT ''object''';
        SET search_path = pg_temp, pg_catalog";
    execute(&pool, shadows).await.unwrap();
    let call = format!("SELECT event_type FROM {schema}.task_append(NULL, 'CREATED')");
    assert_eq!(column(&pool, &call).await, ["CREATED"]);
    let list = format!("SELECT seq FROM {schema}.task_append(NULL, 'CREATED', '[]')");
    assert_eq!(raised(&pool, &list).await.unwrap().code, "EV006");
    assert_eq!(
        column(&pool, "SELECT count(*)::text FROM task_event").await,
        ["0"]
    );
    pool.close().await;
    let verified = tasks.verify().await.unwrap();
    assert!(verified.is_valid(), "{verified:#?}");
    assert_eq!(verified.events, 15);
    tasks
        .append(EntityId::new(), created())
        .event(assigned("ann"))
        .await
        .unwrap();
}
