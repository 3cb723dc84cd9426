//! What passes between a database and the typed store about snapshots.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::Seq;
use crate::store::contract::rows::StoredRow;

/// Whose snapshot it is; there is one at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotKey {
    pub(crate) entity_id: Uuid,
    pub(crate) fold: &'static str,
    /// Any other one is as none.
    pub(crate) fingerprint: u64,
}

/// A stream from its snapshot on, or from its first event.
#[derive(Debug)]
pub(crate) struct SnapshotAndTail {
    pub(crate) snapshot: Option<StoredSnapshot>,
    pub(crate) events: Vec<StoredRow>,
}

/// A snapshot of an event that the entity has.
#[derive(Debug)]
pub(crate) struct StoredSnapshot {
    /// The text of the value.
    pub(crate) value: String,
    /// When the first event was recorded.
    pub(crate) created_at: DateTime<Utc>,
    /// The last event that was folded.
    pub(crate) last: StoredRow,
}

/// A snapshot that is to be kept.
#[derive(Debug)]
pub(crate) struct NewSnapshot {
    pub(crate) key: SnapshotKey,
    /// The last event that was folded.
    pub(crate) seq: Seq,
    pub(crate) event_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) value: String,
}

/// What came of keeping one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SaveOutcome {
    /// It is there, or one of a later event.
    Saved,
    /// The program may not write snapshots here.
    NotAllowed,
}
