//! Forged rows, heads and statements, by hand.

use eventsource_core::model::EventIndex;
use eventsource_core::{EntityId, Event};
use sqlx::AnyPool;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::created;
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

on_every_database! {
    and postgres_outbox:
    statements_beyond_writer_rights_are_refused,
    destructive_statements_of_owner_are_refused,
}

/// Makes a task that is created, revised and assigned; with a connection of the owner.
async fn assigned_task(database: &Database) -> (Stream<'_>, AnyPool) {
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

/// Tries what the writer's role has no right to. SQLite has no roles: what no trigger prevents there is
/// for the permissions of the file.
async fn statements_beyond_writer_rights_are_refused(database: &Database) {
    let (task, _) = assigned_task(database).await;
    let pool = database.writer_sql().await;
    let tasks = database.events::<TaskEvent>().await;
    let key = tasks.append(EntityId::new(), created());
    key.idempotency_key("k").await.unwrap();
    let before = tasks.history(task.id).await.unwrap();
    let mut attempts: Vec<String> = [
        "DELETE FROM task",
        "DELETE FROM task WHERE seq = 1",
        "DELETE FROM task_event",
        "DELETE FROM task_event WHERE seq = 2",
        "UPDATE task_event SET seq = seq",
    ]
    .map(str::to_owned)
    .to_vec();
    for column in [
        "task_id",
        "seq",
        "clock",
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
        attempts.push(format!("UPDATE task_event SET {column} = {column}"));
        attempts.push(format!(
            "UPDATE task_event SET {column} = NULL WHERE seq = 2"
        ));
    }
    if database.is_postgres() {
        let more = [
            "TRUNCATE task",
            "TRUNCATE task_event",
            "TRUNCATE task, task_event",
            "TRUNCATE task CASCADE",
            "INSERT INTO task_event SELECT * FROM task_event ON CONFLICT (task_id, seq) DO UPDATE SET data = '{}'",
            "INSERT INTO task SELECT * FROM task",
            "UPDATE task SET state = state",
            "UPDATE task SET seq = seq + 1",
            "UPDATE task SET created_at = now()",
            "ALTER TABLE task_event DISABLE TRIGGER ALL",
            "ALTER TABLE task_event DROP CONSTRAINT task_event_legal",
            "ALTER DOMAIN task_event_rules_89e2fe73 DROP CONSTRAINT task_event_rules",
            "DROP DOMAIN task_event_rules_89e2fe73 CASCADE",
            "DROP TYPE task_event_row CASCADE",
            "DROP TRIGGER task_event_by_function ON task_event",
            "DROP TRIGGER task_event_append_only ON task_event",
            "CREATE OR REPLACE FUNCTION eventsource_functions_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "DROP TABLE task_event",
            "DROP TABLE task CASCADE",
            "CREATE TABLE mine (id int)",
            "CREATE OR REPLACE FUNCTION eventsource_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "SET session_replication_role = replica",
            "UPDATE eventsource_machine SET fingerprint = ''",
            "DELETE FROM eventsource_machine",
            "INSERT INTO eventsource_machine VALUES ('x', '', '{}', now())",
            "UPDATE eventsource_event_type SET name = 'X' WHERE number = 1",
            "DELETE FROM eventsource_event_type",
            "INSERT INTO eventsource_event_type VALUES ('task', 20, 'X')",
            "INSERT INTO task_event SELECT * FROM task_event",
            "SELECT FROM task FOR UPDATE",
            "SELECT nextval('eventsource_clock')",
            "INSERT INTO eventsource_idempotency VALUES ('task', 'mine', '[]', now())",
            "UPDATE eventsource_idempotency SET answered = '[]'",
            "DELETE FROM eventsource_idempotency",
            "TRUNCATE eventsource_idempotency",
            "SELECT setval('eventsource_clock', 1)",
            "INSERT INTO task_event (task_id, seq, xid) VALUES (gen_random_uuid(), 1, '1')",
            "INSERT INTO task_event (task_id, seq, clock) VALUES (gen_random_uuid(), 1, 1)",
            "UPDATE task_event SET xid = xid",
            "INSERT INTO eventsource_feed SELECT 1, 1, id, 1, 1 FROM task",
            "UPDATE eventsource_feed SET seq = seq",
            "DELETE FROM eventsource_feed",
            "TRUNCATE eventsource_feed",
            "INSERT INTO eventsource_sequencer DEFAULT VALUES",
            "UPDATE eventsource_sequencer SET position = position + 1",
            "UPDATE eventsource_sequencer SET batch = batch",
            "SELECT * FROM eventsource_sequencer FOR UPDATE",
            "DELETE FROM eventsource_sequencer",
            "TRUNCATE eventsource_sequencer",
            "CREATE OR REPLACE FUNCTION eventsource_catch_up(max_events bigint DEFAULT 50000) RETURNS TABLE (last_position bigint, more boolean) LANGUAGE sql AS 'SELECT 1::bigint, false'",
            "ALTER FUNCTION eventsource_catch_up(bigint) RESET ALL",
            "INSERT INTO eventsource_feed_entity VALUES (2, 'x')",
            "UPDATE eventsource_feed_entity SET entity = 'x'",
            "DELETE FROM eventsource_feed_entity",
            "GRANT UPDATE ON task_event TO PUBLIC",
        ];
        let of_snapshots = [
            "UPDATE eventsource_sequencer SET snapshot = pg_current_snapshot()",
            "UPDATE eventsource_sequencer SET system_identifier = 1",
            "SELECT * FROM eventsource_resync()",
        ];
        let outbox = [
            "SELECT * FROM eventsource_outbox",
            "DELETE FROM eventsource_outbox",
            // Its trigger would write as the owner what a table of another holds.
            "CREATE TEMP TABLE mine (clock bigint, task_id uuid, seq int);
            CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS stored
                FOR EACH STATEMENT EXECUTE FUNCTION task_event_outbox()",
            "INSERT INTO eventsource_outbox VALUES (1, gen_random_uuid(), 1, 1)",
            "UPDATE eventsource_outbox SET seq = seq",
            "TRUNCATE eventsource_outbox",
        ];
        let (own, others) = match database.has_outbox() {
            true => (&outbox[..], "xid"),
            false => (&of_snapshots[..], "outbox"),
        };
        let all = more.iter().chain(own).filter(|sql| !sql.contains(others));
        attempts.extend(all.map(|sql| (*sql).to_owned()));
    }
    for sql in &attempts {
        // A grant of what one has not is a warning.
        if sql.starts_with("GRANT") {
            takes(&pool, sql).await.unwrap();
            continue;
        }
        let refused = takes(&pool, sql).await;
        if database.is_postgres() && !sql.contains("= NULL") {
            // Before any trigger is asked.
            let error = refused.as_ref().unwrap_err().as_database_error().unwrap();
            let code = error.code().unwrap_or_default();
            assert!(
                ["42501", "428C9"].contains(&code.as_ref()),
                "{sql}: {code} {error}"
            );
        }
        assert_refused(refused, sql);
    }
    assert_eq!(tasks.history(task.id).await.unwrap(), before);
}

/// Tries what the owner of the tables may do by mistake. Nothing helps against intent.
async fn destructive_statements_of_owner_are_refused(database: &Database) {
    let (task, _) = assigned_task(database).await;
    let owner = database.sql().await;
    let tasks = database.events::<TaskEvent>().await;
    let before = tasks.history(task.id).await.unwrap();
    let mut attempts = vec![
        "DELETE FROM task",
        "DELETE FROM task_event WHERE seq = 2",
        "UPDATE task_event SET data = '{}'",
        "UPDATE task SET seq = 2, state = 1, version = 2",
    ];
    if database.is_postgres() {
        attempts.extend([
            "TRUNCATE task, task_event",
            "TRUNCATE task CASCADE",
            "TRUNCATE eventsource_feed",
        ]);
    }
    if database.is_partitioned() {
        attempts.extend([
            "TRUNCATE task_event_p0",
            "DELETE FROM task_event_p1",
            "UPDATE task_event_p2 SET seq = 9",
            "DELETE FROM task_p1",
        ]);
    }
    for sql in attempts {
        assert_refused(execute(&owner, sql).await, sql);
    }
    assert_eq!(tasks.history(task.id).await.unwrap(), before);
}
