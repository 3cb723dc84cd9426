//! Guard of the log: who does not write the inline models of a machine appends nothing to it.
//!
//! A trigger asks whether the transaction is that of a program with the model, which says so in a row
//! that nobody else sees, since it is taken back before the commit.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::Error;
use crate::store::contract::companion::{Companions, guarded_as};
use crate::store::contract::names::{Names, literal, quoted};
use crate::store::sqlite::errors::is_trigger_violation;

/// Table with a row for each inline model of a machine.
const MODELS: &str = "eventsource_inline";

/// Returns the SQL that lets only those append who write this generation of a model.
pub(crate) fn guard(names: &Names, model: &str, generation: u32) -> String {
    let trigger = quoted(&format!("{MODELS}_{}_{model}", names.entity()));
    let (entity, name) = (literal(names.entity()), literal(model));
    let written = literal(&guarded_as(model, generation));
    format!(
        "CREATE TABLE IF NOT EXISTS {MODELS} (
    entity TEXT NOT NULL,
    model TEXT NOT NULL,
    generation INTEGER NOT NULL,
    -- What the transaction that has the write lock writes; NULL outside of it.
    written TEXT,
    PRIMARY KEY (entity, model)
) STRICT;
INSERT INTO {MODELS} VALUES ({entity}, {name}, {generation}, NULL)
    ON CONFLICT DO UPDATE SET generation = excluded.generation;
DROP TRIGGER IF EXISTS {trigger};
CREATE TRIGGER {trigger} BEFORE INSERT ON {log}
WHEN (SELECT written FROM {MODELS} WHERE entity = {entity} AND model = {name}) IS NOT {written}
BEGIN
    SELECT RAISE(ABORT, 'an inline model is written with each event of this log');
END;
",
        log = names.log(),
    )
}

/// Tells the guard which models the transaction writes; returns whether there are any.
pub(crate) async fn open(
    connection: &mut SqliteConnection,
    names: &Names,
    companions: &Companions,
) -> Result<bool, sqlx::Error> {
    let mut is_open = false;
    for written in companions.guarded_as() {
        let open = format!(
            "UPDATE {MODELS} SET written = $1 WHERE entity = $2 AND model || '__' || generation = $1"
        );
        let open = sqlx::query(AssertSqlSafe(open));
        open.bind(written)
            .bind(names.entity())
            .execute(&mut *connection)
            .await?;
        is_open = true;
    }
    Ok(is_open)
}

/// Takes back what [`open`] said, before the transaction commits.
pub(crate) async fn close(
    connection: &mut SqliteConnection,
    names: &Names,
) -> Result<(), sqlx::Error> {
    let close = format!("UPDATE {MODELS} SET written = NULL WHERE entity = $1");
    let close = sqlx::query(AssertSqlSafe(close));
    close.bind(names.entity()).execute(connection).await?;
    Ok(())
}

/// Returns the error of an insert that the guard refused; `None` if it was something else.
pub(crate) async fn missing(
    connection: &mut SqliteConnection,
    names: &Names,
    error: &sqlx::Error,
) -> Option<Error> {
    if !is_trigger_violation(error) {
        return None;
    }
    let select = format!(
        "SELECT model FROM {MODELS} WHERE entity = $1 AND written IS NULL ORDER BY model LIMIT 1"
    );
    let select = sqlx::query_scalar(AssertSqlSafe(select));
    // Without the table, the trigger was another.
    let name: Option<String> = select
        .bind(names.entity())
        .fetch_optional(connection)
        .await
        .ok()?;
    name.map(|name| Error::InlineMissing {
        entity: names.entity(),
        name,
    })
}
