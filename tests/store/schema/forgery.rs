//! Forged events and heads, by hand.

use eventsource_core::Event;
use eventsource_core::model::EventIndex;
use sqlx::AnyPool;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::plain_sql::{Row, Stream, assert_refused, execute, takes};

on_every_database! {
    and postgres_outbox:
    insert_of_forged_event_is_refused,
}

on_every_database! {
    update_to_forged_head_is_refused,
}

on_postgres! {
    insert_of_unreadable_json_is_refused,
    refused_insert_names_violated_rule,
}

/// Makes a task that is created, revised and assigned; with a connection of the owner.
pub async fn assigned_task(database: &Database) -> (Stream<'_>, AnyPool) {
    database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let mut task = Stream::new(database, TaskEvent::MACHINE);
    for name in ["CREATED", "REVISED", "ASSIGNED"] {
        task.advance(&pool, event(name)).await;
    }
    (task, pool)
}

fn event(name: &str) -> EventIndex {
    TaskEvent::MACHINE.index_of(name).unwrap()
}

/// Attempts that must be refused, each a change of a legal step.
struct Attempts<'a> {
    task: &'a Stream<'a>,
    pool: &'a AnyPool,
    /// Connection of the role that programs have.
    writer: &'a AnyPool,
    /// Connection that only constraints are in the way of.
    past_guards: &'a AnyPool,
    made: usize,
}

impl Attempts<'_> {
    async fn refused(&mut self, event: &Row, what: &str) {
        let sql = self.task.write(event);
        assert_refused(takes(self.pool, &sql).await, what);
        assert_refused(takes(self.writer, &sql).await, what);
        self.made += 1;
    }

    /// Tries a value that constraints alone refuse.
    async fn never(&mut self, event: &Row, column: &str, value: impl ToString) {
        let forged = event.clone().with(column, value.to_string());
        let sql = self.task.write(&forged);
        assert_refused(takes(self.past_guards, &sql).await, column);
        self.with(event, column, value).await;
    }

    async fn with(&mut self, event: &Row, column: &str, value: impl ToString) {
        let value = value.to_string();
        let forged = event.clone().with(column, &value);
        self.refused(&forged, &format!("{column} {value}")).await;
    }
}

async fn insert_of_forged_event_is_refused(database: &Database) {
    let (task, pool) = assigned_task(database).await;
    let task = &task;
    let writer = database.writer_sql().await;
    let past_guards = database.sql_past_guards().await;
    let mut attempts = Attempts {
        task,
        pool: &pool,
        writer: &writer,
        past_guards: &past_guards,
        made: 0,
    };
    let right = task.step(event("SCHEDULED"));
    if database.is_postgres() {
        // Everybody appends by a function, and not by hand.
        attempts.refused(&right, "a legal event by hand").await;
    } else {
        takes(&pool, &task.write(&right)).await.unwrap();
    }
    let json = if database.is_postgres() {
        "jsonb"
    } else {
        "TEXT"
    };

    for wrong in [-1, 10, 63, 64, 32767] {
        attempts.never(&right, "event_type", wrong).await;
    }
    for seq in [
        "-1",
        "0",
        "1",
        "2",
        "3",
        "5",
        "6",
        "2147483647",
        "2147483648",
    ] {
        attempts.with(&right, "seq", seq).await;
    }
    for bit in (0..10).chain([62, 63]) {
        let flip = |state: u64| (state ^ 1 << bit).cast_signed();
        // A wrong result, and a right one of a state that never was.
        attempts.never(&right, "state", flip(0b111)).await;
        let mut forged = right.clone().with("prior_state", flip(0b11));
        if bit > 2 {
            forged = forged.with("state", flip(0b111));
        }
        attempts.refused(&forged, "prior_state").await;
    }
    for (prior_version, version) in [
        (2, 1),
        (2, 3),
        (1, 1),
        (1, 2),
        (3, 3),
        (0, 0),
        (0, 1),
        (-1, -1),
    ] {
        let forged = right.clone().with("prior_version", prior_version);
        let forged = forged.with("version", version);
        attempts.refused(&forged, "version").await;
    }
    for data in [
        "{}",
        r#"{"deadline": null}"#,
        r#"{"DEADLINE": "2026"}"#,
        r#"{"assignee": "ann"}"#,
        "[]",
        r#"["deadline"]"#,
        r#""deadline""#,
        "7",
        "null",
    ] {
        attempts
            .never(&right, "data", format!("CAST('{data}' AS {json})"))
            .await;
    }
    for metadata in ["[]", "1", "null", r#""who""#] {
        attempts
            .never(&right, "metadata", format!("CAST('{metadata}' AS {json})"))
            .await;
    }
    for column in [
        "task_id",
        "seq",
        "event_id",
        "event_type",
        "prior_state",
        "state",
        "prior_version",
        "version",
        "recorded_at",
        "data",
        "metadata",
    ] {
        attempts.never(&right, column, "NULL").await;
    }
    let earlier = match database.is_postgres() {
        true => "CAST('2099-12-31 00:00:00Z' AS timestamptz)",
        false => "'2099-12-31T00:00:00.000000Z'",
    };
    attempts.with(&right, "recorded_at", earlier).await;
    attempts
        .with(
            &right,
            "event_id",
            format!(
                "(SELECT event_id FROM task_event WHERE task_id = {} AND seq = 2)",
                task.quoted_id()
            ),
        )
        .await;

    // Every event that may not follow, as if it might.
    for wrong in TaskEvent::MACHINE.events() {
        if !TaskEvent::MACHINE.may_follow(wrong, task.state) {
            attempts
                .refused(&task.step(wrong), "an illegal event")
                .await;
        }
    }
    // A first event is the first, of a first version.
    let other = Stream::new(database, TaskEvent::MACHINE);
    let first = other.step(event("CREATED"));
    if !database.is_postgres() {
        takes(&pool, &other.write(&first)).await.unwrap();
    }
    let mut attempts_first = Attempts {
        task: &other,
        pool: &pool,
        writer: &writer,
        past_guards: &past_guards,
        made: 0,
    };
    for column in ["seq", "version"] {
        attempts_first.with(&first, column, 2).await;
    }
    for column in ["prior_state", "prior_version", "event_type"] {
        attempts_first.with(&first, column, 1).await;
    }
    let total = attempts.made + attempts_first.made;
    assert!(total >= 75, "{total} attempts");
}

/// Inserts texts that a program or a cast to `jsonb` could not read, then some that both can.
async fn insert_of_unreadable_json_is_refused(database: &Database) {
    let (mut task, _) = assigned_task(database).await;
    let pool = database.sql_past_guards().await;
    let right = task.step(event("SCHEDULED"));
    let with = |column: &str, json: &str| {
        let json = json.replace('\'', "''");
        right.clone().with(column, format!("'{json}'::json"))
    };
    let data = [
        r#"{"deadline": "\u0000"}"#,
        r#"{"deadline": "x", "\u0000": 1}"#,
        r#"{"deadline": "\ud800"}"#,
        r#"{"deadline": 1e200000}"#,
        r#"{"deadline": "x", }"#,
        r#"["deadline"]"#,
    ];
    let metadata = [
        r#"{"actor": "\u0000"}"#,
        r#"{"actor": 7}"#,
        r#"{"actor": ["ann"]}"#,
        r#"{"actor": "ann", "actor": {}}"#,
        r#"{"correlation_id": false}"#,
        r#"{"causation_id": {}}"#,
        r#"{"idempotency_key": 0}"#,
        r#"{"roles": null}"#,
        r#"{"roles": "ADMIN"}"#,
        r#"{"roles": ["ADMIN", null]}"#,
        r#"{"roles": [["ADMIN"]]}"#,
        r#"[{"actor": "ann"}]"#,
        "[]",
    ];
    let forged = data.map(|json| ("data", json)).into_iter();
    for (column, json) in forged.chain(metadata.map(|json| ("metadata", json))) {
        let refused = takes(&pool, &task.write(&with(column, json))).await;
        let error = refused.expect_err(json);
        let error = error.as_database_error().unwrap();
        let code = error.code().unwrap_or_default();
        // A violated constraint, or a text or number that Postgres cannot hold.
        let codes = ["23514", "22P02", "22P05", "22003"];
        assert!(codes.contains(&code.as_ref()), "{json}: {code} {error}");
    }

    let deep = "[".repeat(300) + &"]".repeat(300);
    let odd = format!(r#"{{"x": {deep}, "actor": 1, "causation_id": null, "actor": "ann"}}"#);
    let odd = with("metadata", &odd);
    execute(&pool, &task.write(&odd)).await.unwrap();
    task = task.after(event("SCHEDULED"));
    let tasks = database.events::<TaskEvent>().await;
    let read = tasks.history(task.id).await.unwrap();
    assert_eq!(read[3].metadata.actor.as_deref(), Some("ann"));
    let mut lines = Vec::new();
    tasks.export().lines(&mut lines).await.unwrap();
    assert!(String::from_utf8(lines).unwrap().contains("\"ann\""));
}

/// Reads the name of the constraint from the error, as a program does.
async fn refused_insert_names_violated_rule(database: &Database) {
    let (task, _) = assigned_task(database).await;
    let pool = database.sql_past_guards().await;
    let right = task.step(event("SCHEDULED"));
    for (column, value, rule) in [
        ("state", "8", "task_event_rules"),
        ("version", "3", "task_event_version"),
        ("data", "'{}'", "task_event_requires_deadline"),
        ("data", "'[]'", "task_event_data_check"),
        ("metadata", "'[]'", "task_event_metadata_check"),
    ] {
        let forged = task.write(&right.clone().with(column, value));
        let error = takes(&pool, &forged).await.unwrap_err();
        let error = error.as_database_error().unwrap();
        assert!(error.is_check_violation(), "{error}");
        assert!(
            error.to_string().contains(&format!("\"{rule}\"")),
            "{error}"
        );
    }
}

async fn update_to_forged_head_is_refused(database: &Database) {
    let (task, pool) = assigned_task(database).await;
    let id = task.quoted_id();
    let now = "2026-02-02T00:00:00.000000Z";
    for change in [
        "seq = 2",
        "seq = 2, state = 1, version = 2",
        "seq = 1, state = 1, version = 1",
        "seq = 4",
        "version = 1",
        "version = 3",
        "state = 0",
        "state = 7",
        "last_event_type = 0",
        &format!("last_event_id = {id}"),
        &format!("updated_at = '{now}'"),
        &format!("created_at = '{now}'"),
        "seq = NULL",
        "state = NULL",
    ] {
        let sql = format!("UPDATE task SET {change} WHERE id = {id}");
        assert_refused(takes(&pool, &sql).await, &sql);
    }
    // A second head, a head of nothing, and the head of another.
    let columns = "id, seq, version, state, last_event_type, last_event_id, created_at, updated_at";
    let other = Stream::new(database, TaskEvent::MACHINE).quoted_id();
    let again = format!("INSERT INTO task ({columns}) SELECT {columns} FROM task WHERE id = {id}");
    assert_refused(takes(&pool, &again).await, &again);
    let of_nothing = again.replace("SELECT id,", &format!("SELECT {other},"));
    assert_refused(takes(&pool, &of_nothing).await, &of_nothing);
    let stolen = format!("UPDATE task SET id = {other} WHERE id = {id}");
    assert_refused(takes(&pool, &stolen).await, &stolen);
}
