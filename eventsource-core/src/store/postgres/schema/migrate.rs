//! Migration of the tables of an entity.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::Error;
use crate::store::contract::layout::{self, LAYOUT};
use crate::store::contract::migration::{Migration, taken_twice};
use crate::store::contract::names::{Names, quoted};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::{change, feed, keys, layout_2, snapshots, tables, text};
use crate::store::postgres::errors::{
    detail, failed, has_code, is_check_violation, is_concurrent_migration, is_depended_on,
    is_forbidden, is_taken, is_uncounted, is_unique_violation,
};
use crate::store::postgres::pool::Pool;
use crate::store::postgres::schema::data_indexes;
use crate::store::postgres::sqlstates::{ANOTHER_FEED, LAYOUT_REFUSED, TAKEN_TWICE};
use crate::store::sql::statements;
use crate::store::sql::statements::{COUNTERS, MACHINES};

/// Reads the registered version of the entity; `None` before its first migration.
pub(crate) async fn registered(
    connection: &mut PgConnection,
    names: &Names,
) -> Result<Option<SchemaVersion>, Error> {
    if !table_exists(connection, names.shared(MACHINES)).await? {
        return Ok(None);
    }
    let fingerprint: Option<String> =
        sqlx::query_scalar(AssertSqlSafe(statements::select_machine(names)))
            .bind(names.entity())
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed)?;
    let Some(fingerprint) = fingerprint else {
        return Ok(None);
    };
    let (layout, fingerprint) = layout::parse(&fingerprint);
    let fingerprint = fingerprint.to_owned();
    if layout > LAYOUT {
        // What else a later layout has is not known.
        return Ok(Some(SchemaVersion {
            fingerprint,
            codes: Vec::new(),
            counts: false,
            unique: false,
            views: None,
            layout,
        }));
    }
    let rows = sqlx::query(AssertSqlSafe(statements::select_event_types(names)))
        .bind(names.entity())
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let mut codes = Vec::with_capacity(rows.len());
    for row in rows {
        let number: i16 = row.try_get("number").map_err(failed)?;
        let number = u8::try_from(number)
            .map_err(|_| Error::database("the number of an event type is out of range"))?;
        codes.push((row.try_get("name").map_err(failed)?, number));
    }
    let mut counts: i64 = 0;
    if table_exists(connection, names.shared(COUNTERS)).await? {
        counts = sqlx::query_scalar(AssertSqlSafe(statements::select_counter(names)))
            .bind(names.entity())
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
    }
    let unique: bool = sqlx::query_scalar(AssertSqlSafe(statements::select_has_unique(names)))
        .bind(names.entity())
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    let views = sqlx::query_scalar(VIEW_FINGERPRINT)
        .bind(names.entity_view())
        .bind(names.view())
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    Ok(Some(SchemaVersion {
        fingerprint,
        codes,
        counts: counts > 0,
        unique,
        views,
        layout,
    }))
}

/// Query of the fingerprint of the views, if both exist.
const VIEW_FINGERPRINT: &str = "SELECT CASE WHEN to_regclass($2) IS NOT NULL
    THEN obj_description(to_regclass($1), 'pg_class') END";

/// Checks whether a table or an index exists.
async fn table_exists(connection: &mut PgConnection, table: String) -> Result<bool, Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(table)
        .fetch_one(connection)
        .await
        .map_err(failed)
}

/// Most attempts while other programs migrate at the same time.
const MAX_ATTEMPTS: usize = 16;

/// Migrates the tables of the entity, then builds the missing indexes of the data.
pub(crate) async fn migrate(pool: &Pool, migration: &Migration) -> Result<(), Error> {
    migration.options.check_names()?;
    // Fails before any change if an index is of an unknown field.
    let indexed = migration.indexed()?;
    migrate_tables(pool, migration).await?;
    if indexed.is_empty() {
        return Ok(());
    }
    let mut connection = pool.acquire().await.map_err(failed)?;
    let registered = registered(&mut connection, &migration.names).await?;
    drop(connection);
    let known = registered.map_or_else(Vec::new, |registered| registered.codes);
    data_indexes::ensure_indexes(pool, migration, &migration.codes(&known)?).await
}

/// Migrates the tables; does nothing if they enforce the rules already.
async fn migrate_tables(pool: &Pool, migration: &Migration) -> Result<(), Error> {
    if pool.is_pgbouncer() {
        let mut transaction = pool.begin().await.map_err(failed)?;
        let registered = registered(&mut transaction, &migration.names).await?;
        return match due(&mut transaction, migration, registered.as_ref()).await? {
            None => Ok(()),
            Some(_) => Err(migration.refused(
                "tables cannot be migrated through a PgBouncer, which gives each transaction \
                 another connection: migrate with the URL of the server itself",
            )),
        };
    }
    for _ in 0..MAX_ATTEMPTS {
        let mut connection = pool.acquire().await.map_err(failed)?;
        let registered = registered(&mut connection, &migration.names).await?;
        let Some(statements) = due(&mut connection, migration, registered.as_ref()).await? else {
            return Ok(());
        };
        check_roles(&mut connection, migration).await?;
        let executed = execute_without_timeout(&mut connection, statements).await;
        let Err(error) = executed else {
            execute(&mut connection, RESET_TIMEOUT.to_owned())
                .await
                .map_err(failed)?;
            if registered.is_some_and(|registered| registered.needs_new_log()) {
                // The options may ask for an index that was not there.
                continue;
            }
            return Ok(());
        };
        let undone = undo(&mut connection, migration, registered.as_ref(), &error).await;
        if undone.is_err() {
            // The connection may be in the middle of a transaction.
            let _ = connection.close().await;
        }
        if !is_concurrent_migration(&error) {
            return Err(migration_error(migration, error));
        }
    }
    Err(migration.refused("other programs keep migrating at the same time: try again"))
}

/// Returns the statements that are due, each to be sent by itself.
async fn due(
    connection: &mut PgConnection,
    migration: &Migration,
    registered: Option<&SchemaVersion>,
) -> Result<Option<Vec<String>>, Error> {
    let Some(known) = registered else {
        return text::statements(migration, None);
    };
    if known.layout > LAYOUT {
        return Err(layout::mismatch(migration.names.entity(), known.layout));
    }
    let statements = text::statements(migration, registered)?;
    if known.needs_new_log() || !needs_upgrade(connection, migration).await? {
        return Ok(statements);
    }
    let mut all = vec![text::upgrade_transaction_sql(migration)];
    all.extend(statements.into_iter().flatten());
    Ok(Some(all))
}

/// Checks whether the tables lack what [`text::upgrade_transaction_sql`] adds.
async fn needs_upgrade(
    connection: &mut PgConnection,
    migration: &Migration,
) -> Result<bool, Error> {
    let names = &migration.names;
    let columns = feed::lacks_columns(connection, names).await;
    let snapshots = snapshots::needs_upgrade(connection, migration).await;
    let mut missing = columns.map_err(failed)? || snapshots.map_err(failed)?;
    for index in keys::indexes(names, &migration.options) {
        missing = missing || !table_exists(connection, index).await?;
    }
    for (wanted, index) in [
        (migration.options.indexes_states, tables::STATE_INDEX),
        (tables::has_event_ids(migration), tables::EVENT_IDS),
    ] {
        if wanted && !missing {
            let index = names.qualified(&names.of_log_unquoted(index));
            missing = !table_exists(connection, index).await?;
        }
    }
    Ok(missing)
}

/// Executes the statements without a statement timeout: validating a constraint reads the whole log.
async fn execute_without_timeout(
    connection: &mut PgConnection,
    statements: Vec<String>,
) -> Result<(), sqlx::Error> {
    execute(connection, "SET statement_timeout = 0".to_owned()).await?;
    for statement in statements {
        execute(connection, statement).await?;
    }
    Ok(())
}

/// Statement that restores the statement timeout.
const RESET_TIMEOUT: &str = "RESET statement_timeout";

/// Rolls back the failed transaction, and drops what the ones before it added.
async fn undo(
    connection: &mut PgConnection,
    migration: &Migration,
    registered: Option<&SchemaVersion>,
    error: &sqlx::Error,
) -> Result<(), sqlx::Error> {
    execute(connection, "ROLLBACK".to_owned()).await?;
    match registered {
        Some(registered) if registered.needs_new_log() => {
            execute(connection, layout_2::statements::rollback_sql(migration)).await?;
            execute(connection, layout_2::statements::unlock(&migration.names)).await?;
        }
        // After a concurrent migration the constraints are those of the other program.
        Some(_) if !is_concurrent_migration(error) => {
            execute(connection, change::rollback_sql(migration)).await?;
        }
        _ => {}
    }
    execute(connection, RESET_TIMEOUT.to_owned()).await
}

/// Converts the error of a migration.
fn migration_error(migration: &Migration, error: sqlx::Error) -> Error {
    if has_code(&error, &[LAYOUT_REFUSED]) {
        let reason = error.as_database_error().map(|error| error.message());
        migration.refused(reason.unwrap_or_default())
    } else if has_code(&error, &[TAKEN_TWICE]) {
        migration.refused(taken_twice(detail(&error).unwrap_or_default()))
    } else if is_check_violation(&error) {
        migration.illegal_history()
    } else if is_uncounted(&error) {
        migration.uncounted()
    } else if has_code(&error, &[ANOTHER_FEED]) {
        migration.refused(
            "the feed of this schema uses another strategy: choose the same `FeedStrategy`, or \
             another schema",
        )
    } else if is_taken(&error) {
        let message = error.as_database_error().map(|error| error.message());
        migration.refused(format!(
            "a name that its tables, views and indexes need is taken in schema {}, by another entity or \
             by something of your own: {}; give the entity another name, or use another schema",
            quoted(migration.options.schema_or_public()),
            message.unwrap_or_default()
        ))
    } else if is_depended_on(&error) {
        migration.refused(format!(
            "user-defined views depend on {}, whose columns change: drop them, migrate, and create \
             them again",
            migration.names.view()
        ))
    } else if is_unique_violation(&error) {
        migration.refused(
            "events of an entity have the same id, so that the ids cannot be indexed: `verify` \
             names them",
        )
    } else if is_forbidden(&error) {
        Error::NotPermitted {
            entity: migration.names.entity(),
            source: Box::new(error),
        }
    } else {
        failed(error)
    }
}

/// Checks that the roles of the options exist.
async fn check_roles(connection: &mut PgConnection, migration: &Migration) -> Result<(), Error> {
    match missing_role(connection, &migration.options).await? {
        None => Ok(()),
        Some(reason) => Err(migration.refused(reason)),
    }
}

/// Returns which role of the options does not exist, and what to do about it.
pub(crate) async fn missing_role(
    connection: &mut PgConnection,
    options: &SchemaOptions,
) -> Result<Option<String>, Error> {
    for role in options.roles.all() {
        let exists: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
                .bind(role)
                .fetch_one(&mut *connection)
                .await
                .map_err(failed)?;
        if !exists {
            let create = format!("CREATE ROLE {} NOLOGIN", quoted(role));
            return Ok(Some(format!(
                "the database has no role '{role}': create it, as by `{create}`"
            )));
        }
    }
    Ok(None)
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
}
