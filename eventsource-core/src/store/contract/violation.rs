//! What in a history is against the rules.

use std::fmt;

use crate::{EntityId, EventId, Generation, Seq};

/// Something in the history that is against the rules.
///
/// ```
/// # use eventsource_core::Violation;
/// fn entities(violations: &[Violation]) -> Vec<String> {
///     violations.iter().map(|violation| violation.entity_id.to_string()).collect()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The entity.
    pub entity_id: EntityId,
    /// The event; `None` if it is of the entity's head, or if the event has a number that no event has.
    pub seq: Option<Seq>,
    /// What is wrong.
    pub kind: ViolationKind,
}

/// What is wrong with an event, or with a head. ReachableStates are as people read them: `[ASSIGNED, CREATED]`.
///
/// ```
/// use eventsource_core::{Seq, ViolationKind};
///
/// let gap = ViolationKind::Sequence { expected: Seq::new(3), actual: 4 };
/// assert_eq!(gap.to_string(), "its sequence is 4, expected 3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViolationKind {
    /// An event before it is missing, or there are two of one sequence.
    #[error("its sequence is {actual}, expected {expected}")]
    Sequence {
        /// One more than that of the event before it.
        expected: Seq,
        /// What it has.
        actual: i64,
    },
    /// It does not begin where the event before it ended.
    #[error("it begins in the state {actual}, expected {expected}")]
    PriorState {
        /// Where the event before it ended.
        expected: String,
        /// Where it begins.
        actual: String,
    },
    /// There is no event type of this number.
    #[error("there is no event type of the number {number}")]
    UnknownEventType {
        /// The number.
        number: i64,
    },
    /// The event type may not follow the state in which it begins.
    #[error("event type '{event_type}' may not follow {state}")]
    IllegalTransition {
        /// The event type.
        event_type: String,
        /// The state.
        state: String,
    },
    /// It ends in another state than the rules say.
    #[error("it ends in the state {actual}, expected {expected}")]
    State {
        /// What the rules say.
        expected: String,
        /// Where it ends.
        actual: String,
    },
    /// It is of another version than the rules say.
    #[error("its version is {actual}, expected {expected}")]
    Generation {
        /// What the rules say.
        expected: Generation,
        /// What it has.
        actual: i64,
    },
    /// A required field has no value.
    #[error("it requires '{field}'")]
    MissingField {
        /// The field.
        field: String,
    },
    /// It was recorded before the event that precedes it.
    #[error("it was recorded at {recorded_at}, before the event that precedes it, at {before}")]
    Earlier {
        /// When it was recorded, as the database writes it.
        recorded_at: String,
        /// When the event before it was.
        before: String,
    },
    /// Its clock is not after that of the event that precedes it.
    #[error("its clock is {log_seq}, not after that of the event that precedes it, {before}")]
    ClockGoesBack {
        /// Its clock.
        log_seq: i64,
        /// That of the event before it.
        before: i64,
    },
    /// A value that every event has is missing, of it or of the event that precedes it.
    #[error("it, or the event that precedes it, lacks a value that every event has")]
    Incomplete,
    /// Another event of the entity has the same id.
    #[error("its id {event_id} is that of another event too")]
    Twice {
        /// The id.
        event_id: EventId,
    },
    /// The entity has events, and nothing says where it stands.
    #[error("it has events and no head")]
    NoHead,
    /// Something says where the entity stands, and it has no events.
    #[error("it has a head and no events")]
    NoEvents,
    /// The entity stands elsewhere than at its last event; of `created_at`, at its first.
    #[error("the {column} of its head is {actual}, expected {expected}")]
    Head {
        /// What of the head.
        column: &'static str,
        /// What the event has, as the database writes it.
        expected: String,
        /// What the head has.
        actual: String,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entity {}", self.entity_id)?;
        if let Some(seq) = self.seq {
            write!(f, ", event {seq}")?;
        }
        write!(f, ": {}", self.kind)
    }
}
