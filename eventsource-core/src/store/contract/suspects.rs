//! Suspects: rows of a stored history that the checks of a verification return.

use uuid::Uuid;

/// Columns of a head, each with the column of the last event that it repeats.
pub(crate) const HEAD: [(&str, &str); 7] = [
    ("seq", "seq"),
    ("version", "version"),
    ("state", "state"),
    ("last_event_type", "event_type"),
    ("last_event_id", "event_id"),
    ("created_at", "created_at"),
    ("updated_at", "recorded_at"),
];

/// Statements that check a history; each takes the maximum number of rows as its parameter.
pub(crate) struct HistorySql {
    /// Events that violate the rules, each with the previous event.
    pub(crate) events: String,
    /// Event ids that several events of an entity have.
    pub(crate) twice: String,
    /// Heads that differ from the last event of their entity.
    pub(crate) heads: String,
    /// Numbers of events and entities.
    pub(crate) counts: String,
}

/// Rows that the checks returned, decoded.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    pub(crate) events: u64,
    pub(crate) entities: u64,
    pub(crate) of_events: Vec<SuspectEvent>,
    /// Entity id, event id and sequence of duplicate event ids.
    pub(crate) twice: Vec<(Uuid, Uuid, i64)>,
    pub(crate) heads: Vec<SuspectHead>,
}

/// Rows that the statements of [`HistorySql`] returned.
pub(crate) struct SuspectRows<R> {
    pub(crate) counts: Vec<R>,
    pub(crate) events: Vec<R>,
    pub(crate) twice: Vec<R>,
    pub(crate) heads: Vec<R>,
}

/// Event that violates the rules, with the stored values.
#[derive(Debug)]
pub(crate) struct SuspectEvent {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: i64,
    pub(crate) event_type: i64,
    pub(crate) prior_state: i64,
    pub(crate) state: i64,
    pub(crate) generation: i64,
    pub(crate) log_seq: i64,
    pub(crate) recorded_at: String,
    /// Required field that has no value.
    pub(crate) missing: Option<String>,
    pub(crate) previous: Option<PrecedingEvent>,
}

/// Event before a suspect one in its stream.
#[derive(Debug)]
pub(crate) struct PrecedingEvent {
    pub(crate) seq: i64,
    pub(crate) state: i64,
    pub(crate) generation: i64,
    pub(crate) log_seq: i64,
    pub(crate) recorded_at: String,
    /// Whether it was recorded after the suspect event, as the database compares times.
    pub(crate) is_later: bool,
}

/// Head that differs from the last event of its entity.
#[derive(Debug)]
pub(crate) struct SuspectHead {
    pub(crate) entity_id: Uuid,
    /// Values of the last event, in the order of [`HEAD`]; all `None` if the entity has no events.
    pub(crate) last: [Option<String>; 7],
    /// Values of the head, in the order of [`HEAD`]; all `None` if the entity has no head.
    pub(crate) head: [Option<String>; 7],
}
