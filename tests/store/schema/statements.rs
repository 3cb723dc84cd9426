//! Statements that the writer has no right to, and destructive ones of the owner.

use eventsource_core::EntityId;
use tasks::TaskEvent;

use super::forgery::assigned_task;
use crate::support::database::Database;
use crate::support::machines::created;
use crate::support::plain_sql::{assert_refused, execute, takes};

on_every_database! {
    and postgres_outbox:
    statements_beyond_writer_rights_are_refused,
    destructive_statements_of_owner_are_refused,
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
            "INSERT INTO eventsource_idempotency_key VALUES ('task', 'mine', 'ann', '[]', now())",
            "UPDATE eventsource_idempotency_key SET answered = '[]'",
            "DELETE FROM eventsource_idempotency_key",
            "TRUNCATE eventsource_idempotency_key",
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
