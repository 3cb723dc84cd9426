//! The schema is the state machine: plain SQL cannot store what the rules forbid.

use eventsource_core::model::{EventIndex, StateSet};
use eventsource_core::{EntityId, Event};
use sqlx::{AnyPool, AssertSqlSafe};
use tasks::TaskEvent;

use crate::database::Database;
use crate::machines::{OrderEvent, Placed, assigned, created, until_started};

/// What is written by hand. Numbers are positions: the machine was never migrated before.
struct Row {
    table: &'static str,
    id_column: &'static str,
    id: String,
    seq: u32,
    event_type: usize,
    prior_state: u64,
    state: u64,
    data: &'static str,
}

impl Row {
    async fn insert(&self, database: &Database, pool: &AnyPool) -> Result<(), sqlx::Error> {
        let (uuid, json, now) = if database.is_postgres() {
            ("uuid", "jsonb", "now()")
        } else {
            ("TEXT", "TEXT", "'2026-01-01T00:00:00.000000Z'")
        };
        let sql = format!(
            "INSERT INTO {} ({}, seq, event_id, event_type, prior_state, state, version,
                recorded_at, data, metadata)
             VALUES (CAST('{}' AS {uuid}), {}, CAST('{}' AS {uuid}), {}, {}, {}, 1, {now},
                CAST('{}' AS {json}), CAST('{{}}' AS {json}))",
            self.table,
            self.id_column,
            self.id,
            self.seq,
            uuid::Uuid::now_v7(),
            self.event_type,
            self.prior_state.cast_signed(),
            self.state.cast_signed(),
            self.data,
        );
        sqlx::query(AssertSqlSafe(sql))
            .execute(pool)
            .await
            .map(|_| ())
    }
}

async fn execute(pool: &AnyPool, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .map(|_| ())
}

/// The rule was broken, and nothing else went wrong.
fn assert_refused(result: Result<(), sqlx::Error>, what: &str) {
    let error = result.expect_err(what);
    let database = error
        .as_database_error()
        .unwrap_or_else(|| panic!("{what}: {error}"));
    let code = database.code().unwrap_or_default();
    // Postgres: integrity constraint violations. SQLite: constraints, by CHECK, key or trigger.
    let constraint =
        code.starts_with("23") || ["275", "787", "1811", "2067"].contains(&code.as_ref());
    assert!(constraint, "{what}: {code} {error}");
}

pub async fn the_log_is_append_only(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    let Some(pool) = database.sql().await else {
        return;
    };
    let before = tasks.history(id).await.unwrap();
    let mut changes = vec![
        "UPDATE task_event SET data = '{}'",
        "UPDATE task_event SET seq = 9 WHERE seq = 4",
        "DELETE FROM task_event WHERE seq = 4",
        "DELETE FROM task_event",
        "DELETE FROM task",
    ];
    if database.is_postgres() {
        changes.push("TRUNCATE task_event");
        changes.push("TRUNCATE task CASCADE");
    }
    if !database.is_postgres() {
        changes.push("REPLACE INTO task_event SELECT * FROM task_event WHERE seq = 4");
        changes.push("UPDATE OR REPLACE task_event SET seq = 3 WHERE seq = 4");
    }
    for change in changes {
        assert_refused(execute(&pool, change).await, change);
    }
    assert_eq!(tasks.history(id).await.unwrap(), before);
}

/// Every state x event pair of the task machine, and every legal one with each wrong result.
pub async fn every_illegal_row_is_refused(database: &Database) {
    database.events::<TaskEvent>().await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let machine = TaskEvent::MACHINE;
    let exploration = machine.explore(100);
    let (mut pairs, mut forgeries) = (0, 0);
    for found in exploration.states() {
        for event in machine.events() {
            // A stream that has come to this state, then the event.
            let id = EntityId::new();
            insert_head(database, &pool, id).await;
            let (mut seq, mut state) = (0, StateSet::EMPTY);
            for step in exploration.path_to(found.state).unwrap() {
                let before = state;
                (seq, state) = (seq + 1, machine.accumulate(step, state));
                let row = task_row(id, seq, step, before, state);
                row.insert(database, &pool).await.unwrap();
            }
            pairs += 1;
            let after = machine.accumulate(event, state);
            let right = task_row(id, seq + 1, event, state, after);
            if !machine.may_follow(event, state) {
                assert_refused(right.insert(database, &pool).await, "an illegal event");
                continue;
            }
            for wrong in machine.events() {
                let bit = StateSet::only(wrong);
                let flipped = after.union(bit).difference(after.intersection(bit));
                let forged = task_row(id, seq + 1, event, state, flipped);
                assert_refused(forged.insert(database, &pool).await, "a wrong accumulation");
                forgeries += 1;
            }
            right.insert(database, &pool).await.unwrap();
        }
    }
    assert_eq!((pairs, forgeries), (90, 160));
}

fn task_row(id: EntityId, seq: u32, event: EventIndex, before: StateSet, after: StateSet) -> Row {
    Row {
        table: "task_event",
        id_column: "task_id",
        id: id.to_string(),
        seq,
        event_type: event.get(),
        prior_state: before.bits(),
        state: after.bits(),
        data: r#"{"assignee": "ann", "deadline": "2026-04-21T00:00:00Z"}"#,
    }
}

async fn insert_head(database: &Database, pool: &AnyPool, id: EntityId) {
    let (uuid, now) = if database.is_postgres() {
        ("uuid", "now()")
    } else {
        ("TEXT", "'2026-01-01T00:00:00.000000Z'")
    };
    let sql = format!(
        "INSERT INTO task
            (id, seq, version, state, last_event_type, last_event_id, created_at, updated_at)
         VALUES (CAST('{id}' AS {uuid}), 1, 1, 1, 0, CAST('{id}' AS {uuid}), {now}, {now})"
    );
    execute(pool, &sql).await.unwrap();
}

pub async fn a_missing_field_is_refused(database: &Database) {
    let orders = database.events::<OrderEvent>().await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let id = EntityId::new();
    let placed = OrderEvent::Placed(Placed {
        total: Some(1),
        note: None,
    });
    orders.append(id, placed).await.unwrap();
    let row = |data| Row {
        table: "\"order_event\"",
        id_column: "order_id",
        id: id.to_string(),
        seq: 2,
        event_type: 1,
        prior_state: 1,
        state: 2,
        data,
    };
    row("{}").insert(database, &pool).await.unwrap();
    let closed = |data| Row {
        seq: 3,
        event_type: 2,
        prior_state: 2,
        state: 4,
        ..row(data)
    };
    for data in [
        "{}",
        r#"{"receipt": null}"#,
        r#"{"total": 1}"#,
        "[]",
        r#""receipt""#,
    ] {
        assert_refused(closed(data).insert(database, &pool).await, data);
    }
    closed(r#"{"receipt": ""}"#)
        .insert(database, &pool)
        .await
        .unwrap();
}

pub async fn a_row_must_follow_the_one_before_it(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let Some(pool) = database.sql().await else {
        return;
    };
    let id = EntityId::new();
    tasks
        .append(id, created())
        .then(assigned("ann"))
        .await
        .unwrap();
    let (none, new, both) = (
        StateSet::EMPTY,
        StateSet::from_bits(1),
        StateSet::from_bits(0b11),
    );
    let all = StateSet::from_bits(0b111);
    let [first, scheduled, revised, unknown] = [0, 2, 6, 10].map(|n| EventIndex::new(n).unwrap());
    let stranger = EntityId::new();
    for (what, row) in [
        ("a forged prior state", task_row(id, 3, revised, new, new)),
        ("a skipped sequence", task_row(id, 4, scheduled, both, all)),
        ("a sequence twice", task_row(id, 2, scheduled, both, all)),
        ("a second first event", task_row(id, 1, first, none, new)),
        ("a sequence of zero", task_row(id, 0, first, none, new)),
        (
            "a first event with a state before it",
            task_row(stranger, 1, revised, new, new),
        ),
        (
            "an event of no entity",
            task_row(stranger, 1, first, none, new),
        ),
        ("an unknown event type", task_row(id, 3, unknown, both, all)),
    ] {
        assert_refused(row.insert(database, &pool).await, what);
    }
    let right = task_row(id, 3, scheduled, both, all);
    right.insert(database, &pool).await.unwrap();
}
