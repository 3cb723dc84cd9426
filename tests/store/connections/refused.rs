//! What is refused when a store connects: names, encodings, poolers that were not declared.

use std::time::Duration;

use eventsource_core::ddl::{self, Roles, SchemaOptions};
use eventsource_core::{EntityId, Error, ExportedEvent, InputProblem, Retry, Store, StoreOptions};
use eventsource_tests::waiting::LIMIT;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::all_ok;
use crate::support::machines::{created, deadline};
use crate::support::servers::pool_at;
use crate::support::waiting::until;

on! {
    postgres:
    schema_names_are_measured,
    role_names_are_measured,
    schema_name_of_greatest_length_is_kept,
    database_without_utf8_is_refused,
    store_does_not_mind_how_identifiers_are_quoted,
    long_work_is_exempt_from_statement_timeout,
}

async fn connect_to(database: &Database, options: SchemaOptions) -> Result<Store, Error> {
    let connect = StoreOptions::new(database.url()).schema_options(options);
    connect.connect().await
}

/// Names of 63 bytes and more: Postgres would take two that begin alike for one.
async fn schema_names_are_measured(database: &Database) {
    let long = format!("tenant_{}_one", "x".repeat(60));
    let problems = [
        (String::new(), InputProblem::Empty),
        (long.clone(), InputProblem::TooLong { max_bytes: 63 }),
        ("ü".repeat(32), InputProblem::TooLong { max_bytes: 63 }),
        ("pg_tenant".to_owned(), InputProblem::ReservedName),
        ("one\0two".to_owned(), InputProblem::ContainsNul),
    ];
    for (schema, problem) in problems {
        let options = SchemaOptions::new().schema(&schema);
        let refused = connect_to(database, options.clone()).await.unwrap_err();
        let Error::InvalidInput(invalid) = refused else {
            panic!("{schema}: {refused:?}");
        };
        assert_eq!(invalid.problem, problem, "{schema}");
        let text = ddl::postgres_create::<TaskEvent>(&options).unwrap_err();
        assert_eq!(text.to_string(), invalid.to_string());
    }
    let refused = connect_to(database, SchemaOptions::new().schema(&long)).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        format!("the schema '{long}', of 71 bytes, is longer than 63 bytes")
    );
}

async fn role_names_are_measured(database: &Database) {
    let long = "r".repeat(64);
    for roles in [
        Roles::new().owner(&long),
        Roles::new().writer(&long),
        Roles::new().reader(""),
    ] {
        let refused = connect_to(database, SchemaOptions::new().roles(roles)).await;
        let refused = refused.unwrap_err();
        assert!(matches!(refused, Error::InvalidInput(_)), "{refused:?}");
    }
}

/// Two tenants whose names differ in the last of 63 bytes.
async fn schema_name_of_greatest_length_is_kept(database: &Database) {
    let name = |end| {
        let name = format!("{}_{}", database.schema().unwrap(), "x".repeat(63));
        format!("{}{end}", &name[..62])
    };
    let mut tenants = Vec::new();
    for end in ["1", "2"] {
        let options = SchemaOptions::new().schema(name(end));
        let store = connect_to(database, options).await.unwrap();
        tenants.push(store.migrate::<TaskEvent>().await.unwrap());
    }
    let id = EntityId::new();
    tenants[0].append(id, created()).await.unwrap();
    assert!(tenants[1].data(id).await.unwrap().is_none());
    assert!(tenants[0].data(id).await.unwrap().is_some());
    assert!(tenants[0].verify().await.unwrap().is_valid());
    let pool = database.sql().await;
    for end in ["1", "2"] {
        let drop = format!("DROP SCHEMA {} CASCADE", name(end));
        sqlx::query(AssertSqlSafe(drop))
            .execute(&pool)
            .await
            .unwrap();
    }
}

async fn database_without_utf8_is_refused(database: &Database) {
    let pool = pool_at(database.url()).await;
    let url: PgConnectOptions = database.url().parse().unwrap();
    for (number, encoding) in ["LATIN1", "SQL_ASCII"].into_iter().enumerate() {
        let name = format!("{}_{number}", database.schema().unwrap());
        let create =
            format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'");
        sqlx::query(AssertSqlSafe(create))
            .execute(&pool)
            .await
            .unwrap();
        let other = url.clone().database(&name).to_url_lossy();
        let refused = Store::connect(other.as_str()).await.unwrap_err();
        let Error::UnsupportedEncoding { encoding: found } = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(found, encoding);
        assert_eq!(refused.retry(), Retry::Never);
        let drop = format!("DROP DATABASE {name} WITH (FORCE)");
        sqlx::query(AssertSqlSafe(drop))
            .execute(&pool)
            .await
            .unwrap();
    }
    pool.close().await;
}

/// Verifies tables with a server that quotes every name in a definition.
async fn store_does_not_mind_how_identifiers_are_quoted(database: &Database) {
    let store = database.connect_set("quote_all_identifiers=on").await;
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let verified = tasks.verify().await.unwrap();
    assert!(verified.is_valid(), "{verified:#?}");
    let verified = database.events::<TaskEvent>().await.verify().await.unwrap();
    assert!(verified.is_valid(), "{verified:#?}");
}

/// Holds the log until each has waited for longer than a statement may take.
async fn long_work_is_exempt_from_statement_timeout(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    tasks.append(EntityId::new(), created()).await.unwrap();
    let options = database.store_options().lock_timeout(LIMIT);
    let hasty = options.statement_timeout(Duration::from_millis(100));
    let hasty = hasty.connect().await.unwrap();
    let hasty = hasty.migrate::<TaskEvent>().await.unwrap();
    let pool = database.sql().await;
    let watcher = database.sql().await;
    let mut holder = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE task_event IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *holder)
        .await
        .unwrap();
    let holding: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut *holder)
        .await
        .unwrap();
    let (export, verify, import) = (hasty.clone(), hasty.clone(), hasty.clone());
    let exported = tokio::spawn(async move {
        let mut lines = Vec::new();
        export.export().lines(&mut lines).await
    });
    let verified = tokio::spawn(async move { verify.verify().await });
    let event = ExportedEvent::of(EntityId::new(), &created(), deadline());
    let events = all_ok(vec![event.unwrap()]);
    let imported = tokio::spawn(async move { import.import(events).await });
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE $1 = ANY (pg_blocking_pids(pid))
            AND clock_timestamp() > query_start + interval '300 ms'";
    until(async || {
        let found = sqlx::query_scalar::<_, i64>(waiting).bind(holding);
        found.fetch_one(&watcher).await.unwrap() >= 3
    })
    .await;
    // What is not exempt is cut.
    let refused = hasty.search().await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Later, "{refused:?}");
    holder.rollback().await.unwrap();
    exported.await.unwrap().unwrap();
    assert!(verified.await.unwrap().unwrap().is_valid());
    assert_eq!(imported.await.unwrap().unwrap().events, 1);
}
