//! Forged calls of the functions that append, by the role of a program: refused, or harmless.

use eventsource_core::{EntityId, Event, ViolationKind};
use serde::{Deserialize, Serialize};
use sqlx::AnyPool;
use tasks::TaskEvent;

use super::forgeries::{
    BATCH, BY_NAME, EACH, FORGED_BATCH, FORGED_BY_NAME, FORGED_EACH, FORGED_NOTE_BATCH, FORGED_ONE,
    FORGED_SHIPMENT_BATCH, NOTE_BATCH, ONE, SHIPMENT_BATCH,
};
use super::support::{appended, column, raised};
use crate::support::database::Database;
use crate::support::machines::OrderEvent;
use crate::support::plain_sql::execute;
use crate::support::shipments::{ShipmentEvent, create};

on_postgres! {
    and postgres_outbox:
    forged_calls_of_append_functions_leave_history_valid,
    role_without_rights_can_call_no_function_of_schema,
}

/// Machine with an event that is legal in every state, also in one that is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "note", allow(always_legal, operands))]
pub enum NoteEvent {
    #[event(follows = Noted | !Noted, accumulate = union())]
    Noted,
}

/// Writes a call, with arguments in place of those of the right one.
fn call(function: &str, right: &str, forged: &str) -> String {
    let split = |text: &str| -> Vec<(String, String)> {
        text.split(';')
            .filter_map(|argument| argument.split_once("=>"))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect()
    };
    let mut arguments = split(right);
    for (name, value) in split(forged) {
        let found = arguments.iter_mut().find(|(own, _)| *own == name);
        found.unwrap_or_else(|| panic!("{name}")).1 = value;
    }
    let arguments: Vec<String> = arguments
        .iter()
        .map(|(name, value)| format!("{name} => {value}"))
        .collect();
    format!("SELECT 1 FROM {function}({})", arguments.join(", "))
}

/// Begins an entity by name; returns its id and that of its last event.
async fn begun(writer: &AnyPool, entity: &str) -> (String, String) {
    let first = match entity {
        "note" => "NOTED",
        _ => "CREATED",
    };
    let id = format!("SELECT {entity}_id::text FROM {entity}_append(NULL, '{first}')");
    let id = column(writer, &id).await.remove(0);
    if entity == "task" {
        for rest in [
            r#"'ASSIGNED', '{"assignee": "ann"}'"#,
            r#"'SCHEDULED', '{"deadline": "2026-04-21T09:30:00Z"}'"#,
            "'STARTED'",
        ] {
            appended(writer, "task", &format!("'{id}', {rest}")).await;
        }
    }
    let last = format!("SELECT last_event_id::text FROM {entity} WHERE id = '{id}'");
    let last = column(writer, &last).await.remove(0);
    (id, last)
}

/// Puts ids in the places of their names.
fn fill(sql: &str, a: &(String, String), b: &(String, String)) -> String {
    // The ids of auto transitions count on in the last byte.
    let new = || format!("{}00", &EntityId::new().to_string()[..34]);
    let event = new();
    sql.replace("BEFORE_OF_A", &format!("{}ff", &a.1[..34]))
        .replace("OF_A", &a.1)
        .replace("OF_B", &b.1)
        .replace("EVENT", &event)
        .replace("NEXT", &format!("{}01", &event[..34]))
        .replace("OTHER", &new())
        .replace("NEW", &EntityId::new().to_string())
        .replace("'A'", &format!("'{}'", a.0))
        .replace("A, ", &format!("{}, ", a.0))
        .replace("A}", &format!("{}}}", a.0))
        .replace("B, ", &format!("{}, ", b.0))
        .replace("B}", &format!("{}}}", b.0))
}

/// Arguments that give an auto transition a field which its type does not have. The database does not know
/// the fields that a function is told to carry over; `verify` names the event.
const UNREADABLE: &str = r#"'{"9": {"a": 1}}'"#;

async fn forged_calls_of_append_functions_leave_history_valid(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let notes = database.events::<NoteEvent>().await;
    let shipments = database.events::<ShipmentEvent>().await;
    let (owner, writer) = (database.sql().await, database.writer_sql().await);
    let keyed = "NULL, 'CREATED', idempotency_key => 'k'";
    assert_eq!(appended(&writer, "task", keyed).await, ["CREATED 1"]);
    let mut wrong = Vec::new();
    let mut calls = Vec::new();
    for (entity, which, right, forged) in [
        ("task", "_one", ONE, FORGED_ONE),
        ("task", "_each", EACH, FORGED_EACH),
        ("task", "_batch", BATCH, FORGED_BATCH),
        ("task", "", BY_NAME, FORGED_BY_NAME),
        ("note", "_batch", NOTE_BATCH, FORGED_NOTE_BATCH),
        ("shipment", "_batch", SHIPMENT_BATCH, FORGED_SHIPMENT_BATCH),
    ] {
        let function = format!("{entity}_append{which}");
        let count = async || {
            let sql = format!("SELECT count(*)::text FROM {entity}_event");
            column(&owner, &sql).await.remove(0).parse::<u64>().unwrap()
        };
        for (arguments, expected) in forged {
            let (a, b) = (begun(&writer, entity).await, begun(&writer, entity).await);
            let before = count().await;
            let sql = fill(&call(&function, right, arguments), &a, &b);
            let outcome = match raised(&writer, &sql).await {
                Some(error) => error.code,
                None => format!("{} stored", count().await - before),
            };
            let call = format!("{function}({arguments}): {outcome}, expected {expected}");
            if outcome != *expected {
                wrong.push(call.clone());
            }
            calls.push((a.0, b.0, call));
        }
    }
    let mut unreadable = 0;
    for verified in [
        tasks.verify().await.unwrap(),
        notes.verify().await.unwrap(),
        shipments.verify().await.unwrap(),
    ] {
        assert_eq!(verified.differences, []);
        for violation in verified.violations {
            let id = violation.entity_id.to_string();
            let call = calls.iter().find(|(a, b, _)| *a == id || *b == id);
            match (&violation.kind, call) {
                (ViolationKind::Unreadable { .. }, Some((_, _, call)))
                    if call.contains(UNREADABLE) =>
                {
                    unreadable += 1;
                }
                _ => wrong.push(format!("{violation:?} after {call:?}")),
            }
        }
    }
    assert_eq!((wrong, unreadable), (Vec::<String>::new(), 1));
    // The counter goes on.
    create(&shipments).await;
    create(&shipments).await;
}

/// Asks the catalogue who may call what, and tries it.
async fn role_without_rights_can_call_no_function_of_schema(database: &Database) {
    database.events::<TaskEvent>().await;
    database.events::<OrderEvent>().await;
    database.events::<ShipmentEvent>().await;
    let (owner, stranger) = (database.sql().await, database.role("stranger"));
    let schema = database.schema().unwrap();
    let create =
        format!("CREATE ROLE {stranger} NOLOGIN; GRANT USAGE ON SCHEMA {schema} TO {stranger}");
    execute(&owner, &create).await.unwrap();
    let callable = async |role: &str| {
        let sql = format!(
            "SELECT proname::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
                AND has_function_privilege('{role}', oid, 'EXECUTE') ORDER BY proname"
        );
        column(&owner, &sql).await
    };
    assert_eq!(callable(&stranger).await, [""; 0]);
    assert_eq!(callable(&database.role("reader")).await, [""; 0]);
    let mut expected = vec!["eventsource_catch_up".to_owned()];
    for entity in ["order", "shipment", "task"] {
        let functions = [
            "answered",
            "append",
            "append_batch",
            "append_each",
            "append_one",
            "lock",
        ];
        expected.extend(functions.map(|function| format!("{entity}_{function}")));
    }
    assert_eq!(callable(&database.role("writer")).await, expected);
    let pool = database.sql_as("stranger").await;
    for (function, right) in [
        ("task_append_one", ONE),
        ("task_append_each", EACH),
        ("task_append_batch", BATCH),
        ("task_append", BY_NAME),
    ] {
        let some = (EntityId::new().to_string(), EntityId::new().to_string());
        let sql = fill(&call(function, right, ""), &some, &some);
        assert_eq!(raised(&pool, &sql).await.unwrap().code, "42501", "{sql}");
    }
    pool.close().await;
    let remove = format!("DROP OWNED BY {stranger}; DROP ROLE {stranger}");
    execute(&owner, &remove).await.unwrap();
}
