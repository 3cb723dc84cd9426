//! Tables that enforce a machine.

use chrono::Utc;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};

use super::errors::{failed, is_check_violation};
use super::sql;
use crate::Error;
use crate::store::migration::{Migration, Registered, Steps};
use crate::store::names::{Names, quoted};
use crate::store::statements;

pub(super) async fn registered(
    connection: &mut PgConnection,
    names: &Names,
) -> Result<Option<Registered>, Error> {
    let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(sql::machines(names))
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if !exists {
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
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    let mut numbers = Vec::with_capacity(rows.len());
    for row in rows {
        let number: i16 = row.try_get("number").map_err(failed)?;
        let number = u8::try_from(number).map_err(|_| Error::database("a number out of range"))?;
        numbers.push((row.try_get("name").map_err(failed)?, number));
    }
    Ok(Some(Registered {
        fingerprint,
        numbers,
    }))
}

pub(super) async fn migrate(pool: &PgPool, migration: &Migration) -> Result<(), Error> {
    let names = &migration.names;
    let mut transaction = pool.begin_with(sql::BEGIN).await.map_err(failed)?;
    for statement in [sql::NO_LOCK_TIMEOUT, sql::LOCK_MIGRATIONS] {
        sqlx::query(statement)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    let registered = registered(&mut transaction, names).await?;
    let Some(steps) = migration.steps(registered.as_ref())? else {
        return Ok(());
    };
    if steps.create {
        create(&mut transaction, names, &steps).await?;
    } else {
        replace_checks(&mut transaction, migration, &steps).await?;
    }
    for (name, number) in &steps.new_event_types {
        sqlx::query(AssertSqlSafe(statements::insert_event_type(names)))
            .bind(names.entity())
            .bind(name)
            .bind(i16::from(*number))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    sqlx::query(AssertSqlSafe(statements::upsert_machine(names)))
        .bind(names.entity())
        .bind(&steps.fingerprint)
        .bind(Json(&steps.rules))
        .bind(Utc::now())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

async fn create(connection: &mut PgConnection, names: &Names, steps: &Steps) -> Result<(), Error> {
    if let Some(schema) = names.schema() {
        let exists: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)")
                .bind(schema)
                .fetch_one(&mut *connection)
                .await
                .map_err(failed)?;
        if !exists {
            let create = format!("CREATE SCHEMA {}", quoted(schema));
            execute(connection, create).await.map_err(failed)?;
        }
    }
    execute(connection, sql::create_shared(names))
        .await
        .map_err(failed)?;
    execute(connection, sql::create_tables(names, steps))
        .await
        .map_err(failed)
}

async fn replace_checks(
    connection: &mut PgConnection,
    migration: &Migration,
    steps: &Steps,
) -> Result<(), Error> {
    let names = &migration.names;
    let old: Vec<String> = sqlx::query_scalar(sql::RULE_CONSTRAINTS)
        .bind(names.log())
        .bind(names.of_log_unquoted("rules"))
        .bind(format!("{}_event_requires_%", names.entity()).replace('_', "\\_"))
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    execute(connection, sql::replace_checks(names, &old, steps))
        .await
        .map_err(|error| {
            if is_check_violation(&error) {
                migration.illegal_history()
            } else {
                failed(error)
            }
        })
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
}
