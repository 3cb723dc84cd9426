//! Errors of a runtime.

use eventsource_core::{Error, Position, Retry};

use crate::contract::kind::Kind;

/// Mistakes in the subscriptions of a runtime: all that were found.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), eventsource_core::Error> {
/// # let store = eventsource_core::Store::connect("sqlite::memory:").await?;
/// let error = eventsource_runtime::Runtime::new(&store).connections(0).build().await.unwrap_err();
/// assert_eq!(error.to_string(), "the runtime may use no connections: allow it one or more");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{}", listed(.mistakes))]
#[non_exhaustive]
pub struct BuildError {
    /// Mistakes; at least one.
    pub mistakes: Vec<BuildMistake>,
}

/// Mistake in the subscriptions of a runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildMistake {
    /// Runtime that may use no connections.
    #[error("the runtime may use no connections: allow it one or more")]
    NoConnections,
    /// Name that is malformed.
    #[error(
        "'{name}' names no subscription: a name is a lower-case letter and then up to 47 lower-case \
         letters, digits and underscores"
    )]
    Name {
        /// Name of the subscription.
        name: String,
    },
    /// Name of two subscriptions.
    #[error("two subscriptions are named '{name}'")]
    DuplicateName {
        /// Name of the subscriptions.
        name: String,
    },
    /// Subscription that reads no machine.
    #[error("'{name}' reads nothing: add `.reads(&events)`")]
    ReadsNothing {
        /// Name of the subscription.
        name: String,
    },
    /// Subscription that reads a machine twice.
    #[error("'{name}' reads '{entity}' twice")]
    ReadsTwice {
        /// Name of the subscription.
        name: String,
        /// Name of the entity type.
        entity: &'static str,
    },
    /// Number of shards that is no power of two up to 256.
    #[error("'{name}' has {shards} shards: the number must be a power of two, up to 256")]
    Shards {
        /// Name of the subscription.
        name: String,
        /// Number of shards.
        shards: u16,
    },
    /// Number of shards that differs from that of the tables.
    #[error(
        "'{name}' was made with {actual} shards, and the program says {expected}: the number is fixed \
         when a subscription is made"
    )]
    ShardsChanged {
        /// Name of the subscription.
        name: String,
        /// Number that the program says.
        expected: u16,
        /// Number in the tables.
        actual: u16,
    },
    /// Kind that differs from that of the tables.
    #[error(
        "'{name}' is a {expected} in the program and a {actual} in the tables: rename one of them"
    )]
    KindChanged {
        /// Name of the subscription.
        name: String,
        /// Kind that the program says.
        expected: Kind,
        /// Kind in the tables.
        actual: String,
    },
    /// Version that is lower than that of the live generation.
    #[error(
        "'{name}' has version {program} in the program and {live} in the tables: update the program"
    )]
    OlderVersion {
        /// Name of the subscription.
        name: String,
        /// Version of the program.
        program: u32,
        /// Version of the live generation.
        live: u32,
    },
    /// Subscription that sends events away, and reads a machine without a named reader.
    #[error(
        "'{name}' sends events of '{entity}' to others and must say as whom it reads them: \
         `.reads(&events.reading_as(..))`, or `reading_anonymously()`"
    )]
    NoReader {
        /// Name of the subscription.
        name: String,
        /// Name of the entity type.
        entity: &'static str,
    },
    /// Settings of a subscription that cannot be used.
    #[error("'{name}': {source}")]
    Settings {
        /// Name of the subscription.
        name: String,
        /// What is wrong with them, such as a [`WebhookError`](crate::WebhookError).
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Subscription whose rows and tables do not exist and could not be made.
    #[error(
        "the rows and tables of '{name}' could not be made; their owner makes them, by building the \
         runtime once: {source}"
    )]
    NotMade {
        /// Name of the subscription.
        name: String,
        /// Error of the store, such as a right that the role lacks.
        source: Error,
    },
    /// Failure of the store while the subscriptions were looked up or made.
    #[error(transparent)]
    Store(#[from] Error),
}

fn listed(mistakes: &[BuildMistake]) -> String {
    let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    mistakes.join("; ")
}

impl From<Error> for BuildError {
    fn from(error: Error) -> Self {
        BuildMistake::from(error).into()
    }
}

impl From<BuildMistake> for BuildError {
    fn from(mistake: BuildMistake) -> Self {
        Self {
            mistakes: vec![mistake],
        }
    }
}

/// Error of an operation on a runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// Failure of the store.
    #[error(transparent)]
    Store(#[from] Error),
    /// Subscription that the program does not have.
    #[error("no subscription of this program is named '{name}'; there are {known}")]
    Unknown {
        /// Name that was asked for.
        name: String,
        /// Names of the subscriptions.
        known: String,
    },
    /// Subscription none of whose shards has halted.
    #[error("'{name}' has not halted")]
    NotHalted {
        /// Name of the subscription.
        name: String,
    },
    /// Event to skip that is not the one at which the subscription has halted.
    #[error("'{name}' has halted at position {actual}, not at {expected}: nothing was skipped")]
    HaltedElsewhere {
        /// Name of the subscription.
        name: String,
        /// Position that was to be skipped.
        expected: Position,
        /// Position at which it has halted.
        actual: Position,
    },
    /// Subscription that is no read model, so that there is nothing to build.
    #[error("'{name}' is a {kind}, not a read model: its events are not processed again")]
    NotAModel {
        /// Name of the subscription.
        name: String,
        /// What it is.
        kind: Kind,
    },
    /// Read model that is being built already.
    #[error("generation {generation} of '{name}' is being built already")]
    Building {
        /// Name of the subscription.
        name: String,
        /// Number of the generation.
        generation: u32,
    },
    /// Read model that is not being built.
    #[error("'{name}' is not being built")]
    NotBuilding {
        /// Name of the subscription.
        name: String,
    },
    /// Key that is not set aside.
    #[error("'{name}' has not set the key {key:?} aside")]
    NotParked {
        /// Name of the subscription.
        name: String,
        /// Key that was asked for.
        key: String,
    },
    /// Event to skip that is not the one with which a key waits.
    #[error(
        "the key {key:?} of '{name}' waits with the event at position {actual}, not {expected}: nothing \
         was skipped"
    )]
    ParkedElsewhere {
        /// Name of the subscription.
        name: String,
        /// Key.
        key: String,
        /// Position that was to be skipped.
        expected: Position,
        /// Position of the event that is tried next.
        actual: Position,
    },
    /// Subscription that is no handler, so that nothing can be delivered again.
    #[error("'{name}' is a {kind}, not a handler: only handlers are given events again")]
    NotAHandler {
        /// Name of the subscription.
        name: String,
        /// What it is.
        kind: Kind,
    },
    /// Position that no shard of the subscription has passed.
    #[error("'{name}' has not come past position {position}: there is nothing to deliver again")]
    NotReached {
        /// Name of the subscription.
        name: String,
        /// Position that was given.
        position: Position,
    },
    /// Read model that was changed by another process while it was compared.
    #[error("another process has changed '{name}' while it was compared: try again")]
    Busy {
        /// Name of the subscription.
        name: String,
    },
    /// Note that says nothing, or too much.
    #[error(
        "the {field} must be a text of 1 to {most} bytes without U+0000; it has {length} bytes"
    )]
    Note {
        /// Field of the note.
        field: &'static str,
        /// Longest text, in bytes.
        most: usize,
        /// Length of the text, in bytes.
        length: usize,
    },
    /// Subscription that has halted.
    #[error("'{name}' has halted at position {position}: {error}")]
    Halted {
        /// Name of the subscription.
        name: String,
        /// Position of the event at which it has halted.
        position: Position,
        /// Error of the event.
        error: String,
    },
}

impl RuntimeError {
    /// Returns whether a retry can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Store(error) => error.retry(),
            Self::Busy { .. } => Retry::Later,
            _ => Retry::Never,
        }
    }
}
