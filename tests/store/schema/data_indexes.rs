//! Indexes for searches by data; Postgres only.

use std::future::IntoFuture;

use eventsource_core::ddl::{self, SchemaOptions, SchemaVersion};
use eventsource_core::{EntityId, Error, EventStore, ExportedEvent};
use sqlx::{AnyPool, AssertSqlSafe, Row};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::all_ok;
use crate::support::machines::{assigned, created, deadline, reassigned};
use crate::support::plain_sql::execute;
use crate::support::waiting::{until_somebody_waits, within};

on_postgres! {
    entity_search_by_data_uses_data_index,
    data_index_added_later_does_not_block_writers,
    data_index_is_replaced_with_changed_rules,
    data_index_text_run_by_hand_equals_migration,
}

on! {
    sqlite_file:
    data_index_option_on_sqlite_is_ignored,
}

/// Lamp, before and after a second event tells its room.
mod lamp {
    pub mod first {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Serialize, Deserialize, Event)]
        #[machine(entity = "lamp")]
        pub enum LampEvent {
            #[event(terminal)]
            Hung { room: String },
        }
    }

    pub mod second {
        use eventsource_core::Event;
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Serialize, Deserialize, Event)]
        #[machine(entity = "lamp")]
        pub enum LampEvent {
            Hung {
                room: String,
            },
            #[event(follows = Hung, terminal)]
            Moved {
                room: String,
            },
        }
    }
}

fn by_assignee(database: &Database) -> SchemaOptions {
    database
        .schema_options()
        .index_data::<TaskEvent>(["assignee"])
}

/// Lists the indexes for data: their names, and whether they are valid.
async fn indexes(pool: &AnyPool) -> Vec<(String, bool)> {
    let names = "SELECT relname::text AS name, indisvalid FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = current_schema()::regnamespace AND relname LIKE '%\\_event\\_data\\_%'
        ORDER BY 1";
    let rows = sqlx::query(names).fetch_all(pool).await.unwrap();
    rows.iter()
        .map(|row| (row.get("name"), row.get("indisvalid")))
        .collect()
}

/// Explains the statement that the server was last sent for a search by assignee.
async fn plan(database: &Database, tasks: &EventStore<TaskEvent>) -> String {
    let pool = database.sql().await;
    let found = tasks.entities().field("assignee", "p7").without_total();
    assert_eq!(found.await.unwrap().items.len(), 1);
    let sent = "SELECT query FROM pg_stat_activity WHERE state = 'idle'
        AND query LIKE '%' || current_schema() || '%' AND query LIKE '%AND EXISTS%'";
    let sent: String = sqlx::query_scalar(sent).fetch_one(&pool).await.unwrap();
    assert!(sent.len() < 1000, "the server has cut it");
    execute(&pool, "SET plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    execute(
        &pool,
        &format!("PREPARE sent (jsonb, jsonb, bigint, bigint) AS {sent}"),
    )
    .await
    .unwrap();
    let explain = "EXPLAIN EXECUTE sent ('\"p7\"', '\"p7\"', 20, 0)";
    let lines = sqlx::query(explain).fetch_all(&pool).await.unwrap();
    let lines: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
    lines.join("\n")
}

async fn many_tasks(tasks: &EventStore<TaskEvent>) {
    let mut events = Vec::new();
    for number in 0..600 {
        let id = EntityId::new();
        for event in [created(), assigned(&format!("p{number}"))] {
            events.push(ExportedEvent::of(id, &event, deadline()).unwrap());
        }
    }
    tasks.import(all_ok(events)).await.unwrap();
}

async fn entity_search_by_data_uses_data_index(database: &Database) {
    let store = database.connect_with(by_assignee(database)).await;
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let pool = database.sql().await;
    many_tasks(&tasks).await;
    execute(&pool, "ANALYZE task; ANALYZE task_event")
        .await
        .unwrap();
    let names = indexes(&pool).await;
    assert_eq!(names.len(), 1, "{names:?}");
    let plan = plan(database, &tasks).await;
    // The indexes of parts that are made with the whole have names of the server's.
    let taken = match database.is_partitioned() {
        true => "Index Cond: (CASE event_type WHEN 1 THEN ((data -> 'assignee'",
        false => &names[0].0,
    };
    assert!(plan.contains(taken), "{plan}");
    let sound = tasks.verify().await.unwrap();
    assert!(sound.is_valid(), "{sound:#?}");
    execute(&pool, &format!("DROP INDEX {}", names[0].0))
        .await
        .unwrap();
    let differences = tasks.verify().await.unwrap().differences;
    assert_eq!(differences.len(), 1, "{differences:#?}");
}

/// Creates the index while a transaction that has written stays open, more than one migration at a time.
async fn data_index_added_later_does_not_block_writers(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    many_tasks(&tasks).await;
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    let (pool, other) = (database.sql().await, database.sql().await);
    assert_eq!(indexes(&pool).await, []);
    // Somebody has written and does not come to an end.
    let mut writing = other.begin().await.unwrap();
    let lock = match database.is_partitioned() {
        true => "LOCK TABLE task_event_p1 IN ROW EXCLUSIVE MODE",
        false => "LOCK TABLE task_event IN ROW EXCLUSIVE MODE",
    };
    sqlx::query(lock).execute(&mut *writing).await.unwrap();
    let migrate = || {
        let store = database.connect_with(by_assignee(database));
        async move { store.await.migrate::<TaskEvent>().await }
    };
    let (migrated, ()) = tokio::join!(migrate(), async {
        until_somebody_waits(database).await;
        // Others write on, and others that migrate leave it to the first.
        let append = tasks.append(id, assigned("bob"));
        within(append.into_future()).await.unwrap();
        // Also to whichever part it is that is waited for.
        for _ in 0..12 {
            tasks.append(EntityId::new(), created()).await.unwrap();
        }
        migrate().await.unwrap();
        writing.commit().await.unwrap();
    });
    let tasks = migrated.unwrap();
    let parts = if database.is_partitioned() { 4 } else { 1 };
    let built = all(&pool).await;
    assert_eq!(built.len(), parts, "{built:?}");
    assert!(built.iter().all(|(_, _, valid)| *valid), "{built:?}");
    assert!(tasks.verify().await.unwrap().is_valid());
    let found = tasks.entities().field("assignee", "bob").await.unwrap();
    assert_eq!(found.items[0].id, id);
    // Once more: nothing is built.
    migrate().await.unwrap();
    assert_eq!(all(&pool).await, built);
    // What was killed while it built one is built anew.
    execute(&pool, &format!("DROP INDEX {}", built[0].0))
        .await
        .unwrap();
    let registered = SchemaVersion::initial::<TaskEvent>();
    let options = by_assignee(database);
    let text = ddl::postgres_data_indexes::<TaskEvent>(&registered, &options).unwrap();
    let begun = if database.is_partitioned() { 2 } else { 1 };
    for statement in text.into_iter().take(begun) {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&pool)
            .await
            .unwrap();
    }
    let begun = all(&pool).await;
    let breaks = "UPDATE pg_index SET indisvalid = false WHERE indexrelid";
    let last = &begun.last().unwrap().0;
    execute(&pool, &format!("{breaks} = '{last}'::regclass"))
        .await
        .unwrap();
    migrate().await.unwrap();
    let again = all(&pool).await;
    assert_eq!(again.len(), parts);
    assert!(again.iter().all(|(_, _, valid)| *valid), "{again:?}");
    let names = |indexes: &[(String, i64, bool)]| -> Vec<String> {
        indexes.iter().map(|(name, ..)| name.clone()).collect()
    };
    assert_eq!(names(&again), names(&built));
    assert!(!again.contains(begun.last().unwrap()));
    assert!(tasks.verify().await.unwrap().is_valid());
}

/// Lists the indexes of all partitions: name, number, and whether they are valid.
async fn all(pool: &AnyPool) -> Vec<(String, i64, bool)> {
    let all = "SELECT relname::text AS name, indexrelid::bigint AS number, indisvalid FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = current_schema()::regnamespace AND relname LIKE '%\\_data\\_%'
        ORDER BY relname LIKE '%\\_p_\\_%', 1";
    let rows = sqlx::query(all).fetch_all(pool).await.unwrap();
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

/// Changes the events that give the value.
async fn data_index_is_replaced_with_changed_rules(database: &Database) {
    let pool = database.sql().await;
    let options = database.schema_options();
    let first = options
        .clone()
        .index_data::<lamp::first::LampEvent>(["room"]);
    let lamps = database.connect_with(first).await;
    let lamps = lamps.migrate::<lamp::first::LampEvent>().await.unwrap();
    let id = EntityId::new();
    let hung = lamp::first::LampEvent::Hung {
        room: "hall".into(),
    };
    lamps.append(id, hung).await.unwrap();
    let before = indexes(&pool).await;

    let second = options.index_data::<lamp::second::LampEvent>(["room"]);
    let lamps = database.connect_with(second).await;
    let lamps = lamps.migrate::<lamp::second::LampEvent>().await.unwrap();
    let after = indexes(&pool).await;
    assert_eq!((before.len(), after.len()), (1, 1), "{before:?} {after:?}");
    assert_ne!(before, after);
    let sound = lamps.verify().await.unwrap();
    assert!(sound.is_valid(), "{sound:#?}");
    let moved = lamp::second::LampEvent::Moved {
        room: "attic".into(),
    };
    lamps.append(id, moved).await.unwrap();
    let found = lamps.entities().field("room", "attic").await.unwrap();
    assert_eq!(found.total, Some(1));
}

async fn data_index_text_run_by_hand_equals_migration(database: &Database) {
    let nothing = database
        .schema_options()
        .index_data::<TaskEvent>(["colour"]);
    let refused = database
        .connect_with(nothing)
        .await
        .migrate::<TaskEvent>()
        .await;
    let Err(Error::MigrationRefused { reason, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("'colour'"), "{reason}");
    let registered = database.store().registered::<TaskEvent>().await.unwrap();
    assert_eq!(registered, None);

    let tasks = database.events::<TaskEvent>().await;
    tasks.append(EntityId::new(), created()).await.unwrap();
    let pool = database.sql().await;
    let registered = SchemaVersion::initial::<TaskEvent>();
    let options = by_assignee(database);
    let text = ddl::postgres_data_indexes::<TaskEvent>(&registered, &options).unwrap();
    for _ in 0..2 {
        for statement in &text {
            sqlx::query(AssertSqlSafe(statement.clone()))
                .execute(&pool)
                .await
                .unwrap();
        }
    }
    let by_hand = all(&pool).await;
    let store = database.connect_with(options).await;
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    assert_eq!(all(&pool).await, by_hand);
    tasks
        .append(EntityId::new(), created())
        .event(assigned("ann"))
        .await
        .unwrap();
    tasks
        .append(EntityId::new(), reassigned("ann"))
        .await
        .unwrap_err();
    assert!(tasks.verify().await.unwrap().is_valid());
}

async fn data_index_option_on_sqlite_is_ignored(database: &Database) {
    let store = database.connect_with(by_assignee(database)).await;
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let created = tasks.append(EntityId::new(), created());
    created.event(assigned("ann")).await.unwrap();
    let found = tasks.entities().field("assignee", "ann").await.unwrap();
    assert_eq!(found.total, Some(1));
    assert!(tasks.verify().await.unwrap().is_valid());
}
