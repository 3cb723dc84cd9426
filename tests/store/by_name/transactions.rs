//! Appends by name in transactions of the caller.

use eventsource_core::EntityId;
use tasks::TaskEvent;

use super::support::{appended, column, raised};
use crate::support::database::Database;
use crate::support::plain_sql::execute;
use crate::support::tasks::started;
use crate::support::waiting::{until_blocked, within};

on_postgres! {
    appends_by_name_in_one_transaction_are_atomic,
    append_by_name_waits_for_transaction_that_holds_entity,
    append_by_name_in_snapshot_of_earlier_is_serialization_failure,
}

async fn appends_by_name_in_one_transaction_are_atomic(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (pool, ids) = (
        database.writer_sql().await,
        [EntityId::new(), EntityId::new()],
    );
    let created = ids.map(|id| format!("SELECT seq FROM task_append('{id}', 'CREATED')"));
    let assigned = format!(
        r#"SELECT seq FROM task_append('{}', 'ASSIGNED', '{{"assignee": "ann"}}', 1)"#,
        ids[0]
    );
    let all = format!("{}; {}; {assigned}", created[0], created[1]);
    // The last one is refused, and takes the others along.
    let refused = format!(
        "BEGIN; {all}; SELECT seq FROM task_append('{}', 'STARTED')",
        ids[1]
    );
    assert_eq!(raised(&pool, &refused).await.unwrap().code, "EV001");
    execute(&pool, "ROLLBACK").await.unwrap();
    assert_eq!(tasks.search().await.unwrap().total, Some(0));
    // A savepoint keeps what was before it.
    let kept = format!("BEGIN; {all}; SAVEPOINT a");
    execute(&pool, &kept).await.unwrap();
    let refused = format!("SELECT seq FROM task_append('{}', 'STARTED')", ids[1]);
    assert_eq!(raised(&pool, &refused).await.unwrap().code, "EV001");
    execute(&pool, "ROLLBACK TO a").await.unwrap();
    // The transaction reads what it has appended.
    let read = column(&pool, "SELECT count(*)::text FROM task_event_view").await;
    assert_eq!(read, ["3"]);
    execute(&pool, "COMMIT").await.unwrap();
    assert_eq!(tasks.search().await.unwrap().total, Some(3));
    assert!(tasks.verify().await.unwrap().is_valid());
}

async fn append_by_name_waits_for_transaction_that_holds_entity(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = started(&tasks).await;
    let (one, other) = (database.writer_sql().await, database.writer_sql().await);
    let schema = database.schema().unwrap();
    let call =
        format!("SELECT seq FROM {schema}.task_append('{id}', 'REVISED', expected_seq => 4)");
    execute(&one, &format!("BEGIN; {call}")).await.unwrap();
    let waiting = tokio::spawn(async move { raised(&other, &call).await });
    until_blocked(&database.sql().await, 1).await;
    execute(&one, "COMMIT").await.unwrap();
    let error = within(waiting).await.unwrap().unwrap();
    assert_eq!(error.code, "EV002");
    assert_eq!(
        error.message,
        format!("entity {id} is at sequence 5, not at the expected 4")
    );
}

/// Appends in a transaction that reads from before another append: Postgres ends it, for the caller
/// to begin again.
async fn append_by_name_in_snapshot_of_earlier_is_serialization_failure(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (id, new) = (started(&tasks).await, EntityId::new());
    let (one, other) = (database.writer_sql().await, database.writer_sql().await);
    for (id, events) in [(id, "REVISED 5"), (new, "CREATED 1")] {
        let event_type = events.split(' ').next().unwrap();
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM task_event";
        execute(&one, begin).await.unwrap();
        let arguments = format!("'{id}', '{event_type}'");
        assert_eq!(appended(&other, "task", &arguments).await, [events]);
        let call = format!("SELECT seq FROM task_append({arguments})");
        let error = raised(&one, &call).await.unwrap();
        assert_eq!(error.code, "40001", "{error:?}");
        execute(&one, "ROLLBACK").await.unwrap();
    }
    assert!(tasks.verify().await.unwrap().is_valid());
}
