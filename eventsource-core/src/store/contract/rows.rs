//! Rows of the log and of the heads, without Rust's event types.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use uuid::Uuid;

use crate::{Generation, LogSeq, Metadata, Seq};

/// Row of the log.
#[derive(Clone, Debug)]
pub(crate) struct EventRow<P> {
    pub(crate) event_id: Uuid,
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) log_seq: LogSeq,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) event_type: EventIndex,
    pub(crate) prior_state: StateSet,
    pub(crate) state: StateSet,
    pub(crate) generation: Generation,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) payload: P,
    pub(crate) metadata: Metadata,
}

/// Row of the log with an unparsed payload.
pub(crate) type StoredRow = EventRow<PayloadText>;

/// Unparsed payload: the text of a JSON object.
#[derive(Clone, Debug)]
pub(crate) struct PayloadText(pub(crate) String);

impl<P> EventRow<P> {
    /// Converts the payload.
    pub(crate) fn map_payload<Q>(self, convert: impl FnOnce(P) -> Q) -> EventRow<Q> {
        EventRow {
            event_id: self.event_id,
            entity_id: self.entity_id,
            seq: self.seq,
            log_seq: self.log_seq,
            parent_id: self.parent_id,
            event_type: self.event_type,
            prior_state: self.prior_state,
            state: self.state,
            generation: self.generation,
            recorded_at: self.recorded_at,
            payload: convert(self.payload),
            metadata: self.metadata,
        }
    }

    /// Returns the generation before the event; 0 before the first event.
    #[cfg(feature = "sqlite")]
    pub(crate) fn prior_generation(&self, machine: &eventsource_model::Machine) -> u32 {
        if self.seq == Seq::NO_STREAM.next() {
            0
        } else {
            self.generation.get() - u32::from(machine.rule(self.event_type).restarting)
        }
    }
}

/// Row of the table of heads.
#[derive(Clone, Debug)]
pub(crate) struct HeadRow {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) generation: Generation,
    pub(crate) state: StateSet,
    pub(crate) last_event_type: EventIndex,
    pub(crate) last_event_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}
