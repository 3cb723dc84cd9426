//! Violations of the rules in a stored history, as verification finds them.

use std::fmt;

use crate::{EntityId, EventId, Generation, Seq, UnreadableReason};

/// Violation of the rules in a stored history.
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
    /// Id of the entity.
    pub entity_id: EntityId,
    /// Sequence of the event; `None` for a violation in the head, or if the stored number is out of
    /// range.
    pub seq: Option<Seq>,
    /// Kind of violation, with expected and actual values.
    pub kind: ViolationKind,
}

/// Kind of violation in an event or a head.
///
/// States are written as names of event types, such as `[ASSIGNED, CREATED]`.
///
/// ```
/// use eventsource_core::{Seq, ViolationKind};
///
/// let gap = ViolationKind::Sequence { expected: Seq::new(3), actual: 4 };
/// assert_eq!(gap.to_string(), "sequence is 4, expected 3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViolationKind {
    /// Gap before the event, or two events with one sequence.
    #[error("sequence is {actual}, expected {expected}")]
    Sequence {
        /// Sequence after that of the previous event.
        expected: Seq,
        /// Stored sequence.
        actual: i64,
    },
    /// Prior state that is not the state after the previous event.
    #[error("prior state is {actual}, expected {expected}")]
    PriorState {
        /// State after the previous event.
        expected: String,
        /// Stored prior state.
        actual: String,
    },
    /// Number that no event type has.
    #[error("unknown event type number {number}")]
    UnknownEventType {
        /// Stored number.
        number: i64,
    },
    /// Event type that is illegal in the prior state.
    #[error("event type '{event_type}' may not follow {state}")]
    IllegalTransition {
        /// Name of the event type.
        event_type: String,
        /// Stored prior state.
        state: String,
    },
    /// State after the event that is not the one by the rules.
    #[error("resulting state is {actual}, expected {expected}")]
    State {
        /// State by the rules.
        expected: String,
        /// Stored state.
        actual: String,
    },
    /// Generation that is not the one by the rules.
    #[error("generation is {actual}, expected {expected}")]
    Generation {
        /// Generation by the rules.
        expected: Generation,
        /// Stored generation.
        actual: i64,
    },
    /// Required payload field that is absent or null.
    #[error("required field '{field}' has no value")]
    MissingField {
        /// Name of the field.
        field: String,
    },
    /// Time of recording before that of the previous event of the entity.
    #[error("recorded at {recorded_at}, before the previous event of the entity at {before}")]
    TimestampBeforePrevious {
        /// Time of recording, as the database writes it.
        recorded_at: String,
        /// Time of recording of the previous event.
        before: String,
    },
    /// Log sequence that is not greater than that of the previous event of the entity.
    #[error("log sequence is {log_seq}, expected more than {before}, that of the previous event")]
    LogSeqNotIncreasing {
        /// Stored log sequence.
        log_seq: i64,
        /// Log sequence of the previous event.
        before: i64,
    },
    /// Null in a column that every event fills, of the event or of the previous one.
    #[error("this event or the previous one lacks a value that every event has")]
    Incomplete,
    /// Event id of another event of the entity.
    #[error("another event of the entity has the id {event_id} too")]
    DuplicateEventId {
        /// Id of both events.
        event_id: EventId,
    },
    /// Event that cannot be read, although the rules allow it.
    #[error("cannot be read: {reason}")]
    Unreadable {
        /// Id of the event.
        event_id: EventId,
        /// Reason why it cannot be read.
        reason: UnreadableReason,
    },
    /// Entity that has events but no head.
    #[error("the entity has events and no head")]
    NoHead,
    /// Entity that has a head but no events.
    #[error("the entity has a head and no events")]
    NoEvents,
    /// Column of a head that differs from the last event, or `created_at` from the first.
    #[error("the {column} of the head is {actual}, expected {expected}")]
    Head {
        /// Name of the column of the head.
        column: &'static str,
        /// Value of the event, as the database writes it.
        expected: String,
        /// Value of the head.
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
