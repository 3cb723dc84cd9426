//! SQLSTATEs of appends by name.

use std::collections::BTreeSet;
use std::path::Path;

use eventsource_core::ddl::{self, SchemaOptions};
use eventsource_core::{EntityId, Event};
use serde::{Deserialize, Serialize};
use tasks::TaskEvent;

use super::refusals::REFUSED;
use super::support::{Raised, appended, raised};
use crate::support::database::Database;
use crate::support::machines::{OrderEvent, reassigned, until_started};
use crate::support::plain_sql::execute;
use crate::support::shipments::ShipmentEvent;
use crate::support::tasks::started;
use crate::support::waiting::{until_blocked, within};
use crate::unique::users::unique::UserEvent;

on_postgres! {
    and postgres_outbox:
    refused_append_by_name_has_code_message_and_hint,
}

on_postgres! {
    append_by_name_of_endless_auto_transitions_is_ev008,
    append_by_name_of_entity_created_meanwhile_is_refused,
    append_by_name_without_right_is_42501,
}

/// Machine whose auto transition follows itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "spin", allow(auto_loop, auto_rival))]
pub enum SpinEvent {
    Begun,
    #[event(follows = Begun, accumulate = keep(), auto_transition)]
    Turned,
}

async fn refused_append_by_name_has_code_message_and_hint(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let orders = database.events::<OrderEvent>().await;
    let shipments = database.events::<ShipmentEvent>().await;
    let writer = database.writer_sql().await;
    let (task, over) = (started(&tasks).await, started(&tasks).await);
    tasks.append(over, TaskEvent::Canceled).await.unwrap();
    let (keyed, several, order) = (started(&tasks).await, EntityId::new(), EntityId::new());
    let reassign = tasks.append(keyed, reassigned("ann"));
    reassign.idempotency_key("k").await.unwrap();
    let [created, assigned, ..] = until_started();
    let both = tasks.append(several, created).event(assigned);
    both.idempotency_key("of several").await.unwrap();
    let place = format!(r#"'{order}', 'PLACED', '{{"total": 7}}'"#);
    assert_eq!(appended(&writer, "order", &place).await, ["PLACED 1"]);
    for (call, code, message, more) in REFUSED {
        let fill = |text: &str| {
            text.replace("TASK", &task.to_string())
                .replace("SHIPMENT", "00000000-0000-8000-8000-000000000007")
                .replace("KEYED", &keyed.to_string())
                .replace("SEVERAL", &several.to_string())
                .replace("ORDER", &order.to_string())
                .replace("OVER", &over.to_string())
                .replace("NEW", "0191b0ff-0000-7000-8000-000000000001")
        };
        let sql = format!("SELECT seq FROM {}", fill(call));
        let error = raised(&writer, &sql)
            .await
            .unwrap_or_else(|| panic!("{call} is taken"));
        let Raised {
            code: raised,
            message: said,
            detail,
            hint,
        } = &error;
        assert_eq!(raised, code, "{call}: {error:?}");
        assert!(said.contains(&fill(message)), "{call}: {error:?}");
        let said = format!("{detail} {hint}");
        assert!(said.contains(&fill(more)), "{call}: {error:?}");
        if code.starts_with("EV") && *code != "EV001" {
            assert!(!hint.is_empty(), "{call}: {error:?}");
        }
    }
    let verified = [
        tasks.verify().await.unwrap(),
        orders.verify().await.unwrap(),
        shipments.verify().await.unwrap(),
    ];
    let stored = verified
        .each_ref()
        .map(|found| (found.is_valid(), found.events));
    assert_eq!(stored, [(true, 4 + 5 + 5 + 2), (true, 1), (true, 0)]);
}

async fn append_by_name_of_endless_auto_transitions_is_ev008(database: &Database) {
    let spins = database.events::<SpinEvent>().await;
    let writer = database.writer_sql().await;
    let error = raised(&writer, "SELECT seq FROM spin_append(NULL, 'BEGUN')")
        .await
        .unwrap();
    assert_eq!(error.code, "EV008", "{error:?}");
    assert_eq!(error.message, "auto transitions after 'BEGUN' have no end");
    assert_eq!(spins.search().await.unwrap().total, Some(0));
}

/// Begins an entity that another transaction is beginning: it waits, and then there is one.
async fn append_by_name_of_entity_created_meanwhile_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (one, other) = (database.writer_sql().await, database.writer_sql().await);
    let watch = database.sql().await;
    let schema = database.schema().unwrap();
    for (first, second, code) in [
        ("NULL", "NULL", Some("EV001")),
        ("'a'", "'b'", Some("EV010")),
        ("'c'", "'c'", None),
    ] {
        for ending in ["COMMIT", "ROLLBACK"] {
            let id = EntityId::new();
            let call = |key: &str| {
                format!(
                    "SELECT seq FROM {schema}.task_append('{id}', 'CREATED', idempotency_key => {key} || '{ending}')"
                )
            };
            let begin = format!("BEGIN; {}", call(first));
            execute(&one, &begin).await.unwrap();
            let waiting = tokio::spawn({
                let (other, call) = (other.clone(), call(second));
                async move { raised(&other, &call).await }
            });
            until_blocked(&watch, 1).await;
            execute(&one, ending).await.unwrap();
            let error = within(waiting).await.unwrap();
            let found = error.as_ref().map(|error| error.code.as_str());
            let expected = code.filter(|_| ending == "COMMIT");
            assert_eq!(found, expected, "{first} {second} {ending}");
            assert_eq!(tasks.history(id).await.unwrap().len(), 1);
            let again = raised(&other, &call("'again'")).await.unwrap();
            assert_eq!(
                again.message,
                "Event type 'CREATED' may not follow [CREATED]"
            );
        }
    }
}

async fn append_by_name_without_right_is_42501(database: &Database) {
    database.events::<TaskEvent>().await;
    let reader = database.sql_as("reader").await;
    let call = "SELECT seq FROM task_append(NULL, 'CREATED')";
    assert_eq!(raised(&reader, call).await.unwrap().code, "42501");
}

/// Codes in the quotes or backticks of a text.
fn codes(text: &str) -> BTreeSet<&str> {
    text.split(['"', '`', '\''])
        .filter(|word| word.len() == 5 && word.starts_with("EV") && !word.starts_with("EV1"))
        .collect()
}

/// Compares the codes that there are, those that the SQL of some machines raises, and those of the
/// page. What begins with `EV1` is for migrations, which the program makes.
#[test]
fn every_code_raised_is_in_table_of_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let constants = read("eventsource-core/src/store/postgres/sqlstates.rs");
    let page = read("docs/other_languages.md");
    let table: String = page
        .lines()
        .filter(|line| line.starts_with("| `EV"))
        .collect();
    assert_eq!(codes(&constants), codes(&table));
    let options = SchemaOptions::new();
    let sql = [
        ddl::postgres_create::<TaskEvent>(&options).unwrap(),
        ddl::postgres_create::<OrderEvent>(&options).unwrap(),
        ddl::postgres_create::<ShipmentEvent>(&options).unwrap(),
        ddl::postgres_create::<UserEvent>(&options).unwrap(),
    ]
    .concat();
    let mut raised = codes(&constants);
    // By the guard of an inline model, which is made when one is registered.
    raised.remove("EV012");
    assert_eq!(raised, codes(&sql));
    // Everything else is a constraint, or a race that a program of before tries again.
    let others: BTreeSet<&str> = sql
        .split("ERRCODE = '")
        .skip(1)
        .filter_map(|rest| rest.split('\'').next())
        .filter(|code| !code.starts_with("EV"))
        .collect();
    let known = [
        "integrity_constraint_violation",
        "restrict_violation",
        "serialization_failure",
    ];
    assert_eq!(others, known.into());
}
