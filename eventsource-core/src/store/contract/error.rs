//! Error of all operations of a store, and whether a retry can help.

use eventsource_model::{AutoTransitionLoop, Fingerprint, Rejection};

#[cfg(feature = "_store")]
use crate::store::contract::cause::database_error;
use crate::store::contract::import_report::Imported;
use crate::store::contract::import_violation::IllegalEvent;
use crate::store::contract::invalid_input::InvalidInput;
use crate::store::contract::unreadable_event::UnreadableEvent;
use crate::{EntityId, PayloadError, Position, Seq};

/// Error of any operation of a store. A failed operation has changed nothing, except where
/// [`Error::Unavailable`] or [`Error::ImportIncomplete`] says otherwise.
///
/// The table lists the operations that can raise each variant, and whether a retry helps, as
/// [`Error::retry`] says too. `migrate` also opens the tables. An import checks events as an append
/// does, but reports an illegal one as `ImportRejected`. *Read* stands for heads, events, searches,
/// folds, feeds, exports and verification.
///
/// | variant | connect | migrate, open | append | import | read | retry helps |
/// | --- | --- | --- | --- | --- | --- | --- |
/// | [`UnsupportedUrl`](Self::UnsupportedUrl) | yes | | | | | no: correct the URL or enable the feature |
/// | [`PoolerNotDeclared`](Self::PoolerNotDeclared) | yes | yes | yes | yes | yes | no: declare the pooler |
/// | [`DatabaseFileReplaced`](Self::DatabaseFileReplaced) | | yes | yes | yes | | no: put the file back, or connect again |
/// | [`UnsupportedEncoding`](Self::UnsupportedEncoding) | yes | | | | | no: create the database with UTF8 |
/// | [`NotMigrated`](Self::NotMigrated) | | open | | | verify | no: migrate first |
/// | [`RuntimeNotMigrated`](Self::RuntimeNotMigrated) | | | | | yes | no: run `migrate_runtime` first |
/// | [`ModelNotMigrated`](Self::ModelNotMigrated) | | | | | views | no: create the generation first |
/// | [`Behind`](Self::Behind) | | | | | views | later, unchanged |
/// | [`Halted`](Self::Halted) | | | | | views | no: mend the cause, then `retry` the model |
/// | [`RulesMismatch`](Self::RulesMismatch) | | open | | | | no: migrate, or update the program |
/// | [`LayoutMismatch`](Self::LayoutMismatch) | | yes | | | | no: migrate, or update the program |
/// | [`InvalidMachine`](Self::InvalidMachine) | | yes | | | | no: correct the enum |
/// | [`MigrationRefused`](Self::MigrationRefused) | | yes | | | | no: the message says what to change |
/// | [`StoredPayload`](Self::StoredPayload) | | migrate | | | | no: the message says what to change |
/// | [`NotPermitted`](Self::NotPermitted) | | yes | | yes | verify | no: connect as the owner |
/// | [`Rejected`](Self::Rejected) | | | yes | | | no: the event is illegal in this state |
/// | [`ActorNotAllowed`](Self::ActorNotAllowed) | | | yes | | | no: another actor may |
/// | [`IdNotAllocated`](Self::IdNotAllocated) | | | yes | | | no: create the entity instead |
/// | [`MissingField`](Self::MissingField) | | | yes | | | no: set the field |
/// | [`Conflict`](Self::Conflict) | | | yes | | | after loading the entity and deciding anew |
/// | [`Taken`](Self::Taken) | | | yes | yes | | no: choose another value |
/// | [`IdempotencyKeyReused`](Self::IdempotencyKeyReused) | | | yes | | | no: use another key |
/// | [`ByProjection`](Self::ByProjection) | | | yes | yes | | no: mend the model; a taken key stays taken |
/// | [`InlineMissing`](Self::InlineMissing) | | | yes | yes | | no: add the model to the handle, or update the program |
/// | [`AutoTransitionLoop`](Self::AutoTransitionLoop) | | | yes | | | no: correct the rules |
/// | [`InvalidInput`](Self::InvalidInput) | | | yes | yes | entities | no: correct the input |
/// | [`Payload`](Self::Payload) | | | yes | | | no: correct the payload or its type |
/// | [`Unreadable`](Self::Unreadable) | | | repeats | | event, history, folds | no: see [`EventStore::event_raw`](crate::EventStore::event_raw) |
/// | [`ReaderNotAllowed`](Self::ReaderNotAllowed) | | | repeats | | yes | no: another reader may |
/// | [`HiddenField`](Self::HiddenField) | | | | | entities | no: search without the field |
/// | [`PartlyHidden`](Self::PartlyHidden) | | | | | export | no: export with a handle without a reader |
/// | [`ReadPolicy`](Self::ReadPolicy) | | | repeats | | yes | as the application says |
/// | [`EventIdsNotIndexed`](Self::EventIdsNotIndexed) | | | | | event, search | no: index the ids, or name the entity |
/// | [`CannotSequence`](Self::CannotSequence) | | | | | [`committed_position`](crate::Feed::committed_position) | no: connect as a writer |
/// | [`RulesChanged`](Self::RulesChanged) | | | yes | yes | yes | no: update the program |
/// | [`ImportRejected`](Self::ImportRejected) | | | | yes | | no: correct the event |
/// | [`ImportIncomplete`](Self::ImportIncomplete) | | | | in chunks | | if its source says so, with `resume` |
/// | [`Io`](Self::Io) | | | | yes | export | no: the reader or writer failed |
/// | [`Unavailable`](Self::Unavailable) | yes | yes | yes | yes | yes | later, unchanged; appends with an idempotency key |
/// | [`Database`](Self::Database) | yes | yes | yes | yes | yes | no: the database refused, or holds foreign data |
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
    /// Event that is illegal in the state of its entity.
    #[error("{rejection}")]
    Rejected {
        /// Id of the entity.
        entity_id: EntityId,
        /// Number of events of the entity.
        actual: Seq,
        /// Event type, state, and the event types that would be legal.
        rejection: Rejection,
    },
    /// Actor without any of the roles that may append the event.
    ///
    /// Roles do not depend on the state, so nothing was sent to the database.
    #[error("{}", actor_not_allowed(event_type, allowed, actual))]
    ActorNotAllowed {
        /// Name of the event type.
        event_type: String,
        /// Names of the roles that may append it; one of them is enough.
        allowed: Vec<String>,
        /// Names of the actor's roles, sorted; empty if the append has no actor.
        actual: Vec<String>,
    },
    /// First event of an entity whose id the counter has not allocated.
    ///
    /// An entity with counted ids begins with [`EventStore::create`](crate::EventStore::create);
    /// under another id it could get the id of a later entity.
    #[error(
        "id {id} was not allocated by the counter of '{entity}': begin the entity with `create`"
    )]
    IdNotAllocated {
        /// Name of the entity type.
        entity: &'static str,
        /// Id in the format of the machine.
        id: String,
    },
    /// Required payload field that is absent or null.
    ///
    /// The event may also be an auto transition, whose payload is copied from the event that caused
    /// it.
    #[error("Event type '{event_type}' requires '{field}'")]
    MissingField {
        /// Name of the event type.
        event_type: String,
        /// Name of the field.
        field: String,
    },
    /// Entity that has more or fewer events than the caller expected.
    #[error("entity {id} has changed: expected sequence {expected}, actual {actual}")]
    Conflict {
        /// Id of the entity.
        entity_id: EntityId,
        /// Id in the format of the machine.
        id: String,
        /// Sequence that the caller expected.
        expected: Seq,
        /// Sequence that the entity has.
        actual: Seq,
    },
    /// Value of a unique field that another entity has.
    ///
    /// It is free again when that entity gets another value.
    #[error("{field} {value} of '{entity}' is taken")]
    Taken {
        /// Name of the entity type.
        entity: String,
        /// Name of the field of the data.
        field: String,
        /// The value.
        value: serde_json::Value,
    },
    /// Idempotency key of an earlier, different request.
    #[error("the idempotency key '{key}' was used for another request")]
    IdempotencyKeyReused {
        /// Idempotency key.
        key: String,
    },
    /// Inline model, or other writer in the transaction of the append, that failed; nothing was stored.
    ///
    /// [`is_unique_violation`](Self::is_unique_violation) tells whether the database has refused a row
    /// whose key is taken. Otherwise the model is to be mended.
    #[error("'{name}', which is written with the events, failed: {source}")]
    ByProjection {
        /// Name of the model.
        name: String,
        /// Error of the model or of its database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Append by a program that lacks an inline model of the machine, or has an earlier version of it.
    ///
    /// [`EventStore::inline`](crate::EventStore::inline) adds it. Nothing was stored: the model would
    /// have missed the events.
    #[error(
        "the inline model '{name}' is written with each event of '{entity}', and this handle does not \
         have it as the database does: add it with `EventStore::inline`, or update this program"
    )]
    InlineMissing {
        /// Name of the entity type.
        entity: &'static str,
        /// Name of the model.
        name: String,
    },
    /// Input that is refused before anything is sent to the database.
    #[error(transparent)]
    InvalidInput(#[from] InvalidInput),
    /// Event after which auto transitions would never end.
    #[error(transparent)]
    AutoTransitionLoop(#[from] AutoTransitionLoop),
    /// Payload of a new event that does not fit its event type.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Stored event that cannot be read, such as one whose payload the enum no longer describes.
    ///
    /// Whatever needs all events of its entity fails with it; pages of events and feeds hand the
    /// event over in its place.
    #[error(transparent)]
    Unreadable(#[from] Box<UnreadableEvent>),
    /// Reader without any of the roles that may read the machine.
    #[error("{}", reader_not_allowed(entity, allowed, actual))]
    ReaderNotAllowed {
        /// Name of the entity type.
        entity: &'static str,
        /// Names of the roles that may read it; one of them is enough.
        allowed: Vec<String>,
        /// Names of the reader's roles, sorted; empty if it has no name.
        actual: Vec<String>,
    },
    /// Search by a field of the data that the reader may not see.
    #[error(
        "the field '{field}' of '{entity}' is not for this reader, so nothing is searched by it"
    )]
    HiddenField {
        /// Name of the entity type.
        entity: &'static str,
        /// Name of the field.
        field: &'static str,
    },
    /// Export for a reader that may not read and see everything.
    #[error("a part of '{entity}' is not for this reader, and an export has all of it")]
    PartlyHidden {
        /// Name of the entity type.
        entity: &'static str,
    },
    /// Failure of the application's [`ReadPolicy`](crate::ReadPolicy).
    #[error("the read policy failed: {source}")]
    ReadPolicy {
        /// Error of the policy.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Read of an event by its id alone, from tables without an index of the event ids.
    #[error(
        "an event of '{entity}' cannot be found by its id alone: migrate with \
         `SchemaOptions::index_event_ids(true)`, or read it by entity and sequence"
    )]
    EventIdsNotIndexed {
        /// Name of the entity type.
        entity: &'static str,
    },
    /// Import with an illegal event.
    #[error("import rejected: {0}")]
    ImportRejected(#[source] Box<IllegalEvent>),
    /// Import in [chunks](crate::Import::commit_every) that failed after some chunks were stored.
    ///
    /// To continue, import the whole source again with [`resume`](crate::Import::resume).
    #[error(
        "import stopped after event {through} ({} events stored): {source}",
        committed.events
    )]
    ImportIncomplete {
        /// Events that are certainly stored.
        ///
        /// If the connection was lost during a commit, the next chunk may be stored too.
        committed: Imported,
        /// Line of the last stored event, or its number in the stream, from 1.
        through: u64,
        /// Error that stopped the import.
        source: Box<Error>,
    },
    /// Failure to read the lines of an import, or to write those of an export.
    #[error("cannot read or write lines: {source}")]
    Io {
        /// Error of the reader or writer.
        source: std::io::Error,
    },
    /// Entity type whose tables do not exist yet.
    #[error("the tables of '{entity}' do not exist: run `migrate` first")]
    NotMigrated {
        /// Name of the entity type.
        entity: &'static str,
    },
    /// Store without the tables of the runtime: subscriptions, read models, commands, deadlines.
    #[error(
        "the tables of the runtime do not exist: let the owner of the tables run \
         `Store::migrate_runtime` first"
    )]
    RuntimeNotMigrated {
        /// Error of the database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Read model without tables for the version of this program.
    #[error(
        "the read model '{name}' has no tables of version {version}: let the owner of the tables \
         build the program's `Runtime` once, or run `Store::create_generation`"
    )]
    ModelNotMigrated {
        /// Name of the read model.
        name: String,
        /// Version of the program.
        version: u32,
        /// Error of the database, if there was one.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Read model that has not come as far as [`fresh`](crate::ViewStore) asks for, in time.
    #[error(
        "the read model '{name}' is behind: it is at position {position}, and {wanted} is wanted"
    )]
    Behind {
        /// Name of the read model.
        name: String,
        /// Position that it has reached.
        position: Position,
        /// Position of the last event that was committed when the read began.
        wanted: Position,
    },
    /// Read model that has stopped at an event which it could not process.
    #[error(
        "the read model '{name}' has halted and is behind: {reason}; after the cause is mended, \
         `Runtime::retry` goes on"
    )]
    Halted {
        /// Name of the read model.
        name: String,
        /// Event at which it has halted, and why.
        reason: String,
    },
    /// Difference between the rules of the program and those of the database.
    #[error(
        "the rules of '{entity}' have changed: the program has {program}, the database {database}; \
         run `migrate`"
    )]
    RulesMismatch {
        /// Name of the entity type.
        entity: &'static str,
        /// Fingerprint of the program's rules.
        program: Fingerprint,
        /// Fingerprint of the rules that the tables enforce.
        database: String,
    },
    /// Tables with another layout than the program reads and writes, on Postgres.
    ///
    /// `migrate` brings tables of an earlier layout to the program's while others write to them.
    #[error("{}", layout_mismatch(entity, *program, *database))]
    LayoutMismatch {
        /// Name of the entity type.
        entity: &'static str,
        /// Layout of this version of the crate.
        program: u32,
        /// Layout of the tables.
        database: u32,
    },
    /// Rules that another program has changed while this one was running.
    ///
    /// The tables hold an entity in a state that this program does not know, or no longer accept the
    /// events that it appends.
    #[error("the rules of '{entity}' were changed by another program: update this one")]
    RulesChanged {
        /// Name of the entity type.
        entity: &'static str,
    },
    /// Payload types that do not agree with the rules.
    #[error("'{entity}' cannot be stored: {reason}")]
    InvalidMachine {
        /// Name of the entity type.
        entity: &'static str,
        /// Reason, with event type and field.
        reason: String,
    },
    /// Tables that cannot be made to enforce the program's rules.
    #[error("cannot migrate '{entity}': {reason}")]
    MigrationRefused {
        /// Name of the entity type.
        entity: &'static str,
        /// Reason, and how to solve it.
        reason: String,
    },
    /// Stored event that the program of a migration cannot read; nothing has changed.
    ///
    /// A migration reads a sample: the oldest and the newest events of each type, and some in between.
    /// [`StoreOptions::allow_unreadable_events`](crate::StoreOptions::allow_unreadable_events) goes on
    /// without.
    #[error(
        "cannot migrate '{entity}': event {seq} of {id} is stored, and {}: let the type read what is \
         stored too, such as by an `Option` or `#[serde(alias = \"..\")]`, or go on with \
         `StoreOptions::allow_unreadable_events(true)`",
        stored_payload(source)
    )]
    StoredPayload {
        /// Name of the entity type.
        entity: &'static str,
        /// Id of the entity in the format of the machine.
        id: String,
        /// Sequence of the event.
        seq: Seq,
        /// Event type, field and error of serde.
        source: PayloadError,
    },
    /// Database role without the right to migrate the tables, to import into them, or to verify them.
    ///
    /// Connect as their owner. Instead of `migrate`, the text of
    /// [`ddl::postgres_create`](crate::ddl) can be run by hand.
    #[error(
        "the role of this connection lacks a right to the tables of '{entity}': connect as their \
         owner: {source}"
    )]
    NotPermitted {
        /// Name of the entity type.
        entity: &'static str,
        /// Error of the database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Committed events that cannot be given positions by this role, or on this server.
    ///
    /// The role has no right to, or the server is a standby.
    #[error(
        "committed events may have no position yet, and this connection cannot give them one: run \
         `Store::sequencer`, or connect as a writer of the primary: {source}"
    )]
    CannotSequence {
        /// Error of the database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// URL of a database that this build does not support.
    #[error("unsupported database URL, which begins with '{scheme}': {reason}")]
    UnsupportedUrl {
        /// Scheme of the URL; the rest may contain a password.
        scheme: String,
        /// Supported schemes.
        reason: &'static str,
    },
    /// Pooler that gives each transaction another connection, and that the store was not told of.
    ///
    /// [`StoreOptions::pgbouncer`](crate::StoreOptions::pgbouncer) tells of it, or the URL.
    #[error(
        "the database is behind a pooler, such as PgBouncer, that the store was not told of: set \
         `StoreOptions::pgbouncer(true)`, or add `?pgbouncer=true` to the URL: {source}"
    )]
    PoolerNotDeclared {
        /// What showed it: an error of the pooler or the database, or a setting that was lost.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// File of a SQLite database that was renamed, deleted or replaced since it was opened.
    ///
    /// Appends, imports and `open` look for it, appends at most once a second; where files have no
    /// numbers, as on Windows, nobody does. Reads go on.
    #[error(
        "the database file '{}' was renamed, deleted or replaced since it was opened: put it back, or \
         start the program again",
        path.display()
    )]
    DatabaseFileReplaced {
        /// Path at which the file was opened.
        path: std::path::PathBuf,
    },
    /// Postgres database with an encoding that cannot store every text.
    #[error(
        "the encoding of the database is {encoding}, which cannot store every text: create one with \
         `ENCODING 'UTF8'`, as by `CREATE DATABASE .. TEMPLATE template0 ENCODING 'UTF8'`"
    )]
    UnsupportedEncoding {
        /// Encoding of the database, as the server names it.
        encoding: String,
    },
    /// Database that cannot be reached, is busy, or is shutting down.
    ///
    /// If the connection was lost during a commit, the events may have been stored: retry an append
    /// with an idempotency key.
    #[error("the database is not available: {source}")]
    Unavailable {
        /// Error of the database or the connection.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Refusal by the database, or data in it that this program did not write.
    #[error("the database failed: {source}")]
    Database {
        /// Error of the database.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Way in which a failed request can succeed when it is repeated.
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
    /// Request that must change; a repetition fails again.
    Never,
    /// Repetition after loading the entity and deciding anew.
    AfterReload,
    /// Unchanged repetition, a little later.
    Later,
}

/// Writes the message of [`Error::ActorNotAllowed`].
fn actor_not_allowed(event_type: &str, allowed: &[String], actual: &[String]) -> String {
    let actual = match actual {
        [] => "none".to_owned(),
        roles => roles.join(", "),
    };
    let allowed = allowed.join(", ");
    format!(
        "Event type '{event_type}' needs one of the roles {allowed}; the actor's roles: {actual}"
    )
}

/// Writes the message of [`Error::ReaderNotAllowed`].
fn reader_not_allowed(entity: &str, allowed: &[String], actual: &[String]) -> String {
    let actual = match actual {
        [] => "none".to_owned(),
        roles => roles.join(", "),
    };
    let allowed = allowed.join(", ");
    format!("to read '{entity}' takes one of the roles {allowed}; the reader's roles: {actual}")
}

/// Writes the message of [`Error::LayoutMismatch`].
fn layout_mismatch(entity: &str, program: u32, database: u32) -> String {
    let (needs, advice) = match database < program {
        true => ("needs", "run `migrate`"),
        false => ("only knows", "update this program"),
    };
    format!(
        "the tables of '{entity}' have layout {database}, this program {needs} layout {program}: \
         {advice}"
    )
}

/// Writes why a payload is not read, with the field if it is known.
fn stored_payload(error: &PayloadError) -> String {
    match &error.field {
        None => error.to_string(),
        Some(field) => {
            let PayloadError {
                event_type, source, ..
            } = error;
            format!("the field '{field}' of '{event_type}' does not fit: {source}")
        }
    }
}

impl Error {
    /// Creates the error for data in the database that this crate did not write.
    #[cfg(feature = "_store")]
    pub(crate) fn database(message: impl Into<String>) -> Self {
        Self::Database {
            source: message.into().into(),
        }
    }

    /// Creates the error for a value in the database that cannot be decoded.
    #[cfg(feature = "_store")]
    pub(crate) fn undecodable(source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Database { source }
    }

    /// Checks whether an inline model has failed because a key of its tables is taken.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        #[cfg(feature = "_store")]
        if let Self::ByProjection { source, .. } = self {
            let database = database_error(&**source).and_then(sqlx::Error::as_database_error);
            return database.is_some_and(|error| error.is_unique_violation());
        }
        false
    }

    /// Returns whether a retry can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Conflict { .. } => Retry::AfterReload,
            Self::Unavailable { .. } | Self::Behind { .. } => Retry::Later,
            Self::ImportIncomplete { source, .. } => source.retry(),
            Self::ByProjection { source, .. } => {
                let error = source.downcast_ref::<Self>();
                error.map_or(Retry::Never, Self::retry)
            }
            _ => Retry::Never,
        }
    }
}
