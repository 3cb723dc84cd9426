//! Snapshots as rows, without Rust's types.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::Seq;
use crate::store::contract::rows::StoredRow;

/// Key of a snapshot: entity and fold, with at most one snapshot each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotKey {
    pub(crate) entity_id: Uuid,
    pub(crate) fold: &'static str,
    /// Fingerprint of the fold; a snapshot with another one is ignored.
    pub(crate) fingerprint: u64,
}

/// Snapshot of an entity, if there is one, with the events after it, or else all events.
#[derive(Debug)]
pub(crate) struct SnapshotAndTail {
    pub(crate) snapshot: Option<StoredSnapshot>,
    pub(crate) events: Vec<StoredRow>,
}

/// Snapshot whose last event the entity has.
#[derive(Debug)]
pub(crate) struct StoredSnapshot {
    /// Value as JSON.
    pub(crate) value: String,
    /// Time of recording of the entity's first event.
    pub(crate) created_at: DateTime<Utc>,
    /// Last event that was folded.
    pub(crate) last: StoredRow,
}

/// Snapshot to store.
#[derive(Debug)]
pub(crate) struct NewSnapshot {
    pub(crate) key: SnapshotKey,
    /// Sequence of the last event that was folded.
    pub(crate) seq: Seq,
    /// Id of the last event that was folded.
    pub(crate) event_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) value: String,
}

/// Outcome of storing a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SaveOutcome {
    /// Snapshot stored, or one of a later event found.
    Saved,
    /// No right to write snapshots.
    NotAllowed,
}
