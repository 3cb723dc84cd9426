//! Migration of the tables of an entity, in one transaction.

use sqlx::{AssertSqlSafe, Row, SqliteConnection, SqlitePool};

use crate::Error;
use crate::store::contract::layout::{KEYS_OF_ALL, LAYOUT};
use crate::store::contract::migration::{Migration, MigrationSteps, taken_twice};
use crate::store::contract::names::{Names, quoted};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::rules::checks::Columns;
use crate::store::sql::statements;
use crate::store::sql::statements::{COUNTERS, KEYS, MACHINES};
use crate::store::sqlite::ddl::{keys, snapshots, tables, unique};
use crate::store::sqlite::errors::{failed, is_check_violation};
use crate::store::sqlite::{catalog, transaction};

/// Reads the registered version of the entity; `None` before its first migration.
pub(crate) async fn registered(
    connection: &mut SqliteConnection,
    names: &Names,
) -> Result<Option<SchemaVersion>, Error> {
    if !table_exists(connection, MACHINES).await? {
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
    let codes = rows
        .iter()
        .map(|row| Ok((row.try_get("name")?, row.try_get("number")?)))
        .collect::<Result<_, sqlx::Error>>()
        .map_err(failed)?;
    let layout = match table_exists(connection, KEYS).await? {
        true => LAYOUT,
        false => KEYS_OF_ALL,
    };
    let mut counts: i64 = 0;
    if table_exists(connection, COUNTERS).await? {
        counts = sqlx::query_scalar(AssertSqlSafe(statements::select_counter(names)))
            .bind(names.entity())
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
    }
    let unique: bool = sqlx::query_scalar(AssertSqlSafe(statements::select_has_unique(names)))
        .bind(names.entity())
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    Ok(Some(SchemaVersion {
        fingerprint,
        codes,
        counts: counts > 0,
        unique,
        #[cfg(feature = "postgres")]
        views: None,
        layout,
    }))
}

/// Checks whether a table exists.
async fn table_exists(connection: &mut SqliteConnection, table: &str) -> Result<bool, Error> {
    is_found(connection, catalog::TABLE_EXISTS, table).await
}

/// Checks whether a query of the catalog finds this name.
async fn is_found(
    connection: &mut SqliteConnection,
    query: &'static str,
    name: &str,
) -> Result<bool, Error> {
    let found: i64 = sqlx::query_scalar(query)
        .bind(name)
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    Ok(found > 0)
}

/// Migrates the tables of the entity; does nothing if they enforce the rules already.
pub(crate) async fn migrate(writer: &SqlitePool, migration: &Migration) -> Result<(), Error> {
    let names = &migration.names;
    let mut transaction = writer
        .begin_with(transaction::BEGIN)
        .await
        .map_err(failed)?;
    let registered = registered(&mut transaction, names).await?;
    // A file of an earlier version of this crate may lack the tables.
    let later = snapshots::create(names) + &keys::create(names);
    sqlx::raw_sql(AssertSqlSafe(later))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    let Some(steps) = migration.steps(registered.as_ref(), Columns::Plain)? else {
        return transaction.commit().await.map_err(failed);
    };
    let tables = if steps.create {
        let mut needed = vec![names.entity().to_owned(), names.log_unquoted()];
        if !migration.machine.unique_fields().is_empty() {
            needed.push(names.unique_unquoted());
        }
        for table in &needed {
            if is_found(&mut transaction, catalog::NAME_IS_TAKEN, table).await? {
                return Err(migration.refused(format!(
                    "its table '{table}' would have the name of something else in the file: give the \
                     entity another name, or use another file"
                )));
            }
        }
        tables::create(names, migration.machine, &steps)
    } else {
        let rebuild = rebuild(&mut transaction, names, &steps).await;
        let mut text = rebuild.map_err(failed)?;
        if steps.counter {
            if has_entities(&mut transaction, names).await? {
                return Err(migration.uncounted());
            }
            text += &tables::create_counter(names);
        }
        let machine = migration.machine;
        if registered
            .as_ref()
            .is_some_and(|registered| registered.unique)
        {
            text += &unique::drop(names);
        }
        for select in unique::select_taken_twice(names, machine, &steps.codes) {
            let twice: Vec<String> = sqlx::query_scalar(AssertSqlSafe(select))
                .fetch_all(&mut *transaction)
                .await
                .map_err(failed)?;
            if !twice.is_empty() {
                return Err(migration.refused(taken_twice(&twice.join("; "))));
            }
        }
        text += &unique::create(names, machine, &steps.codes);
        text += "\n";
        text += &unique::fill(names, machine, &steps.codes);
        text + &tables::register(names, &steps)
    };
    sqlx::raw_sql(AssertSqlSafe(tables))
        .execute(&mut *transaction)
        .await
        .map_err(|error| {
            if is_check_violation(&error) {
                migration.illegal_history()
            } else {
                failed(error)
            }
        })?;
    transaction.commit().await.map_err(failed)
}

/// Checks whether the entity has heads.
async fn has_entities(connection: &mut SqliteConnection, names: &Names) -> Result<bool, Error> {
    sqlx::query_scalar(AssertSqlSafe(tables::select_has_entities(names)))
        .fetch_one(connection)
        .await
        .map_err(failed)
}

/// Returns the SQL that rebuilds the log, and the indexes, triggers and views that name it.
async fn rebuild(
    connection: &mut SqliteConnection,
    names: &Names,
    steps: &MigrationSteps,
) -> Result<String, sqlx::Error> {
    let rows = sqlx::query(tables::LOG_DEPENDENTS)
        .bind(names.log_unquoted())
        .bind(names.entity())
        .fetch_all(connection)
        .await?;
    let (mut drop, mut around) = (String::new(), String::new());
    for row in rows {
        let (kind, name): (String, String) = (row.try_get("type")?, row.try_get("name")?);
        if kind == "trigger" && name.starts_with(&unique::trigger_prefix(names)) {
            // They are made anew.
            continue;
        }
        let on: String = row.try_get("tbl_name")?;
        if kind == "view" || on == names.entity() {
            drop.push_str(&format!("DROP {kind} {};\n", quoted(&name)));
        }
        around.push_str(row.try_get("sql")?);
        around.push_str(";\n");
    }
    Ok(tables::rebuild_log(names, steps, &drop, &around))
}
