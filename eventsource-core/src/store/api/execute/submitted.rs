//! Execution of commands that were submitted for later.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::store::api::execute::run::Execution;
use crate::{Command, Dialect, EntityId, Error, Event, EventStore, ExecuteError, Metadata, Retry};

/// Time for which a command belongs to whoever has begun to execute it.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Number of tries after which a command has failed.
const MOST_ATTEMPTS: u32 = 12;

/// Longest time between two tries.
const LONGEST_DELAY: Duration = Duration::from_mins(5);

/// Command that this program has begun to execute.
struct Claimed {
    entity_id: EntityId,
    command_id: String,
    payload: Value,
    metadata: Metadata,
    attempts: u32,
}

impl<E: Event> EventStore<E> {
    /// Executes commands of this type that were [submitted](crate::Execute::submit) and are due, up to
    /// `most` of them, one after the other in the order of their times; returns how many it has begun.
    ///
    /// Any number of programs may do so at once: each command is executed once in effect, also if the one
    /// that has begun to is killed. Another begins again half a minute after that. If the database is not
    /// available, or the entity changes all the time, it is tried again later, up to 12 times with longer
    /// and longer pauses; an error that no repetition helps is its end at once.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`], [`Error::RuntimeNotMigrated`] if there is no archive.
    ///
    /// ```no_run
    /// # use eventsource_core::{Command, EntityId, Error, Event, EventStore};
    /// # use serde::{Serialize, de::DeserializeOwned};
    /// # async fn example<E: Event, C: Command<E> + Serialize + DeserializeOwned>(
    /// #     tasks: EventStore<E>,
    /// # ) -> Result<(), Error> where C::Refusal: Serialize {
    /// while tasks.execute_submitted::<C>(100).await? > 0 {}
    /// # Ok(())
    /// # }
    /// ```
    pub async fn execute_submitted<C>(&self, most: u32) -> Result<u32, Error>
    where
        C: Command<E> + Serialize + DeserializeOwned,
        C::Refusal: Serialize,
    {
        for begun in 0..most {
            let now = self.store.now().await?;
            // One at a time, so that nothing that is only waiting uses up its lease.
            let Some(claimed) = self.claim::<C>(now).await? else {
                return Ok(begun);
            };
            let error = match serde_json::from_value::<C>(claimed.payload.clone()) {
                Err(error) => Some((error.to_string(), Retry::Never)),
                Ok(command) => {
                    let mut execution = Execution::new(self, Some(claimed.entity_id), command);
                    execution.metadata = claimed.metadata.clone();
                    execution.metadata.idempotency_key = Some(claimed.command_id.clone());
                    match execution.archiving().run().await {
                        Err(ExecuteError::Store(error)) => Some((error.to_string(), error.retry())),
                        // Its outcome is in the archive.
                        Ok(_) | Err(_) => None,
                    }
                }
            };
            if let Some((message, retry)) = error {
                self.put_off(&claimed, &message, retry).await?;
            }
        }
        Ok(most)
    }

    /// Takes the next due command, so that no other program does for a while.
    async fn claim<C: Command<E>>(&self, now: DateTime<Utc>) -> Result<Option<Claimed>, Error> {
        let mut transaction = self.store.begin().await?;
        let lock = match transaction.dialect() {
            Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
            // The transaction has the whole file.
            Dialect::Sqlite => "",
        };
        let sql = format!(
            "UPDATE {{eventsource_command}} SET attempts = attempts + 1, next_try_at = $4
WHERE (entity_id, entity, actor, command_id) IN (
    SELECT entity_id, entity, actor, command_id FROM {{eventsource_command}}
    WHERE outcome = 'pending' AND entity = $1 AND name = $2 AND next_try_at <= $3
    ORDER BY next_try_at LIMIT 1 {lock}
)
RETURNING entity_id, command_id, payload, metadata, attempts"
        );
        let values = (E::ENTITY, C::NAME, now, now + LEASE);
        let rows = transaction.fetch(&sql, values).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let metadata: Value = row.get(3)?;
        let claimed = Claimed {
            entity_id: row.get(0)?,
            command_id: row.get(1)?,
            payload: row.get(2)?,
            metadata: serde_json::from_value(metadata)
                .map_err(|error| Error::undecodable(error.into()))?,
            attempts: u32::try_from(row.get::<i32>(4)?).unwrap_or_default(),
        };
        transaction.commit().await?;
        Ok(Some(claimed))
    }

    /// Writes why a command was not executed, and when it is tried again, if it is.
    async fn put_off(&self, claimed: &Claimed, message: &str, retry: Retry) -> Result<(), Error> {
        let ends = retry == Retry::Never || claimed.attempts >= MOST_ATTEMPTS;
        let outcome = if ends { "failed" } else { "pending" };
        let delay = Duration::from_secs(1 << claimed.attempts.min(16)).min(LONGEST_DELAY);
        let next_try_at = (!ends).then_some(self.store.now().await? + delay);
        let values = (
            claimed.entity_id,
            E::ENTITY,
            claimed.metadata.actor.as_deref().unwrap_or_default(),
            claimed.command_id.as_str(),
            outcome,
            json!({ "message": message }),
            next_try_at,
            i32::try_from(claimed.attempts).unwrap_or(i32::MAX),
        );
        let mut transaction = self.store.begin().await?;
        // Somebody else may have begun again since.
        let sql = "UPDATE {eventsource_command} SET outcome = $5, answer = $6, next_try_at = $7
WHERE entity_id = $1 AND entity = $2 AND actor = $3 AND command_id = $4
    AND outcome = 'pending' AND attempts = $8";
        transaction.execute(sql, values).await?;
        transaction.commit().await
    }
}
