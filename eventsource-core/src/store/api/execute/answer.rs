//! What an execution did, and why it did nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{EntityId, Error, Event, EventType, Metadata, RecordedEvent, Retry, Seq};

/// What the execution of a command did.
///
/// ```no_run
/// # use eventsource_core::{Command, EntityId, Event, EventStore, ExecuteError};
/// # async fn example<E: Event, C: Command<E>>(
/// #     tasks: EventStore<E>, id: EntityId, command: C,
/// # ) -> Result<(), ExecuteError<C::Refusal>> {
/// let executed = tasks.execute(id, command).command_id("request-7").await?;
/// println!("{} events, replayed: {}", executed.events.len(), executed.replayed);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Executed<E: Event> {
    /// Id of the entity, which [`execute_new`](crate::EventStore::execute_new) has created.
    ///
    /// If it decided that nothing happens, there is no entity with this id.
    pub entity_id: EntityId,
    /// Stored events, each followed by its auto transitions; empty if there was nothing to do.
    pub events: Vec<RecordedEvent<E>>,
    /// Whether an earlier execution with the same command id has done this, and this one nothing.
    pub replayed: bool,
    /// Number of times that the command was asked to decide; 0 if it was not.
    pub tries: u32,
}

impl<E: Event> Executed<E> {
    /// Returns the event that records a rejection, if the command decided that: the state is as it was.
    #[must_use]
    pub fn rejection(&self) -> Option<&RecordedEvent<E>> {
        let mut events = self.events.iter();
        events.find(|event| event.event.event_type().is_rejection())
    }
}

/// Command in the archive, with its outcome: see [`Execute::archived`](crate::Execute::archived).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ArchivedCommand {
    /// Id of the entity.
    pub entity_id: EntityId,
    /// Id of the command.
    pub command_id: String,
    /// [Name](crate::Command::NAME) of the command.
    pub name: String,
    /// Command, as serde wrote it.
    pub payload: Value,
    /// Actor, correlation and causation.
    pub metadata: Metadata,
    /// Time at which it came.
    pub received_at: DateTime<Utc>,
    /// What has come of it.
    pub outcome: CommandOutcome,
}

/// What has come of a command in the archive.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CommandOutcome {
    /// It is still to be executed.
    Pending {
        /// Number of times that somebody has begun to.
        attempts: u32,
        /// Time before which nobody tries again.
        next_try_at: Option<DateTime<Utc>>,
    },
    /// It was executed.
    Accepted {
        /// First and last event that it has stored, if there was something to do.
        seqs: Option<(Seq, Seq)>,
    },
    /// It has stored an event that [records a rejection](crate::EventType::is_rejection).
    Rejected {
        /// First and last event that it has stored.
        seqs: Option<(Seq, Seq)>,
    },
    /// It has refused.
    Refused {
        /// Refusal, as text.
        message: String,
        /// Refusal, as serde wrote it.
        refusal: Value,
    },
    /// Nobody could execute it, and nobody tries again.
    Failed {
        /// Last error.
        message: String,
    },
}

/// Why a command was not executed. Nothing was stored, except perhaps after
/// [`Error::Unavailable`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError<R> {
    /// Refusal by the command.
    #[error(transparent)]
    Refused(R),
    /// Refusal of an earlier execution with the same command id, which is in the archive.
    #[error("refused at {at}: {message}")]
    RefusedBefore {
        /// Refusal, as text.
        message: String,
        /// Refusal, as serde wrote it.
        refusal: Value,
        /// Time of that refusal.
        at: DateTime<Utc>,
    },
    /// Error of the store, such as one of the rules of the machine.
    #[error(transparent)]
    Store(#[from] Error),
}

impl<R> ExecuteError<R> {
    /// Returns whether a retry can help.
    ///
    /// After [`Error::Conflict`] the entity has changed as often as the execution has
    /// [tried](crate::Execute::tries), or is not as [expected](crate::Execute::expecting).
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Refused(_) | Self::RefusedBefore { .. } => Retry::Never,
            Self::Store(error) => error.retry(),
        }
    }
}
