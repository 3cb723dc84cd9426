//! Tables of the runtime: made once, by the owner.

use eventsource_core::Error;
use eventsource_core::ddl::Roles;
use tasks::TaskEvent;

use crate::support::concurrency::in_order;
use crate::support::database::Database;
use crate::support::plain_sql::execute;

on_every_database! {
    and sqlite_memory:
    runtime_tables_are_made_any_number_of_times,
    missing_runtime_tables_are_named,
}

on_every_database! {
    runtime_tables_are_made_by_several_at_once,
}

on_postgres! {
    runtime_text_run_by_hand_makes_the_tables,
    runtime_tables_are_made_by_the_owner_only,
    runtime_tables_for_a_missing_role_name_it,
}

async fn runtime_tables_are_made_any_number_of_times(database: &Database) {
    let store = database.store();
    store.migrate_runtime().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let schedule = "INSERT INTO {eventsource_schedule} (name, command) VALUES ('x', '{}')";
    transaction.execute(schedule, ()).await.unwrap();
    transaction.commit().await.unwrap();
    database.events::<TaskEvent>().await;
    store.migrate_runtime().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let rows = transaction
        .fetch("SELECT count(*) FROM {eventsource_schedule}", ())
        .await
        .unwrap();
    assert_eq!(rows[0].get::<i64>(0).unwrap(), 1);
}

async fn missing_runtime_tables_are_named(database: &Database) {
    database.events::<TaskEvent>().await;
    let mut transaction = database.store().begin().await.unwrap();
    let error = transaction
        .fetch("SELECT name FROM {eventsource_subscription}", ())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::RuntimeNotMigrated { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("migrate_runtime"), "{error}");
}

async fn runtime_tables_are_made_by_several_at_once(database: &Database) {
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(database.another_store().await);
    }
    let all = stores
        .into_iter()
        .map(|store| async move { store.migrate_runtime().await });
    for migrated in in_order(all).await {
        migrated.unwrap();
    }
}

async fn runtime_text_run_by_hand_makes_the_tables(database: &Database) {
    database.events::<TaskEvent>().await;
    let text = eventsource_core::ddl::postgres_runtime(&database.schema_options()).unwrap();
    let owner = database.sql().await;
    execute(&owner, &text).await.unwrap();
    execute(&owner, &text).await.unwrap();
    let mut transaction = database.connect_as("writer").await.begin().await.unwrap();
    let rows = transaction
        .fetch("SELECT name FROM {eventsource_subscription}", ())
        .await
        .unwrap();
    assert!(rows.is_empty());
}

async fn runtime_tables_are_made_by_the_owner_only(database: &Database) {
    database.events::<TaskEvent>().await;
    let writer = database.connect_as("writer").await;
    let error = writer.migrate_runtime().await.unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error:?}");
    database.store().migrate_runtime().await.unwrap();
    // The connection is of use still.
    writer.open::<TaskEvent>().await.unwrap();
}

async fn runtime_tables_for_a_missing_role_name_it(database: &Database) {
    let roles = Roles::new().worker("nobody_of_this_name");
    let store = database
        .connect_with(database.schema_options().roles(roles))
        .await;
    let error = store.migrate_runtime().await.unwrap_err();
    assert!(
        error.to_string().contains("no role 'nobody_of_this_name'"),
        "{error}"
    );
}
