//! Makes a generation the live one, and drops those that nobody uses.

use chrono::Utc;
use serde_json::Value;

use crate::Error;
use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::dialect::Dialect;
use crate::store::contract::names::quoted;

/// Makes a generation the live one.
pub(crate) async fn switch(
    transaction: &mut Transaction<'_>,
    name: &str,
    generation: u32,
) -> Result<(), Error> {
    let number = i32::try_from(generation).unwrap_or(i32::MAX);
    if transaction.dialect() == Dialect::Postgres {
        let switch = "SELECT {eventsource_switch}($1, $2)";
        transaction.fetch(switch, (name, number)).await?;
    } else {
        switch_on_sqlite(transaction, name, number).await?;
    }
    // What nobody has processed since is dropped some time after this.
    let update = "UPDATE {eventsource_shard} SET moved_at = $3
WHERE subscription = $1 AND generation <> $2";
    transaction
        .execute(update, (name, number, Utc::now()))
        .await
        .map(drop)
}

/// Makes a generation the live one, as `eventsource_switch` does on Postgres.
async fn switch_on_sqlite(
    transaction: &mut Transaction<'_>,
    name: &str,
    number: i32,
) -> Result<(), Error> {
    let select = "SELECT version, tables FROM {eventsource_generation}
WHERE subscription = $1 AND generation = $2";
    let rows = transaction.fetch(select, (name, number)).await?;
    let Some(row) = rows.first() else {
        let none = format!("the read model '{name}' has no generation {number}");
        return Err(Error::database(none));
    };
    let (version, tables): (i64, Value) = (row.get(0)?, row.get(1)?);
    let update = "UPDATE {eventsource_subscription} SET generation = $2, version = $3,
    shards = (SELECT max(1, count(*)) FROM {eventsource_shard}
        WHERE subscription = $1 AND generation = $2) WHERE name = $1";
    transaction.execute(update, (name, number, version)).await?;
    let update = "UPDATE {eventsource_shard} SET building = 0
WHERE subscription = $1 AND generation = $2 AND building";
    transaction.execute(update, (name, number)).await?;
    for stored in names(&tables) {
        let Some((shown, _)) = stored.rsplit_once("__") else {
            continue;
        };
        let others = "SELECT 1 FROM sqlite_master WHERE name = $1 AND type <> 'trigger'
    AND (type <> 'view' OR sql NOT LIKE '%-- the live rows of ' || $2)";
        if !transaction.fetch(others, (shown, name)).await?.is_empty() {
            continue;
        }
        let (view, stored) = (quoted(shown), quoted(stored));
        let replace = format!(
            "DROP VIEW IF EXISTS {view};
CREATE VIEW {view} AS SELECT * FROM {stored} -- the live rows of {name}
;"
        );
        transaction.execute_all(&replace).await?;
    }
    Ok(())
}

/// Drops a generation that is neither live nor processed.
pub(crate) async fn retire(
    transaction: &mut Transaction<'_>,
    name: &str,
    generation: u32,
) -> Result<bool, Error> {
    let number = i32::try_from(generation).unwrap_or(i32::MAX);
    if transaction.dialect() == Dialect::Postgres {
        let retire = "SELECT {eventsource_retire}($1, $2)";
        let rows = transaction.fetch(retire, (name, number)).await?;
        return rows.first().map_or(Ok(false), |row| row.get(0));
    }
    let used = "SELECT 1 FROM {eventsource_subscription} WHERE name = $1 AND generation = $2
UNION ALL SELECT 1 FROM {eventsource_shard} AS h JOIN {eventsource_worker} AS w ON w.id = h.owner
    WHERE h.subscription = $1 AND h.generation = $2
        AND w.seen_at > strftime('%Y-%m-%dT%H:%M:%f', 'now', '-60 seconds')";
    if !transaction.fetch(used, (name, number)).await?.is_empty() {
        return Ok(false);
    }
    let select = "SELECT tables FROM {eventsource_generation}
WHERE subscription = $1 AND generation = $2";
    let rows = transaction.fetch(select, (name, number)).await?;
    for row in &rows {
        for stored in names(&row.get(0)?) {
            let drop = format!("DROP TABLE IF EXISTS {}", quoted(stored));
            transaction.execute_all(&drop).await?;
        }
    }
    for table in ["eventsource_shard", "eventsource_generation"] {
        let delete = format!("DELETE FROM {table} WHERE subscription = $1 AND generation = $2");
        transaction.execute(&delete, (name, number)).await?;
    }
    Ok(true)
}

/// Returns the names of a list of SQLite.
pub(super) fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
