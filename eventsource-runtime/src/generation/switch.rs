//! Makes a generation that is level the live one, and drops what nobody uses.

use eventsource_core::{Dialect, Error, Position, Store, Transaction};

use crate::generation::subscriptions::Generation;
use crate::tables::dialect::{from_now, now};
use crate::tables::shards;

/// Time after which a generation that nobody works on is dropped, in milliseconds.
const UNUSED: i64 = 60_000;

/// Makes a generation the live one if all of its shards have reached a position; tells whether it has.
pub(crate) async fn switch_if_level(
    store: &Store,
    generation: &Generation,
    end: Position,
) -> Result<bool, Error> {
    let all = shards::all(store, &generation.name).await?;
    let building: Vec<_> = all
        .iter()
        .filter(|row| row.id.generation == generation.generation)
        .collect();
    let is_level = |row: &&shards::ShardRow| row.halted.is_none() && row.position >= end;
    if building.is_empty() || !building.iter().all(is_level) {
        return Ok(false);
    }
    let mut tx = store.begin().await?;
    switch(&mut tx, &generation.name, generation.generation).await?;
    let now = now(tx.dialect());
    // From now on nobody works on the others.
    let sql = format!(
        "UPDATE {{eventsource_shard}} SET moved_at = {now} WHERE subscription = $1 AND generation <> $2"
    );
    tx.execute(
        &sql,
        (&generation.name, generation.generation.cast_signed()),
    )
    .await?;
    tx.commit().await?;
    tracing::info!(
        subscription = generation.name,
        generation = generation.generation,
        "the generation is level, and live from now on"
    );
    Ok(true)
}

/// Makes a generation the live one.
pub(crate) async fn switch(
    tx: &mut Transaction<'static>,
    name: &str,
    generation: u32,
) -> Result<(), Error> {
    let key = (name, generation.cast_signed());
    if tx.dialect() == Dialect::Postgres {
        tx.execute("SELECT {eventsource_switch}($1, $2)", key)
            .await?;
        return Ok(());
    }
    let chosen = "SELECT version, tables, (SELECT count(*) FROM {eventsource_shard} AS s
            WHERE s.subscription = g.subscription AND s.generation = g.generation)
        FROM {eventsource_generation} AS g WHERE subscription = $1 AND generation = $2";
    let rows = tx.fetch(chosen, key).await?;
    let Some(row) = rows.first() else {
        return Ok(());
    };
    let (version, shards): (i64, i64) = (row.get(0)?, row.get(2)?);
    let tables: serde_json::Value = row.get(1)?;
    let update = "UPDATE {eventsource_subscription} SET generation = $2, version = $3, shards = $4
        WHERE name = $1";
    tx.execute(
        update,
        (name, generation.cast_signed(), version, shards.max(1)),
    )
    .await?;
    let update = "UPDATE {eventsource_shard} SET building = 0
        WHERE subscription = $1 AND generation = $2";
    tx.execute(update, key).await?;
    // Views for people have the names without the generation.
    for table in names(&tables) {
        let Some((shown, _)) = table.rsplit_once("__") else {
            continue;
        };
        let other = "SELECT 1 FROM sqlite_schema WHERE name = $1 AND type <> 'view'";
        if tx.fetch(other, (shown,)).await?.is_empty() {
            let (shown, table) = (quoted(shown), quoted(&table));
            let sql = format!(
                "DROP VIEW IF EXISTS {shown}; CREATE VIEW {shown} AS SELECT * FROM {table}"
            );
            tx.execute_all(&sql).await?;
        }
    }
    Ok(())
}

/// Drops the generations of a model that are neither live nor built, and that nobody works on.
pub(crate) async fn retire_unused(store: &Store, name: &str) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let long_ago = from_now(tx.dialect(), -UNUSED);
    let lease = from_now(tx.dialect(), -5000);
    let sql = format!(
        "SELECT g.generation FROM {{eventsource_generation}} AS g
        JOIN {{eventsource_subscription}} AS live ON live.name = g.subscription
        WHERE g.subscription = $1 AND g.generation <> live.generation AND NOT EXISTS (
            SELECT 1 FROM {{eventsource_shard}} AS s
            LEFT JOIN {{eventsource_worker}} AS w ON w.id = s.owner AND w.seen_at > {lease}
            WHERE s.subscription = g.subscription AND s.generation = g.generation
                AND (s.building = true OR w.id IS NOT NULL OR s.moved_at > {long_ago}))"
    );
    let rows = tx.fetch(&sql, (name,)).await?;
    for row in rows {
        let generation: i32 = row.get(0)?;
        retire(&mut tx, name, generation).await?;
    }
    tx.commit().await
}

/// Drops the tables and rows of a generation.
async fn retire(tx: &mut Transaction<'static>, name: &str, generation: i32) -> Result<(), Error> {
    let key = (name, generation);
    if tx.dialect() == Dialect::Postgres {
        tx.execute("SELECT {eventsource_retire}($1, $2)", key)
            .await?;
        return Ok(());
    }
    let tables = "SELECT tables FROM {eventsource_generation}
        WHERE subscription = $1 AND generation = $2";
    let rows = tx.fetch(tables, key).await?;
    let tables: serde_json::Value = match rows.first() {
        Some(row) => row.get(0)?,
        None => return Ok(()),
    };
    for table in names(&tables) {
        tx.execute_all(&format!("DROP TABLE IF EXISTS {}", quoted(&table)))
            .await?;
    }
    for table in ["eventsource_shard", "eventsource_generation"] {
        let sql = format!("DELETE FROM {{{table}}} WHERE subscription = $1 AND generation = $2");
        tx.execute(&sql, key).await?;
    }
    Ok(())
}

/// Returns the names of a list as SQLite keeps it.
fn names(tables: &serde_json::Value) -> Vec<String> {
    let names = tables.as_array().into_iter().flatten();
    names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// Quotes a name, which stands in the text of a statement as it is.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
