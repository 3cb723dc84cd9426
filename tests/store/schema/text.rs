//! Schema texts: what `migrate` runs, run by hand.

use eventsource_core::ddl::{self, Roles, SchemaOptions, SchemaVersion};
use eventsource_core::{EntityId, Error};
use sqlx::{AssertSqlSafe, Row};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::light::{first, other_rules, second};
use crate::support::machines::{OrderEvent, created};
use crate::support::plain_sql::execute;

on_postgres! {
    migrate_refused_by_history_leaves_catalog_unchanged,
    migration_text_for_other_rules_is_refused,
    unique_keys_contain_entity_id,
}

on_postgres! {
    and postgres_outbox:
    schema_text_run_by_hand_equals_migration,
    migration_text_run_by_hand_equals_migration,
}

/// Lists what the catalog says of the tables, in a comparable form.
async fn catalog(database: &Database) -> Vec<String> {
    let pool = database.sql().await;
    let sql = "
        SELECT conrelid::regclass || ' ' || conname || ' ' || convalidated || ' '
            || pg_get_constraintdef(oid) AS line
        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
        UNION ALL
        SELECT oid::regclass || ' ' || relkind::text || ' ' || coalesce(array_to_string(ARRAY(
            SELECT acl::text FROM unnest(relacl) AS acl ORDER BY 1), ','), '')
        FROM pg_class WHERE relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT tgrelid::regclass || ' ' || pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN (
            SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
        UNION ALL
        SELECT adrelid::regclass || ' ' || adnum || ' ' || pg_get_expr(adbin, adrelid)
        FROM pg_attrdef JOIN pg_class ON pg_class.oid = adrelid
        WHERE relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT typname || ' ' || format_type(typbasetype, typtypmod) FROM pg_type
        WHERE typnamespace = current_schema()::regnamespace AND typtype = 'd'
        UNION ALL
        SELECT number || ' ' || entity FROM eventsource_feed_entity
        UNION ALL
        SELECT attrelid::regclass || ' ' || attname || ' ' || attnotnull || ' ' || coalesce(attacl::text, '')
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE attnum > 0 AND relnamespace = current_schema()::regnamespace
        ORDER BY 1";
    let rows = sqlx::query(sql).fetch_all(&pool).await.unwrap();
    let schema = database.role("");
    let line = |row: &sqlx::any::AnyRow| -> String {
        let line: String = row.get("line");
        line.replace(schema.trim_end_matches('_'), "schema")
    };
    rows.iter().map(line).collect()
}

async fn schema_text_run_by_hand_equals_migration(database: &Database) {
    let owner = database.sql().await;
    let options = database.schema_options();
    let text = ddl::postgres_create::<TaskEvent>(&options).unwrap();
    execute(&owner, &text).await.unwrap();
    let by_hand = catalog(database).await;
    let tasks = database.store().open::<TaskEvent>().await.unwrap();
    tasks.append(EntityId::new(), created()).await.unwrap();
    database.store().migrate::<TaskEvent>().await.unwrap();
    assert_eq!(catalog(database).await, by_hand);
    // A second time nothing happens either.
    let again = execute(&owner, &text).await.unwrap_err();
    assert_eq!(again.as_database_error().unwrap().code().unwrap(), "EV101");
    execute(&owner, "ROLLBACK").await.unwrap();
    assert_eq!(catalog(database).await, by_hand);
    assert_eq!(
        database.store().registered::<TaskEvent>().await.unwrap(),
        Some(SchemaVersion::initial::<TaskEvent>())
    );
}

async fn migration_text_run_by_hand_equals_migration(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    lights.append(id, first::LightEvent::Wired).await.unwrap();
    let owner = database.sql().await;
    let options = database.schema_options();
    let registered = SchemaVersion::initial::<first::LightEvent>();
    let text = ddl::postgres_migrate::<second::LightEvent>(&registered, &options)
        .unwrap()
        .unwrap();
    execute(&owner, &text).await.unwrap();
    let by_hand = catalog(database).await;
    let lights = database.store().open::<second::LightEvent>().await.unwrap();
    lights.append(id, second::LightEvent::Lit).await.unwrap();
    lights.append(id, second::LightEvent::Dimmed).await.unwrap();
    database
        .store()
        .migrate::<second::LightEvent>()
        .await
        .unwrap();
    assert_eq!(catalog(database).await, by_hand);
    assert!(
        by_hand.iter().all(|line| !line.contains("_next_")),
        "{by_hand:#?}"
    );

    let then = registered.after_migration::<second::LightEvent>().unwrap();
    let known = database
        .store()
        .registered::<second::LightEvent>()
        .await
        .unwrap();
    assert_eq!(known.as_ref(), Some(&then));
    assert_eq!(
        then.event_types().collect::<Vec<_>>(),
        [("WIRED", 0), ("LIT", 1), ("PUT_OUT", 2), ("DIMMED", 3)]
    );
    let nothing = ddl::postgres_migrate::<second::LightEvent>(&then, &options).unwrap();
    assert_eq!(nothing, None);
}

async fn migrate_refused_by_history_leaves_catalog_unchanged(database: &Database) {
    let lights = database.events::<first::LightEvent>().await;
    let id = EntityId::new();
    let lit = lights.append(id, first::LightEvent::Wired);
    lit.event(first::LightEvent::Lit).await.unwrap();
    let before = catalog(database).await;
    let error = database
        .store()
        .migrate::<other_rules::LightEvent>()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::MigrationRefused { .. }), "{error:?}");
    assert_eq!(catalog(database).await, before);
}

async fn migration_text_for_other_rules_is_refused(database: &Database) {
    database.events::<other_rules::LightEvent>().await;
    let before = catalog(database).await;
    let owner = database.sql().await;
    let registered = SchemaVersion::initial::<first::LightEvent>();
    let text = ddl::postgres_migrate::<second::LightEvent>(&registered, &database.schema_options());
    let error = execute(&owner, &text.unwrap().unwrap()).await.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().code().unwrap(), "EV101");
    execute(&owner, "ROLLBACK").await.unwrap();
    assert_eq!(catalog(database).await, before);
}

/// Checks the conditions for tables that can be split by entity, or moved to engines with less than
/// Postgres.
async fn unique_keys_contain_entity_id(database: &Database) {
    database.events::<TaskEvent>().await;
    database.events::<OrderEvent>().await;
    let pool = database.sql().await;
    let one = async |sql: &str| -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    };
    // Each unique key has the id of the entity, except in the tables that all entities share.
    let keys = "FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = current_schema()::regnamespace AND indisunique
            AND (relname NOT LIKE 'eventsource%' OR relname = 'eventsource_snapshot')";
    assert!(one(&format!("SELECT count(*) {keys}")).await >= 7);
    let without = "AND NOT EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = indrelid AND attnum = ANY (indkey)
            AND (attname LIKE '%\\_id' AND attname <> 'event_id' OR attname = 'id'))";
    assert_eq!(one(&format!("SELECT count(*) {keys} {without}")).await, 0);
    // No column is an identity: an insert into a partition by its name would store null.
    let identities = one(
        "SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = current_schema()::regnamespace AND attidentity <> ''",
    );
    assert_eq!(identities.await, 0);
    // No constraint is deferrable, an exclusion, a trigger, or not validated.
    let constraints = one("SELECT count(*) FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace
            AND (condeferrable OR condeferred OR contype IN ('x', 't') OR NOT convalidated)");
    assert_eq!(constraints.await, 0);
    // Foreign keys stay within an entity.
    let elsewhere = one("SELECT count(*) FROM pg_constraint JOIN pg_attribute
            ON attrelid = conrelid AND attnum = conkey[1]
        WHERE connamespace = current_schema()::regnamespace AND contype = 'f'
            AND attname NOT IN ('id', 'task_id', 'order_id')");
    assert_eq!(elsewhere.await, 0);
    let split = one("SELECT count(*) FROM pg_class WHERE relkind = 'p'
            AND relnamespace = current_schema()::regnamespace");
    assert_eq!(split.await, if database.is_partitioned() { 4 } else { 0 });
}

/// Compares `docs/schema/task.sql` with the text that is run. `UPDATE_DOCS=1` writes it anew.
#[test]
fn documented_schema_equals_generated_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema/task.sql");
    let roles = Roles::new().writer("task_app").reader("task_report");
    let text = ddl::postgres_create::<TaskEvent>(&SchemaOptions::new().roles(roles)).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}

/// Compares `docs/schema/runtime.sql` with the text that is run. `UPDATE_DOCS=1` writes it anew.
#[test]
fn documented_runtime_schema_equals_generated_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema/runtime.sql");
    let roles = Roles::new()
        .writer("task_app")
        .reader("task_report")
        .worker("task_worker");
    let text = ddl::postgres_runtime(&SchemaOptions::new().roles(roles)).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}

/// Reads the text for Citus, which the tests cannot run.
#[test]
fn schema_for_citus_has_no_triggers() {
    let text = ddl::postgres_create::<TaskEvent>(&SchemaOptions::new().citus()).unwrap();
    // What all entities share is not distributed.
    assert!(!text.contains("CREATE TRIGGER"));
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what}"));
    let distributed = at("create_distributed_table('\"public\".\"task_event\"', 'task_id'");
    assert!(at("CREATE TABLE \"public\".\"task_event\"") < distributed);
    assert!(!text.contains("xid"));
    assert!(!text.contains("INSERT INTO \"public\".\"eventsource_feed_entity\""));
    assert!(text.contains("FUNCTION \"public\".\"task_append_one\""));
}
