//! Snapshots as rows, without Rust's types.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::store::contract::read_row::{ReadRow, event_id, payload_bytes, set_parent};
use crate::store::contract::rows::{PayloadText, StoredRow};
use crate::store::contract::stream_range::StreamRange;
use crate::{Error, Seq};

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
    pub(crate) events: Vec<ReadRow<PayloadText>>,
    /// Whether there are further events.
    pub(crate) has_more: bool,
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

/// Reader of the rows of a snapshot and the events after it, which ends with the range.
pub(crate) struct TailReader {
    range: StreamRange,
    bytes: u64,
    parent_id: Option<Uuid>,
    tail: SnapshotAndTail,
}

impl TailReader {
    /// Creates a reader of a range.
    pub(crate) fn new(range: StreamRange) -> Self {
        Self {
            range,
            bytes: 0,
            parent_id: None,
            tail: SnapshotAndTail {
                snapshot: None,
                events: Vec::new(),
                has_more: false,
            },
        }
    }

    /// Adds the next row: with value and time of a snapshot it is the last event of that; breaks if
    /// the range takes no further one.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the last event of the snapshot cannot be read.
    pub(crate) fn push(
        &mut self,
        mut event: ReadRow<PayloadText>,
        snapshot: Option<(String, DateTime<Utc>)>,
    ) -> Result<ControlFlow<()>, Error> {
        let before = self.parent_id.replace(event_id(&event));
        set_parent(&mut event, before);
        let SnapshotAndTail {
            snapshot: found,
            events,
            has_more,
        } = &mut self.tail;
        if let Some((value, created_at)) = snapshot {
            *found = Some(StoredSnapshot {
                value,
                created_at,
                last: event?,
            });
            return Ok(ControlFlow::Continue(()));
        }
        let is_full = !events.is_empty() && self.bytes >= self.range.max_bytes;
        if is_full || events.len() as u64 >= self.range.limit {
            *has_more = true;
            return Ok(ControlFlow::Break(()));
        }
        self.bytes += payload_bytes(&event);
        events.push(event);
        Ok(ControlFlow::Continue(()))
    }

    /// Returns the snapshot and the events after it.
    pub(crate) fn finish(self) -> SnapshotAndTail {
        self.tail
    }
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
