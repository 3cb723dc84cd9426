//! Registers subscriptions that are new, and begins the generations of new versions.

use eventsource_core::{Dialect, Error, Position, Store, Transaction};

use crate::generation::create::{building_shards, create};
use crate::generation::switch::switch;
use crate::subscription::builder::{Start, Subscription};
use crate::tables::dialect::now;

/// Makes the rows and tables of a subscription that is new, or those of a new version.
pub(crate) async fn register(store: &Store, subscription: &Subscription) -> Result<(), Error> {
    let start = match subscription.start {
        Start::Beginning => Position::START,
        Start::Now => store.feed().latest_position().await?,
        Start::After(position) => position,
    };
    let mut tx = store.begin().await?;
    let name = &subscription.name;
    match live(&mut tx, name).await? {
        None => {
            insert(&mut tx, subscription).await?;
            create(&mut tx, subscription, 1, subscription.shards, start, false).await?;
            if subscription.model.is_some() {
                switch(&mut tx, name, 1).await?;
            }
        }
        Some(live) if subscription.model.is_some() && live.version < subscription.version => {
            let known =
                "SELECT 1 FROM {eventsource_generation} WHERE subscription = $1 AND version = $2";
            let version = subscription.version.cast_signed();
            if tx.fetch(known, (name, version)).await?.is_empty() {
                begin_building(&mut tx, subscription).await?;
            }
        }
        Some(_) => return Ok(()),
    }
    tx.commit().await
}

/// Begins to build a generation beside the live one; returns its number.
pub(crate) async fn begin_building(
    tx: &mut Transaction<'static>,
    subscription: &Subscription,
) -> Result<u32, Error> {
    let last = "SELECT CAST(max(generation) AS integer) FROM {eventsource_generation}
        WHERE subscription = $1";
    let rows = tx.fetch(last, (&subscription.name,)).await?;
    let last: Option<i32> = rows.first().map(|row| row.get(0)).transpose()?.flatten();
    let next = last.unwrap_or_default().cast_unsigned() + 1;
    let shards = building_shards(subscription);
    create(tx, subscription, next, shards, Position::START, true).await?;
    Ok(next)
}

/// Live generation of a subscription, as its row says.
struct Live {
    version: u32,
}

/// Reads and locks the row of a subscription.
async fn live(tx: &mut Transaction<'static>, name: &str) -> Result<Option<Live>, Error> {
    let lock = match tx.dialect() {
        Dialect::Postgres => {
            // The first of several programs that begin at once makes the row.
            tx.execute("SELECT pg_advisory_xact_lock(hashtext($1))", (name,))
                .await?;
            "FOR UPDATE"
        }
        _ => "",
    };
    let sql = format!("SELECT version FROM {{eventsource_subscription}} WHERE name = $1 {lock}");
    let rows = tx.fetch(&sql, (name,)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let version = row.get::<i32>(0)?.cast_unsigned();
    Ok(Some(Live { version }))
}

async fn insert(tx: &mut Transaction<'static>, subscription: &Subscription) -> Result<(), Error> {
    let now = now(tx.dialect());
    let reads: serde_json::Map<_, _> = subscription
        .sources
        .iter()
        .map(|source| (source.entity().to_owned(), serde_json::Value::Null))
        .collect();
    let sql = format!(
        "INSERT INTO {{eventsource_subscription}}
            (name, kind, version, generation, shards, reads, settings, paused, created_at)
        VALUES ($1, $2, $3, 1, $4, $5, $6, false, {now})"
    );
    let row = (
        &subscription.name,
        subscription.kind().name(),
        subscription.version.cast_signed(),
        subscription.shards.cast_signed(),
        serde_json::json!(reads),
        serde_json::json!({}),
    );
    tx.execute(&sql, row).await.map(drop)
}
