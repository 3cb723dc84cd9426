//! Events on their way into a database, some thousands at a time.

use chrono::{DateTime, Utc};
use eventsource_model::EventIndex;
use uuid::Uuid;

use crate::Seq;
use crate::store::contract::bulk::StoredEvent;

/// How many events are written by one statement.
const EVENTS: usize = 8192;

/// How much they may weigh, in bytes; what weighs more alone goes alone.
const BYTES: usize = 4 << 20;

/// An event that can be read and has what its type requires.
#[derive(Debug)]
pub(crate) struct ReadRow {
    pub(crate) number: u64,
    pub(crate) entity_id: Uuid,
    pub(crate) given_seq: Option<Seq>,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: EventIndex,
    pub(crate) recorded_at: DateTime<Utc>,
    /// JSON objects.
    pub(crate) data: String,
    pub(crate) metadata: String,
}

impl ReadRow {
    /// Whether it is this event, which has its id.
    pub(crate) fn is(&self, stored: &StoredEvent) -> bool {
        self.event_type == stored.event_type
            && self.recorded_at == stored.recorded_at
            && self.given_seq.is_none_or(|given| given == stored.seq)
    }
}

/// Events as they were read.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<ReadRow>,
    bytes: usize,
}

impl Batch {
    pub(crate) fn push(&mut self, row: ReadRow) {
        self.bytes += row.data.len() + row.metadata.len();
        self.rows.push(row);
    }

    pub(crate) fn is_full(&self, most: usize) -> bool {
        self.rows.len() >= EVENTS.min(most) || self.bytes >= BYTES
    }
}
