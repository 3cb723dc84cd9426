//! Illegal event of an import, and the reason.

use chrono::{DateTime, Utc};
use eventsource_model::{AutoTransitionLoop, Rejection};

use crate::store::contract::invalid_input::InvalidInput;
use crate::{EntityId, PayloadError, Seq};

/// Illegal event of an import.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, Error, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let Err(Error::ImportRejected(refused)) = lights.import_lines(&b"{}"[..]).await else {
///     panic!("an empty object is no event")
/// };
/// assert_eq!(refused.number, 1);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[derive(Debug, thiserror::Error)]
#[error("event {number}{}: {reason}", of(*entity_id))]
#[non_exhaustive]
pub struct IllegalEvent {
    /// Line of the event, or its number in the stream, from 1.
    pub number: u64,
    /// Id of the entity, if it could be read.
    pub entity_id: Option<EntityId>,
    /// Reason why the event is illegal.
    #[source]
    pub reason: ImportViolation,
}

/// Writes the entity of an event, if it is known.
fn of(entity_id: Option<EntityId>) -> String {
    entity_id.map_or_else(String::new, |id| format!(" (of {id})"))
}

/// Reason why an event of an import is illegal.
///
/// ```
/// use eventsource_core::{ImportViolation, Seq};
///
/// let gap = ImportViolation::SeqMismatch { given: Seq::new(7), actual: Seq::new(5) };
/// assert_eq!(gap.to_string(), "sequence is 7, expected 5");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportViolation {
    /// Line that is no JSON of an event.
    #[error("cannot parse the line as an event: {0}")]
    Unreadable(serde_json::Error),
    /// Line that is longer than an import accepts.
    #[error("the line is longer than {limit} bytes")]
    TooLong {
        /// Maximum length of a line, in bytes.
        limit: u64,
    },
    /// Id without a number, although the machine has counted ids.
    #[error("the entity id holds no number, as ids from a counter do")]
    IdNotFromCounter,
    /// Name that is no event type of the machine.
    #[error("unknown event type '{name}'")]
    UnknownEventType {
        /// Unknown name.
        name: String,
    },
    /// Event that is illegal in the state after the events before it.
    #[error("{rejection}")]
    Rejected {
        /// Number of events of the entity before this one.
        actual: Seq,
        /// Event type, state, and the event types that would be legal.
        rejection: Rejection,
    },
    /// Required payload field that is absent or null.
    #[error("Event type '{event_type}' requires '{field}'")]
    MissingField {
        /// Name of the event type.
        event_type: String,
        /// Name of the field.
        field: String,
    },
    /// Payload that does not fit its event type.
    #[error(transparent)]
    Payload(PayloadError),
    /// Text that not every supported database can store, or JSON that not every reader accepts.
    #[error(transparent)]
    InvalidText(InvalidInput),
    /// Sequence other than expected: events of the entity are missing, or there are too many.
    #[error("sequence is {given}, expected {actual}")]
    SeqMismatch {
        /// Sequence in the import.
        given: Seq,
        /// Sequence by the events before it.
        actual: Seq,
    },
    /// Time of recording before that of the previous event of the entity.
    #[error("recorded at {recorded_at}, before the previous event of the entity at {before}")]
    TimestampBeforePrevious {
        /// Time of recording.
        recorded_at: DateTime<Utc>,
        /// Time of recording of the previous event.
        before: DateTime<Utc>,
    },
    /// Time of recording outside of the years 1 to 9999, which every supported database can store.
    #[error("recorded at {recorded_at}, outside of the years 1 to 9999")]
    TimestampOutOfRange {
        /// Time of recording.
        recorded_at: DateTime<Utc>,
    },
    /// Absent event id or sequence, by which an import in chunks recognizes stored events when it
    /// is resumed.
    #[error("missing '{field}', which is required to resume an import")]
    MissingImportIdentity {
        /// Name of the field.
        field: &'static str,
    },
    /// Event id of another event of the entity.
    #[error("the entity has another event with this id")]
    DuplicateEventId,
    /// Event in the place of an auto transition, which would always have been the next event.
    #[error("the auto transition '{event_type}' is missing before this event")]
    AutoTransitionSkipped {
        /// Event type of the missing auto transition.
        event_type: String,
    },
    /// Last event of its entity, after which an auto transition is missing.
    #[error(
        "the auto transition '{event_type}' is missing after this event, the last of its entity"
    )]
    AutoTransitionDue {
        /// Event type of the missing auto transition.
        event_type: String,
    },
    /// Event after which auto transitions would never end.
    #[error(transparent)]
    AutoTransitionLoop(AutoTransitionLoop),
}
