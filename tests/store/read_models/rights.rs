//! Rights of every role to every table.

use eventsource_core::Model;
use eventsource_core::ddl::Roles;
use sqlx::{AssertSqlSafe, Row};
use tasks::TaskEvent;

use super::board::{NoteEvent, Room};
use crate::support::database::Database;

on_postgres! {
    and postgres_outbox:
    roles_have_the_rights_of_the_table_and_no_others,
}

/// What the worker, the writer and the reader may do: select, insert, update, delete, truncate;
/// `u` is an update of some columns.
const RIGHTS: [(&str, &str, &str, &str); 24] = [
    // table, worker, writer, reader
    ("task", "S", "S", "S"),
    ("task_event", "S", "S", "S"),
    ("task_view", "S", "S", "S"),
    ("task_event_view", "S", "S", "S"),
    ("note", "S", "S", "S"),
    ("note_event", "S", "S", "S"),
    ("note_view", "S", "S", "S"),
    ("note_event_view", "S", "S", "S"),
    ("eventsource_machine", "S", "S", "S"),
    ("eventsource_event_type", "S", "S", "S"),
    ("eventsource_idempotency", "", "S", ""),
    ("eventsource_idempotency_key", "", "S", ""),
    ("eventsource_feed", "S", "S", "S"),
    ("eventsource_feed_entity", "S", "S", "S"),
    ("eventsource_sequencer", "S", "S", "S"),
    ("eventsource_snapshot", "", "SIUD", "S"),
    ("eventsource_subscription", "Su", "S", "S"),
    ("eventsource_generation", "S", "S", "S"),
    ("eventsource_shard", "Su", "S", "S"),
    ("eventsource_parked", "SIUD", "", ""),
    ("eventsource_worker", "SIUD", "", ""),
    ("eventsource_command", "SIUD", "SIU", ""),
    ("eventsource_deadline", "SIUD", "S", "S"),
    ("eventsource_schedule", "SIUD", "", ""),
];

/// Tables of a read model, and what shows the live one to people.
const OF_MODEL: [(&str, &str, &str, &str); 2] =
    [("room__1", "SIUD", "S", "S"), ("room", "S", "S", "S")];

/// Columns that the worker may update.
const COLUMNS: [(&str, &[&str]); 2] = [
    ("eventsource_subscription", &["paused", "settings"]),
    (
        "eventsource_shard",
        &[
            "attempts", "building", "epoch", "halted", "moved_at", "owner", "position", "retry_at",
        ],
    ),
];

async fn roles_have_the_rights_of_the_table_and_no_others(database: &Database) {
    let names = ["worker", "writer", "reader"].map(|role| database.role(role));
    let [worker, writer, reader] = &names;
    let roles = Roles::new().worker(worker).writer(writer).reader(reader);
    let store = database
        .connect_with(database.schema_options().roles(roles))
        .await;
    // One machine before the tables of the runtime, one after.
    store.migrate::<TaskEvent>().await.unwrap();
    store.migrate_runtime().await.unwrap();
    store.migrate::<NoteEvent>().await.unwrap();
    let model = Model::view::<Room>().reads("note");
    store.create_generation(&model, 1).await.unwrap();

    let owner = database.sql().await;
    let select = "SELECT relname::text, verb, role,
    has_table_privilege(role, pg_class.oid, verb) AS whole,
    verb = 'UPDATE' AND has_any_column_privilege(role, pg_class.oid, verb) AS some
FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'])
        WITH ORDINALITY AS verb (verb, place),
    unnest(string_to_array($1, ' ')) AS role
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')
    AND relname !~ '_p[0-9]$' OR relname = 'room__1' AND relnamespace = current_schema()::regnamespace
ORDER BY relname, place";
    let rows = sqlx::query(AssertSqlSafe(select))
        .bind(names.join(" "))
        .fetch_all(&owner)
        .await
        .unwrap();
    let mut found = std::collections::BTreeMap::<(String, String), String>::new();
    for row in &rows {
        let (table, verb): (String, String) = (row.get(0), row.get(1));
        let (role, whole, some): (String, bool, bool) = (row.get(2), row.get(3), row.get(4));
        let cell = found.entry((table, role)).or_default();
        match (whole, some) {
            (true, _) => cell.push_str(&verb[..1]),
            (false, true) => cell.push('u'),
            _ => {}
        }
    }
    let mut wrong = Vec::new();
    for (table, of_worker, of_writer, of_reader) in RIGHTS.into_iter().chain(OF_MODEL) {
        for (role, expected) in names.iter().zip([of_worker, of_writer, of_reader]) {
            let actual = found.remove(&(table.to_owned(), role.clone()));
            if actual.as_deref() != Some(expected) {
                wrong.push(format!(
                    "{table}: {role} has {actual:?}, expected {expected:?}"
                ));
            }
        }
    }
    found.retain(|(table, _), _| table != "eventsource_outbox");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(found.is_empty(), "tables without an expectation: {found:?}");

    for (table, expected) in COLUMNS {
        let select = "SELECT attname::text FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0
    AND has_column_privilege($2, attrelid, attnum, 'UPDATE') ORDER BY 1";
        let rows = sqlx::query(AssertSqlSafe(select))
            .bind(table)
            .bind(worker)
            .fetch_all(&owner)
            .await
            .unwrap();
        let columns: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(columns, expected, "{table}");
    }
}
