//! Rows of subscriptions: which generation is live, and what people have asked for.

use std::sync::Arc;

use eventsource_core::{Error, Store};

use crate::error::BuildMistake;
use crate::subscription::builder::Subscription;

/// Generation of a subscription that this program can work on.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub(crate) subscription: Arc<Subscription>,
    pub(crate) name: String,
    pub(crate) generation: u32,
    pub(crate) shards: u16,
    pub(crate) paused: bool,
    /// Whether it is built beside the live one.
    pub(crate) building: bool,
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

/// Lists the generations that this program can work on: the newest of its version, and those that are
/// being built for it.
pub(crate) async fn known(
    store: &Store,
    subscriptions: &[Arc<Subscription>],
) -> Result<Vec<Generation>, Error> {
    let mut known = Vec::new();
    for subscription in subscriptions {
        let name = &subscription.name;
        let Some(row) = row(store, name).await? else {
            continue;
        };
        let found = generations(store, name).await?;
        let own = |found: &&Found| match subscription.model {
            Some(_) => found.version == Some(subscription.version),
            None => found.generation == row.generation,
        };
        let own: Vec<_> = found.iter().filter(own).collect();
        let is_live = |found: &&&Found| found.generation == row.generation;
        let settled = own.iter().filter(|found| !found.building);
        let current = match own.iter().find(is_live) {
            Some(live) => Some(live),
            None => settled.max_by_key(|found| found.generation),
        };
        let current = current.map(|found| found.generation);
        for found in own {
            if Some(found.generation) == current || found.building {
                known.push(Generation {
                    subscription: subscription.clone(),
                    name: name.clone(),
                    generation: found.generation,
                    shards: found.shards,
                    paused: row.paused,
                    building: found.building && Some(found.generation) != current,
                });
            }
        }
    }
    Ok(known)
}

/// Generation as its shards and its row say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) generation: u32,
    /// Version of the program that computes it; `None` of what has no tables.
    pub(crate) version: Option<u32>,
    pub(crate) shards: u16,
    pub(crate) building: bool,
}

/// Lists the generations of a subscription that have shards.
pub(crate) async fn generations(store: &Store, name: &str) -> Result<Vec<Found>, Error> {
    let mut tx = store.begin().await?;
    let sql =
        "SELECT s.generation, max(g.version), count(*), max(CASE WHEN s.building THEN 1 ELSE 0 END)
        FROM {eventsource_shard} AS s LEFT JOIN {eventsource_generation} AS g
            ON g.subscription = s.subscription AND g.generation = s.generation
        WHERE s.subscription = $1 GROUP BY s.generation ORDER BY s.generation";
    let rows = tx.fetch(sql, (name,)).await?;
    tx.commit().await?;
    let found = |row: &eventsource_core::Row| {
        let version: Option<i32> = row.get(1)?;
        Ok(Found {
            generation: row.get::<i32>(0)?.cast_unsigned(),
            version: version.map(i32::cast_unsigned),
            shards: row.get::<i64>(2)? as u16,
            building: row.get::<i64>(3)? == 1,
        })
    };
    rows.iter().map(found).collect()
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
        } else if row.shards != subscription.shards && !subscription.is_keyed() {
            mistakes.push(BuildMistake::ShardsChanged {
                name: name(),
                expected: subscription.shards,
                actual: row.shards,
            });
        } else if row.version > subscription.version {
            // Programs of before go on with their generation, as long as it is there.
            let found = generations(store, &subscription.name).await?;
            let is_own = |found: &Found| found.version == Some(subscription.version);
            if !found.iter().any(is_own) {
                mistakes.push(BuildMistake::OlderVersion {
                    name: name(),
                    program: subscription.version,
                    live: row.version,
                });
            }
        }
    }
    Ok(mistakes)
}
