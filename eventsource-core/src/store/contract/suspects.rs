//! TODO

use uuid::Uuid;

/// The columns of a head, and those of the last event that they repeat.
pub(crate) const HEAD: [(&str, &str); 7] = [
    ("seq", "seq"),
    ("version", "version"),
    ("state", "state"),
    ("last_event_type", "event_type"),
    ("last_event_id", "event_id"),
    ("created_at", "created_at"),
    ("updated_at", "recorded_at"),
];

/// The statements; each takes how many rows to return.
pub(crate) struct HistorySql {
    pub(crate) events: String,
    pub(crate) twice: String,
    pub(crate) heads: String,
    /// How many events and entities there are.
    pub(crate) counts: String,
}

/// What the database suspects.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    pub(crate) events: u64,
    pub(crate) entities: u64,
    pub(crate) of_events: Vec<SuspectEvent>,
    /// Entity, event id and sequence.
    pub(crate) twice: Vec<(Uuid, Uuid, i64)>,
    pub(crate) heads: Vec<SuspectHead>,
}

/// What each of [`HistorySql`]'s statements returned.
pub(crate) struct SuspectRows<R> {
    pub(crate) counts: Vec<R>,
    pub(crate) events: Vec<R>,
    pub(crate) twice: Vec<R>,
    pub(crate) heads: Vec<R>,
}

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
    /// A required field that has no value.
    pub(crate) missing: Option<String>,
    pub(crate) before: Option<Before>,
}

/// The event before it.
#[derive(Debug)]
pub(crate) struct Before {
    pub(crate) seq: i64,
    pub(crate) state: i64,
    pub(crate) generation: i64,
    pub(crate) log_seq: i64,
    pub(crate) recorded_at: String,
    /// Whether that is later, as the database compares times.
    pub(crate) is_later: bool,
}

#[derive(Debug)]
pub(crate) struct SuspectHead {
    pub(crate) entity_id: Uuid,
    /// What the last event says, and what the head says, in the order of [`HEAD`].
    pub(crate) last: [Option<String>; 7],
    pub(crate) head: [Option<String>; 7],
}
