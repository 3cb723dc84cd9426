//! Makes the tables and rows of a generation.

use std::collections::BTreeSet;

use eventsource_core::{Dialect, Error, Position, Transaction};

use crate::subscription::builder::Subscription;
use crate::tables::dialect::now;
use crate::tables::shards;

/// Fewest shards of a keyed model that is built beside the live one.
const BUILDING_SHARDS: u16 = 4;

/// Returns how many shards a generation has that is built beside the live one.
pub(crate) fn building_shards(subscription: &Subscription) -> u16 {
    match &subscription.model {
        Some(model) if model.is_keyed() => subscription.shards.max(BUILDING_SHARDS),
        _ => subscription.shards,
    }
}

/// Makes a generation: its tables, its row, and the rows of its shards.
pub(crate) async fn create(
    tx: &mut Transaction<'static>,
    subscription: &Subscription,
    generation: u32,
    shards: u16,
    start: Position,
    building: bool,
) -> Result<(), Error> {
    if let Some(model) = &subscription.model {
        let before = tables(tx).await?;
        model.create(tx, generation).await?;
        let made: Vec<_> = tables(tx).await?.difference(&before).cloned().collect();
        let now = now(tx.dialect());
        // SQLite keeps the list as JSON.
        let list = match tx.dialect() {
            Dialect::Postgres => "ARRAY(SELECT jsonb_array_elements_text($4))",
            _ => "$4",
        };
        let sql = format!(
            "INSERT INTO {{eventsource_generation}}
                (subscription, generation, version, tables, created_at)
            VALUES ($1, $2, $3, {list}, {now})"
        );
        let row = (
            &subscription.name,
            generation.cast_signed(),
            subscription.version.cast_signed(),
            serde_json::json!(made),
        );
        tx.execute(&sql, row).await?;
    }
    let name = &subscription.name;
    shards::create(tx, name, generation, shards, start, building).await
}

/// Lists the tables of the schema.
async fn tables(tx: &mut Transaction<'static>) -> Result<BTreeSet<String>, Error> {
    let schema = tx.tables().schema().unwrap_or_default().to_owned();
    let rows = match tx.dialect() {
        Dialect::Postgres => {
            let sql = "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p')
                AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)";
            tx.fetch(sql, (schema,)).await?
        }
        _ => {
            tx.fetch("SELECT name FROM sqlite_schema WHERE type = 'table'", ())
                .await?
        }
    };
    rows.iter().map(|row| row.get(0)).collect()
}
