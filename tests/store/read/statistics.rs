//! Plans of reads while the statistics of the tables are old; Postgres only.
//!
//! A database that was analyzed when entities were short takes an entity for a short one for as long as
//! nobody analyzes it again.

use eventsource_core::{EntityId, EventStore, Seq};
use sqlx::{AnyPool, AssertSqlSafe, Row};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::{all_ok, started_events};
use crate::support::machines::reassigned;
use crate::support::tasks::started;

on_postgres! {
    search_of_long_entity_reads_each_event_once,
    field_search_reads_end_of_long_entity_once,
    large_import_is_analyzed,
}

/// Number of events that are appended to one entity when the statistics are old.
const LONG: u32 = 2000;

/// Makes short tasks, analyzes the tables, and then one long task.
async fn long_task_among_short_ones(
    tasks: &EventStore<TaskEvent>,
    pool: &AnyPool,
    partitions: bool,
) -> EntityId {
    let never = match partitions {
        true => "",
        // No other test decides when that is.
        false => {
            "ALTER TABLE task SET (autovacuum_enabled = off);
            ALTER TABLE task_event SET (autovacuum_enabled = off);"
        }
    };
    let short = (0..200).flat_map(|_| started_events(EntityId::new()));
    tasks.import(all_ok(short.collect())).await.unwrap();
    let sql = format!("{never} ANALYZE task; ANALYZE task_event");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(pool)
        .await
        .unwrap();
    let id = started(tasks).await;
    for _ in 0..LONG / 500 {
        let first = tasks.append(id, reassigned("ann"));
        let all = (1..500).fold(first, |all, _| all.event(reassigned("ann")));
        all.await.unwrap();
    }
    id
}

/// Runs the statement that the server was last sent again, and returns how it did.
async fn explained(pool: &AnyPool, mark: &str, types: &str, arguments: &str) -> String {
    let sent = "SELECT query FROM pg_stat_activity WHERE state = 'idle'
        AND query LIKE '%' || current_schema() || '%' AND query LIKE '%' || $1 || '%'";
    let sent: String = sqlx::query_scalar(sent)
        .bind(mark)
        .fetch_one(pool)
        .await
        .unwrap();
    let prepare =
        format!("SET plan_cache_mode = force_generic_plan; PREPARE sent ({types}) AS {sent}");
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(pool)
        .await
        .unwrap();
    let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE sent ({arguments})");
    let lines = sqlx::query(AssertSqlSafe(explain))
        .fetch_all(pool)
        .await
        .unwrap();
    let lines: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
    sqlx::query("DEALLOCATE sent").execute(pool).await.unwrap();
    lines.join("\n")
}

async fn search_of_long_entity_reads_each_event_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let id = long_task_among_short_ones(&tasks, &pool, database.is_partitioned()).await;
    let store = database.store_options().max_connections(1);
    let store = store.connect().await.unwrap();
    let tasks = store.open::<TaskEvent>().await.unwrap();

    let page = tasks.search().entity(id).limit(1000).await.unwrap();
    assert_eq!(page.total, Some(u64::from(LONG) + 4));
    let items: Vec<_> = page.items.into_iter().map(Result::unwrap).collect();
    let newest = &items[0];
    assert_eq!((newest.seq, items.len()), (Seq::new(LONG + 4), 1000));
    assert_eq!(newest.parent_id, Some(items[1].id));
    let arguments = format!("'{id}', '{id}', 1000, 0");
    let plan = explained(
        &pool,
        "counted.total",
        "uuid, uuid, bigint, bigint",
        &arguments,
    )
    .await;
    assert!(!plan.contains("Join Filter"), "{plan}");
    // The event before each is looked up by its sequence too.
    assert!(
        plan.contains("(seq = (e") && plan.contains("loops=1000"),
        "{plan}"
    );

    // The one that follows an event.
    let parent = items[1].id;
    let search = tasks
        .search()
        .entity(id)
        .parent(parent)
        .oldest_first()
        .without_total();
    let mut found = search.await.unwrap().items;
    assert_eq!(found.pop().unwrap().unwrap(), items[0]);
    assert!(found.is_empty());
    let arguments = format!("'{parent}', '{id}', 20, 0");
    let plan = explained(
        &pool,
        "WITH parent",
        "uuid, uuid, bigint, bigint",
        &arguments,
    )
    .await;
    assert!(
        !plan.contains("Join Filter") && !plan.contains("rows=2004"),
        "{plan}"
    );
    store.close().await;
}

/// Asks for a value that the entity had in each of its events but the last.
async fn field_search_reads_end_of_long_entity_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let id = long_task_among_short_ones(&tasks, &pool, database.is_partitioned()).await;
    tasks.append(id, reassigned("bob")).await.unwrap();
    let store = database.store_options().max_connections(1);
    let store = store.connect().await.unwrap();
    let tasks = store.open::<TaskEvent>().await.unwrap();
    let of = |name: &'static str| tasks.entities().field("assignee", name);
    assert_eq!(of("bob").await.unwrap().total, Some(1));
    // The short ones.
    assert_eq!(
        of("ann")
            .without_total()
            .limit(300)
            .await
            .unwrap()
            .items
            .len(),
        200
    );
    let arguments = "'\"ann\"', '\"ann\"', 300, 0";
    let types = "jsonb, jsonb, bigint, bigint";
    let plan = explained(&pool, "AND EXISTS", types, arguments).await;
    assert!(
        !plan.contains("Anti Join") && !plan.contains("Join Filter"),
        "{plan}"
    );
    store.close().await;
}

async fn large_import_is_analyzed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let pool = database.sql().await;
    let analyzed = async || {
        let known = "SELECT count(*) FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace
                AND relname IN ('task', 'task_event') AND reltuples > 0";
        let known = sqlx::query_scalar::<_, i64>(known).fetch_one(&pool);
        known.await.unwrap()
    };
    let some = started_events(EntityId::new());
    tasks.import(all_ok(some)).await.unwrap();
    assert_eq!(analyzed().await, 0);
    let many = (0..250).flat_map(|_| started_events(EntityId::new()));
    tasks.import(all_ok(many.collect())).await.unwrap();
    assert_eq!(analyzed().await, 2);
}
