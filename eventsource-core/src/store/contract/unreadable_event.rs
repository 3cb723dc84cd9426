//! Stored event that cannot be read, and why.

use chrono::{DateTime, Utc};
use eventsource_model::StateSet;
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::EventPlace;
use crate::store::contract::rows::{EventRow, PayloadText, ReadRow};
use crate::{EntityId, Error, EventId, Generation, LogSeq, Metadata, PayloadError, Seq};

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

    /// Returns the error for a row that is no event: a head, or the answer to an append.
    pub(crate) fn of_other_row(self, context: &EntityContext) -> Error {
        match self {
            Self::UnknownEventType { .. } => Error::RulesChanged {
                entity: context.names.entity(),
            },
            reason => Error::database(reason.to_string()),
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

impl<P> EventRow<P> {
    /// Returns the event of this row as one that cannot be read.
    pub(crate) fn unreadable(
        self,
        context: &EntityContext,
        reason: UnreadableReason,
    ) -> Box<UnreadableEvent> {
        let name = context.rules.machine.name_of(self.event_type);
        Box::new(UnreadableEvent {
            id: self.event_id.into(),
            entity: context.names.entity(),
            entity_id: self.entity_id.into(),
            formatted_entity_id: context.rules.id.format(self.entity_id.into()),
            seq: self.seq,
            log_seq: self.log_seq,
            parent_id: self.parent_id.map(Into::into),
            event_type: Some(name.to_owned()),
            generation: self.generation,
            recorded_at: self.recorded_at,
            metadata: self.metadata,
            reason,
            payload: None,
            state: Ok(self.state),
        })
    }
}

/// Returns the id of the event of a row.
pub(crate) fn event_id<P>(row: &ReadRow<P>) -> Uuid {
    match row {
        Ok(row) => row.event_id,
        Err(unreadable) => unreadable.id.uuid(),
    }
}

/// Returns the place of the event of a row.
pub(crate) fn place<P>(row: &ReadRow<P>) -> EventPlace {
    match row {
        Ok(row) => EventPlace {
            entity_id: row.entity_id,
            seq: row.seq,
            log_seq: row.log_seq,
        },
        Err(unreadable) => EventPlace {
            entity_id: unreadable.entity_id.uuid(),
            seq: unreadable.seq,
            log_seq: unreadable.log_seq,
        },
    }
}

/// Returns the length of the payload of a row, in bytes; of an unreadable one nothing is kept.
pub(crate) fn payload_bytes(row: &ReadRow<PayloadText>) -> u64 {
    row.as_ref().map_or(0, |row| row.payload.0.len() as u64)
}

/// Sets the event before the one of a row.
pub(crate) fn set_parent<P>(row: &mut ReadRow<P>, parent_id: Option<Uuid>) {
    match row {
        Ok(row) => row.parent_id = parent_id,
        Err(unreadable) => unreadable.parent_id = parent_id.map(Into::into),
    }
}
