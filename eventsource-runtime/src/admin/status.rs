//! How far each subscription is, and what has stopped it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use eventsource_core::{Error, EventId, Feed, Position};
use serde::Serialize;

use crate::admin::operations::{Operation, operations};
use crate::contract::kind::Kind;
use crate::generation::subscriptions;
use crate::subscription::builder::Subscription;
use crate::tables::shards::{self, ShardRow};
use crate::worker::shared::Shared;

/// State of a subscription, as all processes see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionStatus {
    /// Name of the subscription.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// Version of the live generation.
    pub version: u32,
    /// Number of the live generation.
    pub generation: u32,
    /// Whether somebody has paused it.
    pub paused: bool,
    /// Positions between its checkpoint and the end of the feed; 0 if none of them has an event that
    /// it reads.
    pub lag_events: u64,
    /// Age of the oldest event that it has not processed, in seconds.
    pub lag_seconds: f64,
    /// Events that wait for another try, or for a person.
    pub parked: u64,
    /// Shards of the live generation.
    pub shards: Vec<ShardStatus>,
    /// Shards of the generation that is being built, and how far it is.
    pub building: Option<BuildingStatus>,
    /// What people have done to it, the newest last.
    pub operations: Vec<Operation>,
}

impl SubscriptionStatus {
    /// Returns the events at which shards have halted.
    pub fn halted(&self) -> impl Iterator<Item = &HaltedStatus> {
        let building = self.building.iter().flat_map(|building| &building.shards);
        let shards = self.shards.iter().chain(building);
        shards.filter_map(|shard| shard.halted.as_ref())
    }
}

/// State of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ShardStatus {
    /// Number of the shard, from 0.
    pub shard: u16,
    /// Position up to which everything is done.
    pub position: Position,
    /// Worker that owns it.
    pub owner: Option<uuid::Uuid>,
    /// Event at which it has halted.
    pub halted: Option<HaltedStatus>,
}

/// Event at which a shard has halted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HaltedStatus {
    /// Position of the event.
    pub position: Position,
    /// Id of the event.
    pub event_id: Option<EventId>,
    /// Error of the last try.
    pub error: String,
}

/// Progress of a generation that is being built.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BuildingStatus {
    /// Number of the generation.
    pub generation: u32,
    /// Share of the feed that is done, from 0 to 1.
    pub progress: f64,
    /// Shards.
    pub shards: Vec<ShardStatus>,
}

/// Reads the state of all subscriptions of a runtime.
pub(crate) async fn status(shared: &Shared) -> Result<Vec<SubscriptionStatus>, Error> {
    let latest = shared.store.feed().latest_position().await?;
    let parked = parked(shared).await?;
    let mut all = Vec::new();
    for subscription in &shared.subscriptions {
        let name = &subscription.name;
        let Some(row) = subscriptions::row(&shared.store, name).await? else {
            continue;
        };
        let shards = shards::all(&shared.store, name).await?;
        let (live, others): (Vec<_>, Vec<_>) = shards
            .into_iter()
            .partition(|shard| shard.id.generation == row.generation);
        let (lag_events, lag_seconds) = lag(shared, subscription, &live, latest).await?;
        all.push(SubscriptionStatus {
            name: name.clone(),
            kind: subscription.kind(),
            version: row.version,
            generation: row.generation,
            paused: row.paused,
            lag_events,
            lag_seconds,
            parked: parked.get(name).copied().unwrap_or_default(),
            shards: live.iter().map(shard_status).collect(),
            building: building(others, latest),
            operations: operations(&row.settings),
        });
    }
    Ok(all)
}

/// Returns how many positions and seconds a subscription is behind.
async fn lag(
    shared: &Shared,
    subscription: &Subscription,
    live: &[ShardRow],
    latest: Position,
) -> Result<(u64, f64), Error> {
    // A checkpoint that moves without effects is saved rarely; this process may know better.
    let done = |row: &ShardRow| {
        let here = shared.done(&row.id).unwrap_or(row.position);
        here.max(row.position)
    };
    let Some(lowest) = live
        .iter()
        .map(done)
        .min()
        .filter(|lowest| *lowest < latest)
    else {
        return Ok((0, 0.0));
    };
    let mut oldest: Option<(Position, DateTime<Utc>)> = None;
    for source in &subscription.sources {
        let next = source.next(lowest, latest).await?;
        oldest = oldest.into_iter().chain(next).min();
    }
    Ok(match oldest {
        None => (0, 0.0),
        Some((position, recorded_at)) => {
            let age = shared.store.clock().now() - recorded_at;
            let seconds = age.as_seconds_f64().max(0.0);
            (Feed::distance(position, latest) + 1, seconds)
        }
    })
}

/// Counts the parked events of each subscription.
async fn parked(shared: &Shared) -> Result<HashMap<String, u64>, Error> {
    let mut tx = shared.store.begin().await?;
    let count = "SELECT subscription, count(*) FROM {eventsource_parked} GROUP BY subscription";
    let rows = tx.fetch(count, ()).await?;
    tx.commit().await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get::<i64>(1)?.cast_unsigned())))
        .collect()
}

fn shard_status(row: &ShardRow) -> ShardStatus {
    ShardStatus {
        shard: row.id.shard,
        position: row.position,
        owner: row.owner,
        halted: row.halted.as_ref().map(|halted| HaltedStatus {
            position: halted.position(),
            event_id: halted.event_id.parse().ok(),
            error: halted.error.clone(),
        }),
    }
}

/// Returns the progress of the generation that is being built, if one is.
fn building(others: Vec<ShardRow>, latest: Position) -> Option<BuildingStatus> {
    let mut building: Vec<_> = others.into_iter().filter(|row| row.building).collect();
    let generation = building.iter().map(|row| row.id.generation).max()?;
    building.retain(|row| row.id.generation == generation);
    let total = Feed::distance(Position::START, latest).max(1) as f64 * building.len() as f64;
    let done = |row: &ShardRow| Feed::distance(Position::START, row.position);
    let done: u64 = building.iter().map(done).sum();
    Some(BuildingStatus {
        generation,
        progress: (done as f64 / total).min(1.0),
        shards: building.iter().map(shard_status).collect(),
    })
}
