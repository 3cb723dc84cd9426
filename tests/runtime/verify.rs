//! Whether a read model is what its events make of it.

use eventsource_core::{EntityId, Store};
use eventsource_runtime::{Note, Runtime, RuntimeError, catch_up, projection};
use tasks::TaskEvent;
use tokio_util::sync::CancellationToken;

use crate::models::{Seen, rows, start_tasks};
use crate::support::database::Database;
use crate::support::machines::{assigned, created};
use crate::views::Desk;

on! { sqlite_memory, sqlite_file, postgres:
    verify_finds_the_one_wrong_row_of_a_view,
    verify_finds_rows_too_many_and_missing_of_a_projection,
    verify_of_what_is_no_read_model_is_refused,
}

on! { sqlite_file, postgres:
    verify_compares_at_one_position_while_others_append,
}

fn note() -> Note {
    Note::by("ann", "a row looked odd")
}

async fn change(store: &Store, sql: &str) {
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.execute(sql, ()).await.unwrap(), 1, "{sql}");
    tx.commit().await.unwrap();
}

async fn verify_finds_the_one_wrong_row_of_a_view(database: &Database) {
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let view = catch_up::<Desk>().reads(&tasks).shards(2);
    let runtime = Runtime::new(store).add(view).build().await.unwrap();
    for number in 0..40 {
        let who = assigned(&format!("person {}", number % 7));
        let task = tasks.append(EntityId::new(), created()).event(who);
        task.await.unwrap();
    }
    runtime.settle().await.unwrap();
    let equal = runtime.verify("desk", note()).await.unwrap();
    assert!(equal.is_equal() && equal.rows.is_empty(), "{equal:?}");

    let wrong = r#"UPDATE {desk__1} SET value = '{"tasks": 6, "hash": 1}' WHERE key = 'person 3'"#;
    change(store, wrong).await;
    let found = runtime.verify("desk", note()).await.unwrap();
    assert_eq!((found.unexpected, found.missing), (1, 1), "{found:?}");
    for row in &found.rows {
        assert_eq!(row.table, "desk");
        assert!(row.row.contains("person 3"), "{row:?}");
    }
    let [unexpected, missing] = &found.rows[..] else {
        panic!("{found:?}")
    };
    assert!(!unexpected.is_missing && missing.is_missing);

    // The live one stays as it was, and nothing is left of the other.
    let status = runtime.status().await.unwrap().remove(0);
    assert_eq!((status.generation, status.building), (1, None));
    assert_eq!(status.operations.len(), 2);
    assert_eq!(status.operations[1].operation, "verify");
    let tables = match database.is_postgres() {
        true => {
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'desk\\_\\_%' AND relkind = 'r'
            AND relnamespace = (SELECT relnamespace FROM pg_class
                WHERE oid = (SELECT tableoid FROM {eventsource_shard} LIMIT 1))"
        }
        false => {
            "SELECT count(*) FROM sqlite_master
            WHERE type = 'table' AND name LIKE 'desk\\_\\_%' ESCAPE '\\'"
        }
    };
    assert_eq!(rows(store, tables).await, [1]);
    let shards = "SELECT count(*) FROM {eventsource_shard}";
    assert_eq!(rows(store, shards).await, [2]);
    let generations = "SELECT count(*) FROM {eventsource_generation}";
    assert_eq!(rows(store, generations).await, [1]);
}

async fn verify_finds_rows_too_many_and_missing_of_a_projection(database: &Database) {
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let seen = projection(Seen).reads(&tasks);
    let runtime = Runtime::new(store).add(seen).build().await.unwrap();
    let ids = start_tasks(&tasks, 20).await;
    runtime.settle().await.unwrap();
    let equal = runtime.verify("seen", note()).await.unwrap();
    assert!(equal.is_equal(), "{equal:?}");
    let id = ids[4].to_string();
    change(
        store,
        &format!("DELETE FROM {{seen__1}} WHERE entity_id = '{id}'"),
    )
    .await;
    change(store, "INSERT INTO {seen__1} VALUES ('nobody', 1, 1)").await;
    let found = runtime.verify("seen", note()).await.unwrap();
    assert_eq!((found.unexpected, found.missing), (1, 1), "{found:?}");
    assert!(found.rows[0].row.contains("nobody"), "{found:?}");
    assert!(found.rows[1].row.contains(&id), "{found:?}");
}

async fn verify_of_what_is_no_read_model_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let log = eventsource_runtime::log("audit").reads(&tasks);
    let runtime = Runtime::new(database.store()).add(log);
    let runtime = runtime.build().await.unwrap();
    let refused = runtime.verify("audit", note()).await.unwrap_err();
    let is_refused = matches!(refused, RuntimeError::NotAModel { .. });
    assert!(is_refused, "{refused}");
}

async fn verify_compares_at_one_position_while_others_append(database: &Database) {
    let (store, tasks) = (database.store(), database.events::<TaskEvent>().await);
    let runtime = Runtime::new(store)
        .add(projection(Seen).reads(&tasks).shards(2))
        .add(catch_up::<Desk>().reads(&tasks).shards(2));
    let runtime = runtime.build().await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(runtime.clone().run_until(stop.clone().cancelled_owned()));
    let appending = tokio::spawn({
        let (tasks, stop) = (tasks.clone(), stop.clone());
        async move {
            let mut appended = 0_u32;
            while !stop.is_cancelled() {
                start_tasks(&tasks, 1).await;
                appended += 1;
            }
            appended
        }
    });
    for _ in 0..3 {
        for name in ["seen", "desk"] {
            let verified = crate::support::waiting::within(runtime.verify(name, note())).await;
            let verified = verified.unwrap();
            assert!(verified.is_equal(), "{name}: {verified:?}");
        }
    }
    stop.cancel();
    assert!(appending.await.unwrap() > 0);
    running.await.unwrap();
    let status = runtime.status().await.unwrap();
    assert!(status.iter().all(|model| model.generation == 1));
}
