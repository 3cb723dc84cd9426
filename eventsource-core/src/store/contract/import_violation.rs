//! Which event an import refuses, and why.

use chrono::{DateTime, Utc};
use eventsource_model::{AutoTransitionLoop, Rejection};

use crate::store::contract::invalid_input::InvalidInput;
use crate::{EntityId, PayloadError, Seq};

/// An event that an import refuses.
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
///     panic!("that is no event")
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
    /// Its line, or its place in the stream, from 1.
    pub number: u64,
    /// The entity, if that could be read.
    pub entity_id: Option<EntityId>,
    /// What is wrong.
    #[source]
    pub reason: ImportViolation,
}

fn of(entity_id: Option<EntityId>) -> String {
    entity_id.map_or_else(String::new, |id| format!(" (of {id})"))
}

/// Why an import refuses an event.
///
/// ```
/// use eventsource_core::{ImportViolation, Seq};
///
/// let gap = ImportViolation::SeqMismatch { given: Seq::new(7), actual: Seq::new(5) };
/// assert_eq!(gap.to_string(), "it says that it is number 7 of its entity, but it is number 5");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportViolation {
    /// The line is not an event.
    #[error("it cannot be read: {0}")]
    Unreadable(serde_json::Error),
    /// The line is longer than an import takes.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// The longest line, in bytes.
        limit: u64,
    },
    /// A counter names the entities, and this id holds no number (C7).
    #[error("a counter names the entities, and the id of this one holds no number")]
    IdNotFromCounter,
    /// The machine has no event type of this name.
    #[error("there is no event type '{name}'")]
    UnknownEventType {
        /// The name.
        name: String,
    },
    /// The rules do not allow it in the state that the events before it lead to (M18).
    #[error("{rejection}")]
    Rejected {
        /// How many events the entity has before it.
        actual: Seq,
        /// Which event, in which state, and what would be legal.
        rejection: Rejection,
    },
    /// A required field has no value (M14, M18).
    #[error("Event type '{event_type}' requires '{field}'")]
    MissingField {
        /// The event type.
        event_type: String,
        /// The field.
        field: String,
    },
    /// The payload does not fit the event.
    #[error(transparent)]
    Payload(PayloadError),
    /// Text that the databases cannot all keep.
    #[error(transparent)]
    InvalidText(InvalidInput),
    /// Events of the entity are missing, or there are more than there were.
    #[error("it says that it is number {given} of its entity, but it is number {actual}")]
    SeqMismatch {
        /// What it says.
        given: Seq,
        /// What it would be.
        actual: Seq,
    },
    /// It was recorded before the event that precedes it (C19).
    #[error("it was recorded at {recorded_at}, before the event that precedes it, at {before}")]
    TimestampBeforePrevious {
        /// When it was recorded.
        recorded_at: DateTime<Utc>,
        /// When the event before it was.
        before: DateTime<Utc>,
    },
    /// It was recorded in a year that the databases cannot all keep: before 1 or after 9999.
    #[error("it was recorded at {recorded_at}, in a year that is not of 1 to 9999")]
    TimestampOutOfRange {
        /// When it was recorded.
        recorded_at: DateTime<Utc>,
    },
    /// An import that is resumed, or in chunks, knows events again by what an export gives them, and it
    /// has no such field.
    #[error("it has no '{field}', by which it would be known when the import is resumed")]
    MissingImportIdentity {
        /// The field.
        field: &'static str,
    },
    /// The entity has another event of the same id.
    #[error("its entity has an event of the same id")]
    DuplicateEventId,
    /// Before it an auto transition was due, which is always the next event (M21).
    #[error("before it '{event_type}' follows by itself, and is not there")]
    AutoTransitionSkipped {
        /// The event type that was due.
        event_type: String,
    },
    /// After it an auto transition should have followed, and the import has none (M21).
    #[error("it is the last of its entity, but '{event_type}' follows by itself")]
    AutoTransitionDue {
        /// The event type that is due.
        event_type: String,
    },
    /// After it auto transitions would never end.
    #[error(transparent)]
    AutoTransitionLoop(AutoTransitionLoop),
}
