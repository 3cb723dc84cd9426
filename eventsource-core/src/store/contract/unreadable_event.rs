//! Stored event that cannot be read, and why.

use chrono::{DateTime, Utc};
use eventsource_model::StateSet;

use crate::{EntityId, EventId, Generation, LogSeq, Metadata, PayloadError, Seq};

/// Stored event that cannot be read: everything but the event itself, and why.
///
/// Something other than this version of the program has stored it, such as somebody with the rights
/// to switch off what the tables enforce, or a program with other types. Pages of events and feeds
/// hand it over in its place, so that it takes no other event with it; an entity that has it cannot
/// be folded. [`EventStore::event_raw`](crate::EventStore::event_raw) shows what is stored.
///
/// A column that cannot be decoded is nil, 1970-01-01 or empty here, and named by the reason.
///
/// ```no_run
/// # use eventsource_core::{Event, EventStore, Error};
/// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
/// for event in tasks.search().await?.items {
///     match event {
///         Ok(recorded) => println!("#{} {}", recorded.seq, recorded.state),
///         Err(unreadable) => println!("#{}: {}", unreadable.seq, unreadable.reason),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "event {id} of {entity} {formatted_entity_id}, #{seq} of type {}, cannot be read: {reason}",
    event_type.as_deref().unwrap_or("unknown")
)]
#[non_exhaustive]
pub struct UnreadableEvent {
    /// Unique id of the event.
    pub id: EventId,
    /// Name of the entity type, such as `task`.
    pub entity: &'static str,
    /// Id of the entity that the event belongs to.
    pub entity_id: EntityId,
    /// Id of the entity in the format of the machine.
    pub formatted_entity_id: String,
    /// Sequence: number of the event within its entity, from 1, without gaps.
    pub seq: Seq,
    /// Log sequence: number of the insertion into the log of the entity type, with gaps.
    pub log_seq: LogSeq,
    /// Id of the previous event in the stream; `None` for the first.
    pub parent_id: Option<EventId>,
    /// Name of the event type; `None` if the program has none with the stored code.
    pub event_type: Option<String>,
    /// Generation of the entity after the event.
    pub generation: Generation,
    /// Time of recording.
    pub recorded_at: DateTime<Utc>,
    /// Actor, correlation, causation and idempotency key of the event.
    pub metadata: Metadata,
    /// Reason why the event cannot be read.
    pub reason: UnreadableReason,
    /// Payload as it is stored, if a driver has found it to be text in an event that it cannot decode.
    pub(crate) payload: Option<String>,
    /// State after the event, for the event that follows it.
    pub(crate) state: Result<StateSet, UnreadableReason>,
}

/// Reason why a stored event cannot be read.
///
/// Its text may repeat what is stored.
///
/// ```
/// use eventsource_core::UnreadableReason;
///
/// let reason = UnreadableReason::UnknownEventType { code: 7 };
/// assert_eq!(reason.to_string(), "no event type of this program has the code 7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableReason {
    /// Payload that its event type cannot read.
    #[error("its payload does not fit: {message}")]
    Payload {
        /// Field that does not fit, if it is known.
        field: Option<String>,
        /// Error of serde.
        message: String,
    },
    /// Event type, or one in the state before or after the event, that the program does not have.
    ///
    /// A newer program may have it.
    #[error("no event type of this program has the code {code}")]
    UnknownEventType {
        /// Code of the event type in the database.
        code: i64,
    },
    /// Fields that the reader of the handle may not see.
    ///
    /// The event itself is sound: see [`EventStore::reading_as`](crate::EventStore::reading_as).
    #[error("its fields are not for this reader")]
    Hidden,
    /// Column with a value that only the database can read.
    #[error("its column '{column}' cannot be decoded: {message}")]
    Column {
        /// Name of the column.
        column: String,
        /// Error of the decoder.
        message: String,
    },
}

impl UnreadableReason {
    /// Creates the reason for a column that cannot be decoded.
    pub(crate) fn column(column: &str, error: impl ToString) -> Self {
        Self::Column {
            column: column.to_owned(),
            message: error.to_string(),
        }
    }
}

impl From<PayloadError> for UnreadableReason {
    fn from(error: PayloadError) -> Self {
        Self::Payload {
            message: error.source.to_string(),
            field: error.field,
        }
    }
}
