//! Index for searches by state, which is optional; Postgres only.

use eventsource_core::ddl;
use eventsource_core::{EntityId, EntityOrder, EventStore, State};
use sqlx::{AnyPool, AssertSqlSafe};
use tasks::{TaskEvent, TaskEventType};
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::machines::light::{first, second};
use crate::support::machines::{assigned, created};

on_postgres! {
    entity_search_with_state_index_gives_same_result,
    migrate_with_changed_rules_creates_state_index,
    concurrent_migrates_create_one_state_index,
}

async fn entity_search_with_state_index_gives_same_result(database: &Database) {
    let options = || database.schema_options().index_states();
    let pool = database.sql().await;
    let plain = database.events::<TaskEvent>().await;
    for number in 0..30 {
        let append = plain.append(EntityId::new(), created());
        match number % 3 {
            0 => append.event(assigned("ann")).await.unwrap(),
            _ => append.await.unwrap(),
        };
    }
    assert_eq!(indexes(&pool, "task").await, 0);
    let before = found(&plain).await;
    assert_eq!(before.iter().map(Vec::len).sum::<usize>(), 2 * 10 + 2 * 20);

    let store = database.connect_with(options()).await;
    let indexed = store.migrate::<TaskEvent>().await.unwrap();
    assert_eq!(indexes(&pool, "task").await, 1);
    assert_eq!(found(&indexed).await, before);
    // A head that has moved is found where it is now, and nowhere else.
    let moved = before[0][0];
    indexed.append(moved, assigned("bob")).await.unwrap();
    let after = found(&indexed).await;
    assert!(!after[0].contains(&moved) && after[2].contains(&moved));

    // Who does not ask for it takes it from nobody, and there is one only.
    database.events::<TaskEvent>().await;
    store.migrate::<TaskEvent>().await.unwrap();
    assert_eq!(indexes(&pool, "task").await, 1);
    let by_hand = ddl::postgres_create::<first::LightEvent>(&options()).unwrap();
    let by_hand = sqlx::raw_sql(AssertSqlSafe(by_hand)).execute(&pool).await;
    by_hand.unwrap();
    assert_eq!(indexes(&pool, "light").await, 1);
}

/// Finds the entities of two states, in two orders.
async fn found(tasks: &EventStore<TaskEvent>) -> Vec<Vec<EntityId>> {
    let states = [
        State::from_iter([TaskEventType::Created]),
        State::from_iter([TaskEventType::Created, TaskEventType::Assigned]),
    ];
    let mut found = Vec::new();
    for state in states {
        for order in [EntityOrder::Id, EntityOrder::Updated] {
            let search = tasks.entities().state(state).order_by(order);
            let page = search.limit(100).await.unwrap();
            assert_eq!(page.total, Some(page.items.len() as u64));
            found.push(page.items.iter().map(|head| head.id).collect());
        }
    }
    found
}

async fn migrate_with_changed_rules_creates_state_index(database: &Database) {
    let pool = database.sql().await;
    database.events::<first::LightEvent>().await;
    assert_eq!(indexes(&pool, "light").await, 0);
    let options = database.schema_options().index_states();
    let store = database.connect_with(options).await;
    store.migrate::<second::LightEvent>().await.unwrap();
    assert_eq!(indexes(&pool, "light").await, 1);
}

/// Migrates from several stores while others append.
async fn concurrent_migrates_create_one_state_index(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut running = JoinSet::new();
    for _ in 0..4 {
        let store = database
            .connect_with(database.schema_options().index_states())
            .await;
        running.spawn(async move {
            store.migrate::<TaskEvent>().await.unwrap();
        });
        let tasks = tasks.clone();
        running.spawn(async move {
            for _ in 0..5 {
                tasks.append(EntityId::new(), created()).await.unwrap();
            }
        });
    }
    running.join_all().await;
    let pool = database.sql().await;
    assert_eq!(indexes(&pool, "task").await, 1);
    let state = State::from_iter([TaskEventType::Created]);
    assert_eq!(tasks.entities().state(state).await.unwrap().total, Some(20));
}

/// Counts the indexes of states on the heads.
async fn indexes(pool: &AnyPool, entity: &str) -> i64 {
    sqlx::query_scalar(
        // Other tests' indexes may go while theirs are looked at: only one's own are.
        "WITH own AS MATERIALIZED (
            SELECT indexrelid FROM pg_index WHERE indrelid = to_regclass($1))
        SELECT count(*) FROM own WHERE pg_get_indexdef(indexrelid) LIKE '%(state, id)'",
    )
    .bind(entity.to_owned())
    .fetch_one(pool)
    .await
    .unwrap()
}
