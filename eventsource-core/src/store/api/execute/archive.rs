//! Archive: commands with their outcomes, in the table `eventsource_command`.
//!
//! A command that is carried out is written in the transaction of its events, one that is not by itself.
//! Whoever comes first has the row: another outcome of the same command is not stored beside it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use eventsource_model::EventIndex;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;

use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::companion::{BoxError, Companion, Connection, Own, Stored};
use crate::store::contract::tables::Tables;
use crate::{
    ArchivedCommand, CommandOutcome, EntityId, Error, Event, EventStore, EventType, Metadata, Seq,
};

/// Name of the archive in errors.
const NAME: &str = "archive of commands";

/// Stores a command, unless it is there with an outcome.
const STORE: &str =
    "INSERT INTO {eventsource_command} AS command (entity_id, entity, actor, command_id,
    name, payload, metadata, received_at, outcome, answer, first_seq, last_seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (entity_id, entity, actor, command_id) DO UPDATE
SET outcome = excluded.outcome, answer = excluded.answer, first_seq = excluded.first_seq,
    last_seq = excluded.last_seq, next_try_at = NULL
WHERE command.outcome IN ('pending', 'failed')";

/// Stores a command to be executed later, unless it is there.
const SUBMIT: &str = "INSERT INTO {eventsource_command} (entity_id, entity, actor, command_id,
    name, payload, metadata, received_at, outcome, next_try_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $8)
ON CONFLICT (entity_id, entity, actor, command_id) DO NOTHING";

const FIND: &str =
    "SELECT name, payload, metadata, received_at, outcome, answer, first_seq, last_seq,
    attempts, next_try_at
FROM {eventsource_command}
WHERE entity_id = $1 AND entity = $2 AND actor = $3 AND command_id = $4";

/// How a command and its refusal are written, where they are archived.
pub(super) struct Codec<C, R> {
    pub(super) command: fn(&C) -> serde_json::Result<Value>,
    pub(super) refusal: fn(&R) -> serde_json::Result<Value>,
}

impl<C: Serialize, R: Serialize> Codec<C, R> {
    pub(super) fn new() -> Self {
        Self {
            command: |command| serde_json::to_value(command),
            refusal: |refusal| serde_json::to_value(refusal),
        }
    }
}

/// Command on its way to the archive.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(super) entity_id: EntityId,
    pub(super) entity: &'static str,
    pub(super) command_id: String,
    pub(super) name: &'static str,
    pub(super) payload: Value,
    pub(super) metadata: Metadata,
    pub(super) received_at: DateTime<Utc>,
    /// Tells whether an event records a rejection.
    pub(super) is_rejection: fn(EventIndex) -> bool,
}

/// Tells whether an event of `E` records a rejection.
pub(super) fn is_rejection<E: Event>(event: EventIndex) -> bool {
    E::Type::from_index(event).is_some_and(EventType::is_rejection)
}

/// Outcome that is stored with a command.
pub(super) struct Stamp {
    pub(super) outcome: &'static str,
    pub(super) answer: Option<Value>,
    pub(super) seqs: Option<(Seq, Seq)>,
}

impl Entry {
    fn actor(&self) -> &str {
        self.metadata.actor.as_deref().unwrap_or_default()
    }

    fn metadata(&self) -> Result<Value, Error> {
        serde_json::to_value(&self.metadata).map_err(|error| Error::database(error.to_string()))
    }

    /// Writes the command; returns whether it was there with an outcome already.
    pub(super) async fn store(
        &self,
        transaction: &mut Transaction<'_>,
        stamp: Stamp,
    ) -> Result<bool, Error> {
        let (first, last) = stamp.seqs.unzip();
        let values = (
            self.entity_id,
            self.entity,
            self.actor(),
            self.command_id.as_str(),
            self.name,
            self.payload.clone(),
            self.metadata()?,
            self.received_at,
            stamp.outcome,
            stamp.answer,
            first,
            last,
        );
        Ok(transaction.execute(STORE, values).await? == 0)
    }

    /// Writes the command as one to be executed later, unless it is there.
    pub(super) async fn submit(&self, transaction: &mut Transaction<'_>) -> Result<(), Error> {
        let values = (
            self.entity_id,
            self.entity,
            self.actor(),
            self.command_id.as_str(),
            self.name,
            self.payload.clone(),
            self.metadata()?,
            self.received_at,
        );
        transaction.execute(SUBMIT, values).await.map(drop)
    }

    /// Returns what writes the command in the transaction of its events.
    pub(crate) fn companion(&self, tables: Tables) -> Own {
        Own {
            companion: Arc::new(Archive { tables }),
            content: Box::new(self.clone()),
        }
    }
}

/// Writer of commands in the transaction of their events.
struct Archive {
    tables: Tables,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Archive")
    }
}

/// Command that is in the archive with an outcome by now.
#[derive(Debug, thiserror::Error)]
#[error("the command has an outcome already")]
struct HasOutcome;

impl Companion for Archive {
    fn name(&self) -> &str {
        NAME
    }

    fn write<'a>(
        &'a self,
        stored: &'a [Stored<'a>],
        connection: Connection<'a>,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            let tables = self.tables.clone();
            let mut transaction = match connection {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(connection) => Transaction::within_sqlite(connection, tables),
                #[cfg(feature = "postgres")]
                Connection::Postgres(connection) => {
                    Transaction::within_postgres(connection, tables)
                }
            };
            for request in stored {
                let content = request.own.map(|own| &own.content);
                let Some(entry) = content.and_then(|content| content.downcast_ref::<Entry>())
                else {
                    continue;
                };
                let rows = &request.rows;
                let mut entry = entry.clone();
                if let Some(first) = rows.first() {
                    entry.entity_id = first.entity_id.into();
                }
                let rejected = rows.iter().any(|row| (entry.is_rejection)(row.event_type));
                let stamp = Stamp {
                    outcome: if rejected { "rejected" } else { "accepted" },
                    answer: None,
                    seqs: rows
                        .first()
                        .zip(rows.last())
                        .map(|(first, last)| (first.seq, last.seq)),
                };
                if entry.store(&mut transaction, stamp).await? {
                    return Err(HasOutcome.into());
                }
            }
            Ok(())
        })
    }
}

/// Returns the error of the archive itself, and `None` if the command has an outcome by now.
pub(super) fn archive_error(error: Error) -> Option<Error> {
    match error {
        Error::ByProjection { name, source } if name == NAME => {
            if source.is::<HasOutcome>() {
                return None;
            }
            Some(match source.downcast::<Error>() {
                Ok(error) => *error,
                Err(source) => Error::ByProjection { name, source },
            })
        }
        error => Some(error),
    }
}

impl<E: Event> EventStore<E> {
    /// Returns a command that was [archived](crate::Execute::archived) or
    /// [submitted](crate::Execute::submit), with its outcome; `None` if the actor has given none with this
    /// id to this entity. An actor of `None` is a command without one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`], [`Error::RuntimeNotMigrated`] if there is no archive.
    ///
    /// ```no_run
    /// # use eventsource_core::{EntityId, Error, Event, EventStore};
    /// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId) -> Result<(), Error> {
    /// if let Some(command) = tasks.command(id, "request-7", Some("ann")).await? {
    ///     println!("{} of {}: {:?}", command.name, command.received_at, command.outcome);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn command(
        &self,
        id: EntityId,
        command_id: &str,
        actor: Option<&str>,
    ) -> Result<Option<ArchivedCommand>, Error> {
        let actor = actor.unwrap_or_default();
        // No database stores U+0000 in a text.
        if command_id.contains('\0') || actor.contains('\0') {
            return Ok(None);
        }
        let mut transaction = self.store.begin().await?;
        let rows = transaction
            .fetch(FIND, (id, E::ENTITY, actor, command_id))
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let seqs = || -> Result<_, Error> {
            Ok(row.get::<Option<Seq>>(6)?.zip(row.get::<Option<Seq>>(7)?))
        };
        let answer: Option<Value> = row.get(5)?;
        let message = || {
            let message = answer.as_ref().and_then(|answer| answer.get("message"));
            message
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let outcome = match row.get::<String>(4)?.as_str() {
            "pending" => CommandOutcome::Pending {
                attempts: u32::try_from(row.get::<i32>(8)?).unwrap_or_default(),
                next_try_at: row.get(9)?,
            },
            "accepted" => CommandOutcome::Accepted { seqs: seqs()? },
            "rejected" => CommandOutcome::Rejected { seqs: seqs()? },
            "refused" => CommandOutcome::Refused {
                message: message(),
                refusal: (answer.as_ref().and_then(|answer| answer.get("refusal")))
                    .cloned()
                    .unwrap_or_default(),
            },
            _ => CommandOutcome::Failed { message: message() },
        };
        let metadata: Value = row.get(2)?;
        Ok(Some(ArchivedCommand {
            entity_id: id,
            command_id: command_id.to_owned(),
            name: row.get(0)?,
            payload: row.get(1)?,
            metadata: serde_json::from_value(metadata)
                .map_err(|error| Error::undecodable(error.into()))?,
            received_at: row.get(3)?,
            outcome,
        }))
    }
}
