//! Events on their way into a database, some thousands at a time.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use uuid::Uuid;

use super::writer::StoredEvent;
use crate::id_format::number;
use crate::store::plan::Rules;
use crate::{Seq, Version};

/// How many events are written by one statement.
const EVENTS: usize = 8192;

/// How much they may weigh, in bytes; what weighs more alone goes alone.
const BYTES: usize = 4 << 20;

/// An event that can be read and has what its type requires.
#[derive(Debug)]
pub(super) struct ReadRow {
    pub(super) number: u64,
    pub(super) entity_id: Uuid,
    pub(super) given_seq: Option<Seq>,
    pub(super) event_id: Uuid,
    pub(super) event_type: EventIndex,
    pub(super) recorded_at: DateTime<Utc>,
    /// JSON objects.
    pub(super) data: String,
    pub(super) metadata: String,
}

impl ReadRow {
    /// Whether it is this event, which has its id.
    pub(super) fn is(&self, stored: &StoredEvent) -> bool {
        self.event_type == stored.event_type
            && self.recorded_at == stored.recorded_at
            && self.given_seq.is_none_or(|given| given == stored.seq)
    }
}

/// Events as they were read.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<ReadRow>,
    bytes: usize,
}

impl Batch {
    pub(super) fn push(&mut self, row: ReadRow) {
        self.bytes += row.data.len() + row.metadata.len();
        self.rows.push(row);
    }

    pub(super) fn is_full(&self, most: usize) -> bool {
        self.rows.len() >= EVENTS.min(most) || self.bytes >= BYTES
    }
}

/// A legal event, as the log holds it.
#[derive(Debug)]
pub(crate) struct JudgedRow {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: EventIndex,
    pub(crate) prior_state: StateSet,
    pub(crate) state: StateSet,
    pub(crate) prior_version: u32,
    pub(crate) version: Version,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) data: String,
    pub(crate) metadata: String,
    /// Its place in what is imported.
    pub(super) number: u64,
}

/// Legal events in their order.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) rows: Vec<JudgedRow>,
}

impl Judged {
    /// Those that begin here.
    pub(crate) fn new_entities(&self) -> impl Iterator<Item = Uuid> {
        let first = self.rows.iter().filter(|row| row.seq.get() == 1);
        first.map(|row| row.entity_id)
    }

    /// The highest number of an entity that is new, where a counter names them (C7).
    pub(crate) fn highest_number(&self, rules: &Rules) -> Option<i64> {
        if !rules.id.is_counter() {
            return None;
        }
        let numbers = self.new_entities().filter_map(|id| number(id.into()));
        numbers
            .max()
            .and_then(|highest| i64::try_from(highest).ok())
    }
}
