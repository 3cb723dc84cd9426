//! What an execution did, and why it did nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{EntityId, Error, Event, RecordedEvent, Retry};

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
