//! Rows of subscriptions: which generation is live, and what people have asked for.

use std::sync::Arc;

use eventsource_core::{Error, Store};

use crate::error::BuildMistake;
use crate::subscription::builder::{Start, Subscription};
use crate::tables::dialect::now;
use crate::tables::shards;

/// Generation of a subscription that this program can work on.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub(crate) subscription: Arc<Subscription>,
    pub(crate) name: String,
    pub(crate) generation: u32,
    pub(crate) shards: u16,
    pub(crate) paused: bool,
}

impl Generation {
    /// Returns the name that workers know the generation by.
    pub(crate) fn key(&self) -> String {
        key(&self.name, self.generation)
    }
}

/// Returns the name that workers know a generation by.
pub(crate) fn key(subscription: &str, generation: u32) -> String {
    format!("{subscription}/{generation}")
}

/// Row of a subscription.
#[derive(Clone, Debug)]
pub(crate) struct SubscriptionRow {
    pub(crate) kind: String,
    pub(crate) version: u32,
    pub(crate) generation: u32,
    pub(crate) shards: u16,
    pub(crate) paused: bool,
    pub(crate) settings: serde_json::Value,
}

/// Reads the row of a subscription.
pub(crate) async fn row(store: &Store, name: &str) -> Result<Option<SubscriptionRow>, Error> {
    let mut tx = store.begin().await?;
    let rows = tx
        .fetch(
            "SELECT kind, version, generation, shards, paused, settings FROM {eventsource_subscription}
            WHERE name = $1",
            (name,),
        )
        .await?;
    tx.commit().await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(SubscriptionRow {
        kind: row.get(0)?,
        version: row.get::<i32>(1)?.cast_unsigned(),
        generation: row.get::<i32>(2)?.cast_unsigned(),
        shards: row.get::<i16>(3)?.cast_unsigned(),
        paused: row.get(4)?,
        settings: row.get(5)?,
    }))
}

/// Lists the generations that this program can work on.
pub(crate) async fn known(
    store: &Store,
    subscriptions: &[Arc<Subscription>],
) -> Result<Vec<Generation>, Error> {
    let mut known = Vec::new();
    for subscription in subscriptions {
        let Some(row) = row(store, &subscription.name).await? else {
            continue;
        };
        if row.version != subscription.version {
            continue;
        }
        known.push(Generation {
            subscription: subscription.clone(),
            name: subscription.name.clone(),
            generation: row.generation,
            shards: row.shards,
            paused: row.paused,
        });
    }
    Ok(known)
}

/// Finds where the program and the tables differ.
pub(crate) async fn mistakes(
    store: &Store,
    subscriptions: &[Arc<Subscription>],
) -> Result<Vec<BuildMistake>, Error> {
    let mut mistakes = Vec::new();
    for subscription in subscriptions {
        let name = || subscription.name.clone();
        let Some(row) = row(store, &subscription.name).await? else {
            continue;
        };
        if row.kind != subscription.kind().name() {
            mistakes.push(BuildMistake::KindChanged {
                name: name(),
                expected: subscription.kind(),
                actual: row.kind,
            });
        } else if row.shards != subscription.shards {
            mistakes.push(BuildMistake::ShardsChanged {
                name: name(),
                expected: subscription.shards,
                actual: row.shards,
            });
        } else if row.version > subscription.version {
            mistakes.push(BuildMistake::OlderVersion {
                name: name(),
                program: subscription.version,
                live: row.version,
            });
        }
    }
    Ok(mistakes)
}

/// Makes the rows of a subscription that is new.
pub(crate) async fn register(store: &Store, subscription: &Subscription) -> Result<(), Error> {
    let start = match subscription.start {
        Start::Beginning => eventsource_core::Position::START,
        Start::Now => store.feed().latest_position().await?,
        Start::After(position) => position,
    };
    let mut tx = store.begin().await?;
    let now = now(tx.dialect());
    let reads: serde_json::Map<_, _> = subscription
        .sources
        .iter()
        .map(|source| (source.entity().to_owned(), serde_json::Value::Null))
        .collect();
    let sql = format!(
        "INSERT INTO {{eventsource_subscription}}
            (name, kind, version, generation, shards, reads, settings, paused, created_at)
        VALUES ($1, $2, $3, 1, $4, $5, $6, false, {now}) ON CONFLICT (name) DO NOTHING"
    );
    let row = (
        &subscription.name,
        subscription.kind().name(),
        subscription.version.cast_signed(),
        subscription.shards.cast_signed(),
        serde_json::json!(reads),
        serde_json::json!({}),
    );
    if tx.execute(&sql, row).await? == 1 {
        let name = &subscription.name;
        shards::create(&mut tx, name, 1, subscription.shards, start, false).await?;
        if let Some(model) = &subscription.model {
            model.create(&mut tx, 1).await?;
        }
    }
    tx.commit().await
}
