//! Verification of the tables and the history.
//!
//! The expected tables are made as temporary ones by the SQL of a migration, in a transaction that is
//! rolled back, and their catalog is compared with that of the tables.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::Error;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, literal, quoted};
use crate::store::contract::schema_difference::{SchemaDifference, SchemaObject};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::contract::suspects::{HistorySql, SuspectRows, Suspects};
use crate::store::postgres::ddl::layout_2::shared_rights;
use crate::store::postgres::ddl::{catch_up, text};
use crate::store::postgres::errors::{failed, is_forbidden};
use crate::store::postgres::pool::{NO_STATEMENT_TIMEOUT, Pool};
use crate::store::postgres::schema::migrate;
use crate::store::rules::catalog::{Catalog, CatalogEntry, compare};
use crate::store::sql::statements::{FEED, FEED_ENTITIES, OUTBOX, SEQUENCER};

/// Query of the definitions of all objects that a migration makes in a schema.
///
/// Columns of partitions are those of the partitioned table; keys and indexes of partitions have
/// names that the database gave them, and are valid if those of the partitioned table are.
const CATALOG: &str = "WITH relation AS MATERIALIZED (
    SELECT * FROM pg_class WHERE relnamespace = $1::oid AND relkind IN ('r', 'p', 'v', 'S')
), granted AS (
    SELECT relname, relowner, NULL::name AS attname, access.*
    FROM relation, aclexplode(relacl) AS access
    UNION ALL
    SELECT relname, relowner, attname, access.*
    FROM relation JOIN pg_attribute ON attrelid = relation.oid, aclexplode(attacl) AS access
)
SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS object,
    relname::text AS on_table, relname::text AS name,
    CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) WHEN 'S' THEN ''
        ELSE concat_ws(' ', CASE WHEN relkind = 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(oid) END,
            pg_get_expr(relpartbound, oid)) END AS definition,
    true AS enabled, true AS valid
FROM relation
UNION ALL
SELECT 'column', relname, attname,
    concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
        CASE attgenerated WHEN '' THEN 'DEFAULT ' ELSE 'GENERATED ' END || pg_get_expr(adbin, adrelid)),
    true, true
FROM relation JOIN pg_attribute ON attrelid = relation.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind IN ('r', 'p') AND NOT relispartition AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint', relname, conname, regexp_replace(pg_get_constraintdef(key.oid), ' NOT VALID$', ''),
    NOT EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = key.oid AND tgenabled IN ('D', 'R')),
    convalidated
FROM relation JOIN pg_constraint AS key ON conrelid = relation.oid
WHERE conparentid = 0 AND conislocal AND contype <> 't'
UNION ALL
SELECT 'type', relname, relname,
    string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum), true, true
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = $1::oid AND relkind = 'c' AND attnum > 0 AND NOT attisdropped
GROUP BY relname
UNION ALL
SELECT 'domain', typname, typname, concat_ws(' ', format_type(typbasetype, typtypmod),
    CASE WHEN typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || typdefault), true, true
FROM pg_type WHERE typnamespace = $1::oid AND typtype = 'd'
UNION ALL
SELECT 'constraint', typname, conname,
    regexp_replace(pg_get_constraintdef(rule.oid), ' NOT VALID$', ''), true, convalidated
FROM pg_type JOIN pg_constraint AS rule ON contypid = pg_type.oid
WHERE typnamespace = $1::oid AND contype = 'c'
UNION ALL
SELECT 'index', relation.relname, class.relname, pg_get_indexdef(indexrelid), true,
    indisvalid AND indisready
FROM relation JOIN pg_index ON indrelid = relation.oid JOIN pg_class AS class
    ON class.oid = indexrelid
WHERE NOT relation.relispartition
UNION ALL
SELECT 'trigger', relname, tgname, pg_get_triggerdef(pg_trigger.oid), tgenabled NOT IN ('D', 'R'), true
FROM relation JOIN pg_trigger ON tgrelid = relation.oid
WHERE NOT tgisinternal
    AND NOT EXISTS (SELECT FROM pg_proc WHERE oid = tgfoid AND proname = 'eventsource_inline_guard')
UNION ALL
SELECT 'function', proname, proname,
    concat_ws(' ', prosrc, CASE WHEN prosecdef THEN 'SECURITY DEFINER' END, proconfig), true, true
FROM pg_proc WHERE pronamespace = $1::oid AND prokind = 'f' AND proname <> 'eventsource_inline_guard'
UNION ALL
SELECT 'right', relname, relname, privilege_type || coalesce(' (' || attname || ')', '') || ' to '
    || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, true, true
FROM granted
WHERE grantee <> relowner AND grantee <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
UNION ALL
SELECT 'right', proname, proname, privilege_type || ' to '
    || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, true, true
FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
WHERE pronamespace = $1::oid AND prokind = 'f' AND prosecdef AND grantee <> proowner
    AND grantee <> (SELECT oid FROM pg_roles WHERE rolname = current_user)";

/// Settings of the transaction, and a temporary table, which creates the schema of temporary tables.
///
/// With this search path all names are written with their schema.
const PREPARE: &str = "SET LOCAL statement_timeout = 0;
SET LOCAL search_path TO pg_catalog;
SET LOCAL client_min_messages TO error;
CREATE TEMPORARY TABLE eventsource_verify ()";

/// Prefix of rights that only read, which others may have.
const READ_RIGHT: &str = "SELECT";

/// Prefix of rights to call a function that has the rights of its owner.
const CALL_RIGHT: &str = "EXECUTE";

/// Right to call such a function that nobody is to have; the roles of other machines have their own.
const CALL_BY_ALL: &str = "EXECUTE to PUBLIC";

/// Compares the tables with those that a migration makes.
pub(crate) async fn schema_differences(
    pool: &Pool,
    migration: &Migration,
) -> Result<Vec<SchemaDifference>, Error> {
    let mut transaction = pool.begin().await.map_err(failed)?;
    let names = &migration.names;
    let registered = migrate::registered(&mut transaction, names).await?;
    let registered = registered.ok_or(Error::NotMigrated {
        entity: names.entity(),
    })?;
    let some_left: bool = sqlx::query_scalar(AssertSqlSafe(shared_rights::some_left(names)))
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed)?;
    let (actual, expected) = catalogs(&mut transaction, migration, registered).await?;
    transaction.rollback().await.map_err(failed)?;
    let is_of_feed = |table: &str| [FEED, FEED_ENTITIES, OUTBOX, SEQUENCER].contains(&table);
    let own = |table: &str| {
        if is_of_feed(table) {
            return true;
        }
        let rest = table.strip_prefix(names.entity());
        rest.is_some_and(|rest| {
            let part = rest.strip_prefix("_event").unwrap_or(rest);
            let number = part.strip_prefix("_p").unwrap_or("none");
            part.is_empty()
                || ["_view", "_unique"].contains(&part)
                || number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let is_function = |name: &str| {
        let key = (name.to_owned(), SchemaObject::Function, name.to_owned());
        expected.contains_key(&key)
    };
    let mut differences = compare(&expected, &actual, |name| own(name) || is_function(name));
    differences.retain(|difference| {
        let right = difference.name.as_str();
        let is_allowed = right.starts_with(READ_RIGHT)
            || right.starts_with(CALL_RIGHT) && right != CALL_BY_ALL
            // Programs of other machines write to the feed themselves, until they are migrated.
            || some_left && difference.object == SchemaObject::Right && is_of_feed(&difference.table);
        difference.kind != crate::DifferenceKind::Unexpected || !is_allowed
    });
    Ok(differences)
}

/// Reads the catalogs of the tables and of the expected ones.
async fn catalogs(
    connection: &mut PgConnection,
    migration: &Migration,
    registered: SchemaVersion,
) -> Result<(Catalog, Catalog), Error> {
    let entity = migration.names.entity();
    let not_permitted = |error: sqlx::Error| {
        if is_forbidden(&error) {
            Error::NotPermitted {
                entity,
                source: Box::new(error),
            }
        } else {
            failed(error)
        }
    };
    let schema = migration.options.schema_or_public();
    execute(connection, PREPARE.to_owned())
        .await
        .map_err(not_permitted)?;
    let scratch: String = sqlx::query_scalar(
        "SELECT nspname::text FROM pg_namespace WHERE oid = pg_my_temp_schema()",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    execute(connection, "DROP TABLE eventsource_verify".to_owned())
        .await
        .map_err(failed)?;
    let mut scratch_migration = migration.clone();
    scratch_migration.options = scratch_migration.options.schema(&scratch);
    scratch_migration.names = Names::of_tables(&scratch_migration.options, entity);
    // Citus cannot distribute temporary tables.
    let text: String = text::create_sql(&scratch_migration, registered)?
        .lines()
        .filter(|line| !line.starts_with("SELECT create_distributed_table("))
        .map(|line| format!("{line}\n"))
        .collect();
    execute(
        connection,
        text + &feed_of_all(&scratch_migration, migration),
    )
    .await
    .map_err(not_permitted)?;
    let actual = catalog(connection, schema, [schema, &scratch]).await?;
    let expected = catalog(connection, &scratch, [schema, &scratch]).await?;
    Ok((actual, expected))
}

/// Returns the SQL that makes the functions of the feed for the entities of the schema.
///
/// They name the logs of all entities, of which `scratch` has one. That the others do not exist
/// there does not matter: no function is called.
fn feed_of_all(scratch: &Migration, migration: &Migration) -> String {
    if migration.options.citus || migration.options.has_outbox() {
        return String::new();
    }
    let all = migration.names.shared(FEED_ENTITIES);
    format!(
        "-- Who verifies as the writer has just taken its own rights.
GRANT ALL ON {scratch} TO CURRENT_USER;
DO $$ BEGIN
    IF to_regclass({literal}) IS NOT NULL THEN
        DELETE FROM {scratch} WHERE EXISTS (SELECT FROM {all});
        INSERT INTO {scratch} SELECT number, entity FROM {all} ON CONFLICT DO NOTHING;
    END IF;
END $$;
{functions}",
        literal = literal(&all),
        functions = catch_up::create(&scratch.names, &scratch.options),
        scratch = scratch.names.shared(FEED_ENTITIES),
    )
}

/// Reads the catalog of `schema`, without the names of schemas in the definitions.
async fn catalog(
    connection: &mut PgConnection,
    schema: &str,
    schemas: [&str; 2],
) -> Result<Catalog, Error> {
    let namespace: sqlx::postgres::types::Oid =
        sqlx::query_scalar("SELECT oid FROM pg_namespace WHERE nspname = $1")
            .bind(schema)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
    // Postgres writes the schema of temporary tables like this.
    let mut names = vec!["pg_temp.".to_owned()];
    for schema in schemas {
        names.push(literal(schema));
        let ident: String = sqlx::query_scalar("SELECT quote_ident($1)")
            .bind(schema)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        // Quoted as this crate does, and as the database does.
        names.push(format!("{}.", quoted(schema)));
        names.push(format!("{ident}."));
    }
    let rows = sqlx::query(CATALOG)
        .bind(namespace)
        .persistent(false)
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    let mut catalog = Catalog::new();
    for row in rows {
        let text = |column: &str| row.try_get::<String, _>(column).map_err(failed);
        let object = match text("object")?.as_str() {
            "table" => SchemaObject::Table,
            "sequence" => SchemaObject::Sequence,
            "view" => SchemaObject::View,
            "column" => SchemaObject::Column,
            "type" => SchemaObject::Type,
            "domain" => SchemaObject::Domain,
            "constraint" => SchemaObject::Constraint,
            "index" => SchemaObject::Index,
            "trigger" => SchemaObject::Trigger,
            "function" => SchemaObject::Function,
            _ => SchemaObject::Right,
        };
        let (table, name, mut definition) = (text("on_table")?, text("name")?, text("definition")?);
        for schema in &names {
            definition = definition.replace(schema, "");
        }
        // A right has no other name than its definition.
        let (name, definition) = match object {
            SchemaObject::Right => (definition, String::new()),
            _ => (name, definition),
        };
        let entry = CatalogEntry {
            definition,
            enabled: row.try_get("enabled").map_err(failed)?,
            valid: row.try_get("valid").map_err(failed)?,
        };
        catalog.insert((table, object, name), entry);
    }
    Ok(catalog)
}

/// Begin of a transaction whose queries see the same moment.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Reads the rows of the history that may violate the rules, up to `limit` of each kind.
pub(crate) async fn suspects(pool: &Pool, sql: &HistorySql, limit: u32) -> Result<Suspects, Error> {
    let mut transaction = pool.begin_as(BEGIN).await.map_err(failed)?;
    execute(&mut transaction, NO_STATEMENT_TIMEOUT.to_owned())
        .await
        .map_err(failed)?;
    let found = SuspectRows {
        counts: rows(&mut transaction, &sql.counts, None).await?,
        events: rows(&mut transaction, &sql.events, Some(limit)).await?,
        twice: rows(&mut transaction, &sql.twice, Some(limit)).await?,
        heads: rows(&mut transaction, &sql.heads, Some(limit)).await?,
    };
    transaction.commit().await.map_err(failed)?;
    Suspects::of(&found, failed)
}

async fn rows(
    connection: &mut PgConnection,
    sql: &str,
    limit: Option<u32>,
) -> Result<Vec<sqlx::postgres::PgRow>, Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
    if let Some(limit) = limit {
        query = query.bind(i64::from(limit));
    }
    query.fetch_all(connection).await.map_err(failed)
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
}
