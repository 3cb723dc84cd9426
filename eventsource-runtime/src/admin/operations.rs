//! Pause, resume, retry and skip.

use chrono::{DateTime, Utc};
use eventsource_core::{Dialect, Position, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::admin::note::Note;
use crate::error::RuntimeError;
use crate::failure::parked::Parked;
use crate::generation::register::{begin_building, definition};
use crate::tables::dialect::now;
use crate::tables::shards::{self, Halted, ShardRow};
use crate::worker::shared::Shared;

/// Operations that are kept for a subscription; the oldest are forgotten first.
const KEPT: usize = 1000;

/// Something that a person has done to a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Operation {
    /// What was done: `pause`, `resume`, `retry`, `skip`, `rebuild`, `verify` and so on.
    pub operation: String,
    /// Time at which it was done.
    pub at: DateTime<Utc>,
    /// Who has done it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Key, for what was done to one that is set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Position of the event, for `skip`; that after which events are delivered again, for `replay`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Id of the event, for `skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Error of the event, for `skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Pauses or resumes a subscription.
pub(crate) async fn set_paused(
    shared: &Shared,
    name: &str,
    paused: bool,
    note: &Note,
) -> Result<(), RuntimeError> {
    let mut change = Change::begin(shared, name, note).await?;
    let update = "UPDATE {eventsource_subscription} SET paused = $2 WHERE name = $1";
    change.transaction.execute(update, (name, paused)).await?;
    let operation = if paused { "pause" } else { "resume" };
    change.record(operation, What::default()).await
}

/// Lets halted shards try their event again.
pub(crate) async fn retry(shared: &Shared, name: &str, note: &Note) -> Result<(), RuntimeError> {
    let mut change = Change::begin(shared, name, note).await?;
    if change.halted().await?.is_empty() {
        let name = name.to_owned();
        return Err(RuntimeError::NotHalted { name });
    }
    let update = "UPDATE {eventsource_shard} SET halted = NULL, attempts = 0, retry_at = NULL
        WHERE subscription = $1 AND halted IS NOT NULL";
    change.transaction.execute(update, (name,)).await?;
    change.record("retry", What::default()).await
}

/// Passes over the event at which a shard has halted.
pub(crate) async fn skip(
    shared: &Shared,
    name: &str,
    position: Position,
    note: &Note,
) -> Result<(), RuntimeError> {
    let mut change = Change::begin(shared, name, note).await?;
    let halted = change.halted().await?;
    let at = |row: &&ShardRow| {
        row.halted
            .as_ref()
            .is_some_and(|it| it.position() == position)
    };
    let name = name.to_owned();
    let Some(row) = halted.iter().find(at) else {
        return Err(match halted.first().and_then(|row| row.halted.as_ref()) {
            None => RuntimeError::NotHalted { name },
            Some(other) => RuntimeError::HaltedElsewhere {
                name,
                expected: position,
                actual: other.position(),
            },
        });
    };
    let now = now(change.transaction.dialect());
    let sql = format!(
        "UPDATE {{eventsource_shard}} SET position = CASE WHEN position > $4 THEN position ELSE $4 END,
            halted = NULL, attempts = 0, retry_at = NULL, moved_at = {now}
        WHERE subscription = $1 AND generation = $2 AND shard = $3 AND halted IS NOT NULL"
    );
    let subscription = name.clone();
    let key = (
        name,
        row.id.generation.cast_signed(),
        row.id.shard.cast_signed(),
        position,
    );
    change.transaction.execute(&sql, key).await?;
    // It may have halted at an event that was set aside before.
    Parked::of_all(&subscription)
        .pass_over(
            &mut change.transaction,
            position,
            shared.store.clock().now(),
        )
        .await?;
    let halted = row.halted.as_ref();
    let what = What {
        key: None,
        position: halted.map(Halted::position),
        event_id: halted.map(|halted| halted.event_id.clone()),
        error: halted.map(|halted| halted.error.clone()),
    };
    change.record("skip", what).await
}

/// Begins to build a read model anew.
pub(crate) async fn rebuild(shared: &Shared, name: &str, note: &Note) -> Result<(), RuntimeError> {
    let subscription = shared.expect(name)?;
    let name_owned = || name.to_owned();
    if subscription.model.is_none() {
        let kind = subscription.kind();
        let name = name_owned();
        return Err(RuntimeError::NotAModel { name, kind });
    }
    let mut change = Change::begin(shared, name, note).await?;
    if let Some(generation) = change.building().await? {
        let name = name_owned();
        return Err(RuntimeError::Building { name, generation });
    }
    begin_building(&shared.store, &mut change.transaction, subscription).await?;
    change.record("rebuild", What::default()).await
}

/// Makes a generation to compare the live one with, and returns its number.
pub(crate) async fn begin_comparison(
    shared: &Shared,
    name: &str,
    shards: u16,
    note: &Note,
) -> Result<u32, RuntimeError> {
    let subscription = shared.expect(name)?;
    let mut change = Change::begin(shared, name, note).await?;
    let Some(model) = definition(subscription) else {
        let (name, kind) = (name.to_owned(), subscription.kind());
        return Err(RuntimeError::NotAModel { name, kind });
    };
    let transaction = &mut change.transaction;
    let created = shared
        .store
        .create_comparison_within(transaction, &model, shards);
    let generation = created.await?;
    change.record("verify", What::default()).await?;
    Ok(generation)
}

/// Ends a rebuild; what was built is dropped once no worker works on it.
pub(crate) async fn cancel_rebuild(
    shared: &Shared,
    name: &str,
    note: &Note,
) -> Result<(), RuntimeError> {
    let mut change = Change::begin(shared, name, note).await?;
    if change.building().await?.is_none() {
        let name = name.to_owned();
        return Err(RuntimeError::NotBuilding { name });
    }
    let now = now(change.transaction.dialect());
    let sql = format!(
        "UPDATE {{eventsource_shard}} SET building = false, moved_at = {now}
        WHERE subscription = $1 AND building"
    );
    change.transaction.execute(&sql, (name,)).await?;
    change.record("cancel_rebuild", What::default()).await
}

/// What something was done to.
#[derive(Default)]
pub(super) struct What {
    pub(super) key: Option<String>,
    pub(super) position: Option<Position>,
    pub(super) event_id: Option<String>,
    pub(super) error: Option<String>,
}

/// Change of a subscription, with the lock on its row.
pub(super) struct Change<'a> {
    shared: &'a Shared,
    name: &'a str,
    note: &'a Note,
    pub(super) transaction: Transaction<'static>,
    settings: Value,
}

impl<'a> Change<'a> {
    pub(super) async fn begin(
        shared: &'a Shared,
        name: &'a str,
        note: &'a Note,
    ) -> Result<Self, RuntimeError> {
        note.check()?;
        shared.expect(name)?;
        let mut transaction = shared.store.begin().await?;
        let lock = match transaction.dialect() {
            Dialect::Postgres => "FOR UPDATE",
            _ => "",
        };
        let sql =
            format!("SELECT settings FROM {{eventsource_subscription}} WHERE name = $1 {lock}");
        let rows = transaction.fetch(&sql, (name,)).await?;
        let Some(row) = rows.first() else {
            return Err(shared.unknown(name));
        };
        Ok(Self {
            settings: row.get(0)?,
            shared,
            name,
            note,
            transaction,
        })
    }

    /// Returns the shards that have halted.
    async fn halted(&mut self) -> Result<Vec<ShardRow>, RuntimeError> {
        Ok(shards::halted(&mut self.transaction, self.name).await?)
    }

    /// Returns the generation that is being built.
    async fn building(&mut self) -> Result<Option<u32>, RuntimeError> {
        let sql = "SELECT generation FROM {eventsource_shard} WHERE subscription = $1 AND building
            ORDER BY generation DESC LIMIT 1";
        let rows = self.transaction.fetch(sql, (self.name,)).await?;
        let generation: Option<i32> = rows.first().map(|row| row.get(0)).transpose()?;
        Ok(generation.map(i32::cast_unsigned))
    }

    /// Records what was done, commits, and lets the worker of this process look.
    pub(super) async fn record(mut self, operation: &str, what: What) -> Result<(), RuntimeError> {
        let Note { actor, reason } = self.note;
        let subscription = self.name;
        tracing::info!(
            subscription,
            operation,
            actor,
            reason,
            "a person has changed a subscription"
        );
        let mut operations = operations(&self.settings);
        operations.push(Operation {
            operation: operation.to_owned(),
            at: self.shared.store.clock().now(),
            actor: actor.clone(),
            reason: reason.clone(),
            key: what.key,
            position: what.position,
            event_id: what.event_id,
            error: what.error,
        });
        let surplus = operations.len().saturating_sub(KEPT);
        operations.drain(..surplus);
        self.settings["operations"] = json!(operations);
        let update = "UPDATE {eventsource_subscription} SET settings = $2 WHERE name = $1";
        self.transaction
            .execute(update, (self.name, &self.settings))
            .await?;
        self.transaction.commit().await?;
        self.shared.wake.notify_one();
        Ok(())
    }
}

/// Returns what people have done, as the settings of a subscription say.
pub(crate) fn operations(settings: &Value) -> Vec<Operation> {
    let recorded = settings.get("operations").cloned().unwrap_or_default();
    serde_json::from_value(recorded).unwrap_or_default()
}
