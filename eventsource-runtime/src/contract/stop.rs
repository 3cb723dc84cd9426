//! How far a batch is done, or why it is not.

use eventsource_core::{Error, EventId, Position, Retry};

use crate::contract::event::SourceEvent;

/// How far a batch is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Position up to which everything is done.
    pub(crate) done: Position,
    /// Whether the position is worth a write: something was done that should not be done again.
    pub(crate) effects: bool,
}

impl Progress {
    /// Everything up to this position is done, and something had effects.
    pub(crate) fn done(done: Position) -> Self {
        let effects = true;
        Self { done, effects }
    }

    /// Everything up to this position is done, and nothing was to be done.
    pub(crate) fn passed(done: Position) -> Self {
        let effects = false;
        Self { done, effects }
    }
}

/// Reason why a batch is not done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Failure of some event of the batch, in a consumer whose effects are all in the transaction.
    ///
    /// The runner rolls back, finds the event by smaller batches, tries it again for some seconds, and
    /// halts the shard at it.
    Failed {
        /// Position of the event, if the consumer knows it.
        at: Option<Position>,
        /// Error of the event.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Event that ends the work on this shard until a person decides.
    Halt(Halt),
    /// Event of a newer program; the shard is left to workers that know it.
    Newer {
        /// Name of the entity type.
        entity: &'static str,
    },
    /// Failure of the database, not of an event: the batch is tried again after a pause.
    Store(Error),
    /// Shard that another worker has taken over, or worker that is stopping.
    Lost,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// Event at which a shard has halted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Halt {
    /// Position of the event.
    pub(crate) position: Position,
    /// Id of the event.
    pub(crate) event_id: EventId,
    /// Error, with its sources.
    pub(crate) error: String,
}

impl Halt {
    /// Halts at an event because of an error.
    pub(crate) fn at(event: &SourceEvent, error: &(dyn std::error::Error + 'static)) -> Self {
        Self {
            position: event.position,
            event_id: event.event_id,
            error: with_sources(error),
        }
    }
}

/// Writes an error with those that caused it.
pub(crate) fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // Errors that pass on what is in them say it already.
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}

/// Tells whether an error is none of the event: the database cannot be reached, or is busy.
pub(crate) fn is_of_database(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<Error>() {
            return error.retry() == Retry::Later;
        }
        next = error.source();
    }
    false
}
