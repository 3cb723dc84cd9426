//! What can go wrong, and whether trying again can help.

use eventsource_model::{AutoTransitionLoop, Fingerprint, Rejection};

use crate::store::contract::import_report::Imported;
use crate::store::contract::import_violation::IllegalEvent;
use crate::store::contract::invalid_input::InvalidInput;
use crate::{EntityId, PayloadError, Seq};

/// Why the store did not do what it was asked. It changed nothing, except where
/// [`Error::Unavailable`] or [`Error::ImportIncomplete`] says otherwise.
///
/// ```
/// use eventsource_core::{EntityId, Error, Retry, Seq};
///
/// let entity_id = EntityId::new();
/// let error = Error::Conflict {
///     entity_id,
///     id: entity_id.to_string(),
///     expected: Seq::new(3),
///     actual: Seq::new(4),
/// };
/// assert_eq!(error.retry(), Retry::AfterReload);
/// assert!(error.to_string().ends_with("expected sequence 3, actual 4"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules do not allow the event in the entity's state (M18).
    #[error("{rejection}")]
    Rejected {
        /// The entity.
        entity_id: EntityId,
        /// How many events the entity has.
        actual: Seq,
        /// Which event, in which state, and what would be legal.
        rejection: Rejection,
    },
    /// The rules do not let this actor write the event, whatever the state (C5, X17). Nothing was
    /// sent to the database.
    #[error("{}", actor_not_allowed(event_type, allowed, actual))]
    ActorNotAllowed {
        /// The event type.
        event_type: String,
        /// The names of the roles that may write it; one of them is enough.
        allowed: Vec<String>,
        /// The names of the roles that the actor has, sorted; none if the append names no actor.
        actual: Vec<String>,
    },
    /// The ids of these entities are counted, and the counter has not given this one: an entity
    /// begins with [`EventStore::create`](crate::EventStore::create) (C7).
    #[error("the id {id} was not given by the counter of '{entity}': begin it with `create`")]
    IdNotAllocated {
        /// The entity.
        entity: &'static str,
        /// The id, as the machine writes it.
        id: String,
    },
    /// A required field of the payload has no value (M14, M18); also of an auto transition, which
    /// takes its payload from the event that caused it (M21).
    #[error("Event type '{event_type}' requires '{field}'")]
    MissingField {
        /// The event type.
        event_type: String,
        /// The field.
        field: String,
    },
    /// The entity has other events than the caller has seen.
    #[error("entity {id} has changed: expected sequence {expected}, actual {actual}")]
    Conflict {
        /// The entity.
        entity_id: EntityId,
        /// The same, as the machine writes it.
        id: String,
        /// The sequence the caller expected.
        expected: Seq,
        /// The sequence the entity has.
        actual: Seq,
    },
    /// The idempotency key named another request before.
    #[error("the idempotency key '{key}' was used for another request")]
    IdempotencyKeyReused {
        /// The key.
        key: String,
    },
    /// Input that is refused before anything is sent to the database.
    #[error(transparent)]
    InvalidInput(#[from] InvalidInput),
    /// The event would start auto transitions that never end.
    #[error(transparent)]
    AutoTransitionLoop(#[from] AutoTransitionLoop),
    /// A payload does not fit the event: of a new event that is not an object of fields, or of a
    /// stored one that the enum no longer describes.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// An import has an event that is illegal.
    #[error("not imported: {0}")]
    ImportRejected(#[source] Box<IllegalEvent>),
    /// An import in [chunks](crate::Import::commit_every) did not reach its end, and some of the chunks
    /// are stored: import the same events again, with [`resume`](crate::Import::resume).
    #[error(
        "imported up to event {through} ({} events stored), and no further: {source}",
        committed.events
    )]
    ImportIncomplete {
        /// What is stored for certain. If the connection was lost while committing, the chunk after
        /// it may be stored too.
        committed: Imported,
        /// The line of the last event up to which all are stored, or its place in the stream, from 1.
        through: u64,
        /// Why it went no further.
        source: Box<Error>,
    },
    /// The lines of an import cannot be read, or those of an export not written.
    #[error("cannot read or write the lines: {source}")]
    Io {
        /// What the reader or the writer says.
        source: std::io::Error,
    },
    /// The tables of this entity do not exist yet.
    #[error("the tables of '{entity}' do not exist: run `migrate` first")]
    NotMigrated {
        /// The entity.
        entity: &'static str,
    },
    /// The program's rules are not those of the database.
    #[error(
        "the rules of '{entity}' have changed: the program has {program}, the database {database}; \
         run `migrate`"
    )]
    RulesMismatch {
        /// The entity.
        entity: &'static str,
        /// The fingerprint of the program's rules.
        program: Fingerprint,
        /// The fingerprint of the rules that the tables enforce.
        database: String,
    },
    /// While this program was running another one gave the tables other rules, and what they hold
    /// now this program does not know or may not write. Bring it to the same rules.
    #[error("the rules of '{entity}' were changed by another program")]
    RulesChanged {
        /// The entity.
        entity: &'static str,
    },
    /// The payload types do not agree with the rules.
    #[error("'{entity}' cannot be stored: {reason}")]
    InvalidMachine {
        /// The entity.
        entity: &'static str,
        /// What does not agree.
        reason: String,
    },
    /// The tables cannot be made to enforce the program's rules.
    #[error("cannot migrate '{entity}': {reason}")]
    MigrationRefused {
        /// The entity.
        entity: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// The role that the program connects as may not make or change the tables: `migrate` is for
    /// their owner. Or run the text of [`ddl::postgres_create`](crate::ddl) by hand.
    #[error(
        "the role of this connection may not make or change the tables of '{entity}': run \
         `migrate` as their owner: {source}"
    )]
    NotPermitted {
        /// The entity.
        entity: &'static str,
        /// What the database says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The URL is not of a database that this program supports.
    #[error("cannot open '{scheme}:': {reason}")]
    UnsupportedUrl {
        /// The scheme of the URL; the rest may hold a password.
        scheme: String,
        /// What is supported.
        reason: &'static str,
    },
    /// The database cannot be reached, is busy, or is shutting down. If the connection was lost
    /// while committing, the events may have been stored: try again with an idempotency key.
    #[error("the database is not available: {source}")]
    Unavailable {
        /// What the database or the connection says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database refused, or holds what this program did not write.
    #[error("the database failed: {source}")]
    Database {
        /// What the database says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Whether the same request can succeed when it is tried again.
///
/// ```
/// # use eventsource_core::{Error, Retry};
/// fn worth_another_try(error: &Error) -> bool {
///     error.retry() != Retry::Never
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// No: the request itself must change.
    Never,
    /// After loading the entity and deciding anew.
    AfterReload,
    /// As it is, a little later.
    Later,
}

fn actor_not_allowed(event_type: &str, allowed: &[String], actual: &[String]) -> String {
    let actual = match actual {
        [] => "none".to_owned(),
        roles => roles.join(", "),
    };
    let allowed = allowed.join(", ");
    format!("Event type '{event_type}' is for {allowed} to write; the actor's roles: {actual}")
}

impl Error {
    /// Something in the database that this crate did not write.
    #[cfg(feature = "_store")]
    pub(crate) fn database(message: impl Into<String>) -> Self {
        Self::Database {
            source: message.into().into(),
        }
    }

    /// A value of the database that cannot be what it should be.
    #[cfg(feature = "postgres")]
    pub(crate) fn undecodable(source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Database { source }
    }

    /// Whether trying again can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Conflict { .. } => Retry::AfterReload,
            Self::Unavailable { .. } => Retry::Later,
            Self::ImportIncomplete { source, .. } => source.retry(),
            _ => Retry::Never,
        }
    }
}
