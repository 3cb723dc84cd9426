//! Rows of shards: how far each is, who owns it, and where it has halted.

use std::collections::HashMap;

use eventsource_core::{Dialect, Error, Position, Row, Store, Transaction};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::contract::shard_id::ShardId;
use crate::contract::stop::{Halt, Stop};
use crate::tables::dialect::{from_now, now, skip_locked};
use crate::tables::workers::LEASE;

/// Row of a shard.
#[derive(Clone, Debug)]
pub(crate) struct ShardRow {
    pub(crate) id: ShardId,
    pub(crate) position: Position,
    pub(crate) epoch: u64,
    pub(crate) owner: Option<Uuid>,
    pub(crate) building: bool,
    pub(crate) halted: Option<Halted>,
    /// Tries that were begun since the checkpoint moved, and that may have ended their worker.
    pub(crate) attempts: u32,
    /// Whether it was claimed from a worker that did not give it back.
    pub(crate) abandoned: bool,
}

/// What the row of a halted shard says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Halted {
    /// Position of the event, as text.
    pub(crate) position: String,
    /// Id of the event.
    pub(crate) event_id: String,
    /// Error, with its sources.
    pub(crate) error: String,
}

impl Halted {
    /// Returns the position of the event.
    pub(crate) fn position(&self) -> Position {
        self.position.parse().unwrap_or(Position::START)
    }
}

impl From<&Halt> for Halted {
    fn from(halt: &Halt) -> Self {
        Self {
            position: halt.position.to_string(),
            event_id: halt.event_id.to_string(),
            error: halt.error.clone(),
        }
    }
}

/// Step of a checkpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub(crate) from: Position,
    pub(crate) to: Position,
}

const COLUMNS: &str =
    "s.subscription, s.generation, s.shard, s.position, s.epoch, s.owner, s.building, s.halted,
    s.attempts";

impl ShardRow {
    fn of(row: &Row) -> Result<Self, Error> {
        let halted: Option<serde_json::Value> = row.get(7)?;
        Ok(Self {
            id: ShardId {
                subscription: row.get(0)?,
                generation: row.get::<i32>(1)?.cast_unsigned(),
                shard: row.get::<i16>(2)?.cast_unsigned(),
            },
            position: row.get(3)?,
            epoch: row.get::<i64>(4)?.cast_unsigned(),
            owner: row.get(5)?,
            building: row.get(6)?,
            halted: halted.and_then(|halted| serde_json::from_value(halted).ok()),
            attempts: row.get::<i32>(8)?.cast_unsigned(),
            abandoned: false,
        })
    }
}

/// Lists the shards of a generation.
pub(crate) async fn list(
    store: &Store,
    subscription: &str,
    generation: u32,
) -> Result<Vec<ShardRow>, Error> {
    let mut tx = store.begin().await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM {{eventsource_shard}} AS s
        WHERE s.subscription = $1 AND s.generation = $2 ORDER BY s.shard"
    );
    let rows = tx
        .fetch(&sql, (subscription, generation.cast_signed()))
        .await?;
    tx.commit().await?;
    rows.iter().map(ShardRow::of).collect()
}

/// Lists the shards of all generations of a subscription.
pub(crate) async fn all(store: &Store, subscription: &str) -> Result<Vec<ShardRow>, Error> {
    let mut tx = store.begin().await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM {{eventsource_shard}} AS s WHERE s.subscription = $1
        ORDER BY s.generation, s.shard"
    );
    let rows = tx.fetch(&sql, (subscription,)).await?;
    tx.commit().await?;
    rows.iter().map(ShardRow::of).collect()
}

/// Lists the shards of a subscription that have halted.
pub(crate) async fn halted(
    tx: &mut Transaction<'_>,
    subscription: &str,
) -> Result<Vec<ShardRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {{eventsource_shard}} AS s
        WHERE s.subscription = $1 AND s.halted IS NOT NULL ORDER BY s.generation, s.shard"
    );
    let rows = tx.fetch(&sql, (subscription,)).await?;
    rows.iter().map(ShardRow::of).collect()
}

/// Makes rows for the shards of a generation that has none.
pub(crate) async fn create(
    tx: &mut Transaction<'_>,
    subscription: &str,
    generation: u32,
    shards: u16,
    position: Position,
    building: bool,
) -> Result<(), Error> {
    let now = now(tx.dialect());
    let sql = format!(
        "INSERT INTO {{eventsource_shard}}
            (subscription, generation, shard, position, epoch, moved_at, building, attempts)
        VALUES ($1, $2, $3, $4, 0, {now}, $5, 0)
        ON CONFLICT (subscription, generation, shard) DO NOTHING"
    );
    for shard in 0..shards {
        let row = (
            subscription,
            generation.cast_signed(),
            shard.cast_signed(),
            position,
            building,
        );
        tx.execute(&sql, row).await?;
    }
    Ok(())
}

/// Takes all shards of a generation, whoever owns them: what their owners have begun is not committed.
pub(crate) async fn take(
    store: &Store,
    worker: Uuid,
    subscription: &str,
    generation: u32,
) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let take = "UPDATE {eventsource_shard} SET owner = $1, epoch = epoch + 1
        WHERE subscription = $2 AND generation = $3";
    let row = (worker, subscription, generation.cast_signed());
    tx.execute(take, row).await?;
    tx.commit().await
}

/// Takes up to `most` shards of a generation that no living worker owns.
pub(crate) async fn claim(
    store: &Store,
    worker: Uuid,
    subscription: &str,
    generation: u32,
    most: u16,
) -> Result<Vec<ShardRow>, Error> {
    let mut tx = store.begin().await?;
    let dialect = tx.dialect();
    let expired = from_now(dialect, -(LEASE.as_millis() as i64));
    let lock = skip_locked(dialect, "f");
    let sql = format!(
        "SELECT f.shard, f.owner FROM {{eventsource_shard}} AS f
        WHERE f.subscription = $1 AND f.generation = $2 AND NOT EXISTS (
            SELECT 1 FROM {{eventsource_worker}} AS w WHERE w.id = f.owner AND w.seen_at > {expired})
        ORDER BY f.shard LIMIT $3 {lock}"
    );
    let free = (subscription, generation.cast_signed(), i64::from(most));
    let free = tx.fetch(&sql, free).await?;
    let mut abandoned = HashMap::new();
    for row in &free {
        let owner: Option<Uuid> = row.get(1)?;
        abandoned.insert(row.get::<i16>(0)?.cast_unsigned(), owner.is_some());
    }
    if abandoned.is_empty() {
        return Ok(Vec::new());
    }
    let shards: Vec<_> = abandoned.keys().map(ToString::to_string).collect();
    let sql = format!(
        "UPDATE {{eventsource_shard}} AS s SET owner = $1, epoch = s.epoch + 1
        WHERE s.subscription = $2 AND s.generation = $3 AND s.shard IN ({})
        RETURNING {}",
        shards.join(", "),
        returned(dialect)
    );
    let key = (worker, subscription, generation.cast_signed());
    let rows = tx.fetch(&sql, key).await?;
    tx.commit().await?;
    let claimed = |row| {
        let row = ShardRow::of(row)?;
        Ok(ShardRow {
            abandoned: abandoned.get(&row.id.shard).copied().unwrap_or_default(),
            ..row
        })
    };
    rows.iter().map(claimed).collect()
}

/// Counts a try before it begins; returns the number of those since the checkpoint moved.
pub(crate) async fn count_attempt(store: &Store, id: &ShardId, epoch: u64) -> Result<u32, Stop> {
    let mut tx = store.begin().await?;
    let sql = format!(
        "UPDATE {{eventsource_shard}} SET attempts = attempts + 1 WHERE {} RETURNING attempts",
        mine(id, epoch)
    );
    let rows = tx.fetch(&sql, ()).await?;
    tx.commit().await?;
    match rows.first() {
        Some(row) => Ok(row.get::<i32>(0)?.cast_unsigned()),
        None => Err(Stop::Lost),
    }
}

/// Forgets the tries that were begun: the worker has lived through them.
pub(crate) async fn forget_attempts(store: &Store, id: &ShardId, epoch: u64) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let sql = format!(
        "UPDATE {{eventsource_shard}} SET attempts = 0 WHERE {}",
        mine(id, epoch)
    );
    tx.execute(&sql, ()).await?;
    tx.commit().await
}

/// Columns of an `UPDATE`, which SQLite returns without the name of the table.
fn returned(dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => COLUMNS.to_owned(),
        _ => COLUMNS.replace("s.", ""),
    }
}

/// Gives a shard back, if it is still this worker's.
pub(crate) async fn release(store: &Store, id: &ShardId, epoch: u64) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let sql = format!(
        "UPDATE {{eventsource_shard}} SET owner = NULL WHERE {}",
        mine(id, epoch)
    );
    tx.execute(&sql, ()).await?;
    tx.commit().await
}

/// Gives all shards of a worker back.
pub(crate) async fn release_all(store: &Store, worker: Uuid) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.execute(
        "UPDATE {eventsource_shard} SET owner = NULL WHERE owner = $1",
        (worker,),
    )
    .await?;
    tx.commit().await
}

/// Commits a transaction if the shard is still this worker's, and moves its checkpoint.
///
/// The check and the commit are one message on Postgres: a worker that is stopped in between does not
/// hold the row that its successor needs.
pub(crate) async fn commit(
    transaction: Transaction<'static>,
    id: &ShardId,
    epoch: u64,
    step: Option<Move>,
) -> Result<(), Stop> {
    let now = now(transaction.dialect());
    let mine = mine(id, epoch);
    // Literals, since a message of two statements takes no arguments; names were checked.
    let update = match step {
        Some(Move { from, to }) => format!(
            "UPDATE {{eventsource_shard}} SET position = {to}, moved_at = {now}, attempts = 0
            WHERE {mine} AND position = {from}"
        ),
        None => format!("UPDATE {{eventsource_shard}} SET epoch = epoch WHERE {mine}"),
    };
    match transaction.commit_if_updated(&update).await? {
        true => Ok(()),
        false => Err(Stop::Lost),
    }
}

/// Notes that a shard has halted, if it is still this worker's.
pub(crate) async fn halt(
    store: &Store,
    id: &ShardId,
    epoch: u64,
    from: Position,
    to: Position,
    halt: &Halt,
) -> Result<(), Stop> {
    let mut tx = store.begin().await?;
    let now = now(tx.dialect());
    let halted = serde_json::to_value(Halted::from(halt)).unwrap_or_default();
    let sql = format!(
        "UPDATE {{eventsource_shard}} SET position = $2, halted = $3, moved_at = {now}
        WHERE {} AND position = $1",
        mine(id, epoch)
    );
    let changed = tx.execute(&sql, (from, to, halted)).await?;
    tx.commit().await?;
    match changed {
        0 => Err(Stop::Lost),
        _ => Ok(()),
    }
}

/// Condition that a shard is owned under an epoch.
fn mine(id: &ShardId, epoch: u64) -> String {
    let ShardId {
        subscription,
        generation,
        shard,
    } = id;
    format!(
        "subscription = '{subscription}' AND generation = {generation} AND shard = {shard}
        AND epoch = {epoch}"
    )
}
