//! Makes a generation that is level the live one, and drops what nobody uses.

use eventsource_core::{Error, Position, Store};

use crate::generation::subscriptions::Generation;
use crate::tables::dialect::from_now;
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
    store
        .switch_generation(&generation.name, generation.generation)
        .await?;
    tracing::info!(
        subscription = generation.name,
        generation = generation.generation,
        "the generation is level, and live from now on"
    );
    Ok(true)
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
    tx.commit().await?;
    for row in rows {
        let generation: i32 = row.get(0)?;
        store
            .retire_generation(name, generation.cast_unsigned())
            .await?;
    }
    Ok(())
}
