//! Tables that enforce a machine.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::Error;
use crate::store::contract::migration::Migration;
use crate::store::contract::names::{Names, quoted};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::{change, feed, snapshots, tables, text};
use crate::store::postgres::errors;
use crate::store::postgres::errors::{
    failed, has_code, is_check_violation, is_concurrent_migration, is_depended_on, is_forbidden,
    is_uncounted,
};
use crate::store::postgres::pool::Pool;
use crate::store::postgres::schema::data_indexes;
use crate::store::sql::statements;
use crate::store::sql::statements::{COUNTERS, MACHINES};

pub(crate) async fn registered(
    connection: &mut PgConnection,
    names: &Names,
) -> Result<Option<SchemaVersion>, Error> {
    if !exists(connection, names.shared(MACHINES)).await? {
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
    let rows = sqlx::query(AssertSqlSafe(statements::select_event_types(names)))
        .bind(names.entity())
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let mut codes = Vec::with_capacity(rows.len());
    for row in rows {
        let number: i16 = row.try_get("number").map_err(failed)?;
        let number = u8::try_from(number).map_err(|_| Error::database("a number out of range"))?;
        codes.push((row.try_get("name").map_err(failed)?, number));
    }
    let mut counts: i64 = 0;
    if exists(connection, names.shared(COUNTERS)).await? {
        counts = sqlx::query_scalar(AssertSqlSafe(statements::select_counter(names)))
            .bind(names.entity())
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
    }
    let views = sqlx::query_scalar(VIEWS)
        .bind(names.entity_view())
        .bind(names.view())
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    Ok(Some(SchemaVersion {
        fingerprint,
        codes,
        counts: counts > 0,
        views,
    }))
}

/// What the views say of themselves, if both are there.
const VIEWS: &str = "SELECT CASE WHEN to_regclass($2) IS NOT NULL
    THEN obj_description(to_regclass($1), 'pg_class') END";

async fn exists(connection: &mut PgConnection, table: String) -> Result<bool, Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(table)
        .fetch_one(connection)
        .await
        .map_err(failed)
}

/// How often to look again when another migration came first.
const TRIES: usize = 16;

pub(crate) async fn migrate(pool: &Pool, migration: &Migration) -> Result<(), Error> {
    // What cannot be built is told before anything is changed.
    let indexed = migration.indexed()?;
    tables(pool, migration).await?;
    if indexed.is_empty() {
        return Ok(());
    }
    let mut connection = pool.acquire().await.map_err(failed)?;
    let registered = registered(&mut connection, &migration.names).await?;
    drop(connection);
    let known = registered.map_or_else(Vec::new, |registered| registered.codes);
    data_indexes::ensure_indexes(pool, migration, &migration.codes(&known)?).await
}

async fn tables(pool: &Pool, migration: &Migration) -> Result<(), Error> {
    if pool.is_pgbouncer() {
        let mut transaction = pool.begin().await.map_err(failed)?;
        let registered = registered(&mut transaction, &migration.names).await?;
        let state_excludes = lacks(&mut transaction, migration).await;
        return match text::text(migration, registered.as_ref())? {
            None if !state_excludes? => Ok(()),
            _ => Err(migration.refused(
                "a PgBouncer would give each of its transactions another connection: migrate with \
                 the server's own URL",
            )),
        };
    }
    for _ in 0..TRIES {
        let mut connection = pool.acquire().await.map_err(failed)?;
        let registered = registered(&mut connection, &migration.names).await?;
        let state_excludes = registered.is_some() && lacks(&mut connection, migration).await?;
        let text = match text::text(migration, registered.as_ref())? {
            Some(text) if state_excludes => text::upgrade(migration) + &text,
            Some(text) => text,
            None if state_excludes => text::upgrade(migration),
            None => return Ok(()),
        };
        roles_exist(&mut connection, migration).await?;
        let executed = execute_without_timeout(&mut connection, text).await;
        let Err(error) = executed else {
            return execute(&mut connection, PATIENCE_ENDS.to_owned())
                .await
                .map_err(failed);
        };
        let undone = undo(&mut connection, migration, registered.is_some(), &error).await;
        if undone.is_err() {
            // It may be in the middle of a transaction.
            let _ = connection.close().await;
        }
        if !is_concurrent_migration(&error) {
            return Err(refusal(migration, error));
        }
    }
    Err(migration.refused("other programs migrate at the same time, again and again"))
}

/// Whether the tables lack what [`text::upgrade`] adds.
async fn lacks(connection: &mut PgConnection, migration: &Migration) -> Result<bool, Error> {
    let names = &migration.names;
    let columns = feed::lacks_columns(connection, names).await;
    let snapshots = snapshots::lacks(connection, migration).await;
    let lacks = columns.map_err(failed)? || snapshots.map_err(failed)?;
    if lacks || !migration.options.indexes_states {
        return Ok(lacks);
    }
    sqlx::query_scalar("SELECT to_regclass($1) IS NULL")
        .bind(names.qualified(&names.of_log_unquoted(tables::BY_STATE)))
        .fetch_one(connection)
        .await
        .map_err(failed)
}

/// A constraint is validated by reading the whole log, however long that takes.
async fn execute_without_timeout(
    connection: &mut PgConnection,
    text: String,
) -> Result<(), sqlx::Error> {
    execute(connection, "SET statement_timeout = 0".to_owned()).await?;
    execute(connection, text).await
}

const PATIENCE_ENDS: &str = "RESET statement_timeout";

/// Leaves the failed transaction, and takes back what the ones before it did.
async fn undo(
    connection: &mut PgConnection,
    migration: &Migration,
    changed: bool,
    error: &sqlx::Error,
) -> Result<(), sqlx::Error> {
    execute(connection, "ROLLBACK".to_owned()).await?;
    // Who was overtaken leaves it to the other one.
    if changed && !is_concurrent_migration(error) {
        execute(connection, change::rollback_sql(migration)).await?;
    }
    execute(connection, PATIENCE_ENDS.to_owned()).await
}

fn refusal(migration: &Migration, error: sqlx::Error) -> Error {
    if is_check_violation(&error) {
        migration.illegal_history()
    } else if is_uncounted(&error) {
        migration.uncounted()
    } else if has_code(&error, &[errors::ANOTHER_FEED]) {
        migration.refused(
            "the machines of this schema are in its feed by another strategy: take the same one, or \
             another schema",
        )
    } else if is_depended_on(&error) {
        migration.refused(format!(
            "views of yours stand on {}, whose columns change: drop them, migrate, and create them \
             again",
            migration.names.view()
        ))
    } else if is_forbidden(&error) {
        Error::NotPermitted {
            entity: migration.names.entity(),
            source: Box::new(error),
        }
    } else {
        failed(error)
    }
}

async fn roles_exist(connection: &mut PgConnection, migration: &Migration) -> Result<(), Error> {
    for role in migration.options.roles.all() {
        let exists: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
                .bind(role)
                .fetch_one(&mut *connection)
                .await
                .map_err(failed)?;
        if !exists {
            let create = format!("CREATE ROLE {} NOLOGIN", quoted(role));
            return Err(migration.refused(format!(
                "the database has no role '{role}': create it, as by `{create}`"
            )));
        }
    }
    Ok(())
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
}
