//! Batch of events of an import that were read and await validation.

use chrono::{DateTime, Utc};
use eventsource_model::EventIndex;
use uuid::Uuid;

use crate::Seq;
use crate::store::contract::bulk::StoredEvent;

/// Maximum number of events in a batch, which one statement writes.
const MAX_EVENTS: usize = 8192;

/// Size in bytes from which a batch is full; a larger event is a batch of its own.
const MAX_BYTES: usize = 4 << 20;

/// Row of an event that was read and has the required fields.
#[derive(Debug)]
pub(crate) struct ReadRow {
    pub(crate) number: u64,
    pub(crate) entity_id: Uuid,
    pub(crate) given_seq: Option<Seq>,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: EventIndex,
    pub(crate) recorded_at: DateTime<Utc>,
    /// Payload as JSON.
    pub(crate) data: String,
    /// Metadata as JSON.
    pub(crate) metadata: String,
}

impl ReadRow {
    /// Returns whether the row equals the stored event with its id.
    pub(crate) fn is(&self, stored: &StoredEvent) -> bool {
        self.event_type == stored.event_type
            && self.recorded_at == stored.recorded_at
            && self.given_seq.is_none_or(|given| given == stored.seq)
    }
}

/// Batch of events in the order of the import.
#[derive(Debug, Default)]
pub(crate) struct ImportBatch {
    pub(crate) rows: Vec<ReadRow>,
    bytes: usize,
}

impl ImportBatch {
    /// Adds a row.
    pub(crate) fn push(&mut self, row: ReadRow) {
        self.bytes += row.data.len() + row.metadata.len();
        self.rows.push(row);
    }

    /// Returns whether the batch is full, or has `limit` events.
    pub(crate) fn is_full(&self, limit: usize) -> bool {
        self.rows.len() >= MAX_EVENTS.min(limit) || self.bytes >= MAX_BYTES
    }
}
