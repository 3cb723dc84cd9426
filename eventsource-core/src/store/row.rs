//! What passes between a database and the typed store: rows without Rust's event types.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, Machine, StateSet};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Clock, Metadata, Seq, Version};

pub(crate) type Payload = Map<String, Value>;

/// A row of the log.
#[derive(Clone, Debug)]
pub(crate) struct EventRow<P = Payload> {
    pub(crate) event_id: Uuid,
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) clock: Clock,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) event_type: EventIndex,
    pub(crate) prior_state: StateSet,
    pub(crate) state: StateSet,
    pub(crate) version: Version,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) payload: P,
    pub(crate) metadata: Metadata,
}

/// A row of the log whose payload nobody has looked into yet.
pub(crate) type StoredRow = EventRow<PayloadText>;

/// A payload as the database keeps it: the text of a JSON object.
#[derive(Clone, Debug)]
pub(crate) struct PayloadText(pub(crate) String);

impl<P> EventRow<P> {
    #[cfg(feature = "postgres")]
    pub(crate) fn with_payload<Q>(self, payload: Q) -> EventRow<Q> {
        EventRow {
            event_id: self.event_id,
            entity_id: self.entity_id,
            seq: self.seq,
            clock: self.clock,
            parent_id: self.parent_id,
            event_type: self.event_type,
            prior_state: self.prior_state,
            state: self.state,
            version: self.version,
            recorded_at: self.recorded_at,
            payload,
            metadata: self.metadata,
        }
    }
}

impl EventRow {
    /// The version before the event; 0 before the first.
    pub(crate) fn prior_version(&self, machine: &Machine) -> u32 {
        if self.seq == Seq::NONE.next() {
            0
        } else {
            self.version.get() - u32::from(machine.rule(self.event_type).restarting)
        }
    }
}

/// A row of the table of heads.
#[derive(Clone, Debug)]
pub(crate) struct HeadRow {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) version: Version,
    pub(crate) state: StateSet,
    pub(crate) last_event_type: EventIndex,
    pub(crate) last_event_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Everything that one append is to store.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// One part an entity; no entity twice.
    pub(crate) parts: Vec<RequestPart>,
    pub(crate) metadata: Metadata,
}

#[derive(Clone, Debug)]
pub(crate) struct RequestPart {
    /// Of an entity that a counter names it is nobody's id yet.
    pub(crate) entity_id: Uuid,
    /// Whether the store names the entity.
    pub(crate) creates: bool,
    pub(crate) expected: Option<Seq>,
    /// The id of the first event that is stored; those after it count up. It stays the same when a
    /// try is repeated, so that one of which nobody knows the outcome can be found.
    pub(crate) first_event_id: Uuid,
    pub(crate) events: Vec<(EventIndex, Payload)>,
}

impl RequestPart {
    pub(crate) fn event_ids(&self) -> EventIds {
        EventIds(self.first_event_id)
    }

    /// Every id that an event of this append can have.
    #[cfg(feature = "postgres")]
    pub(crate) fn event_id_range(&self) -> (Uuid, Uuid) {
        const ROOM: u128 = 1 << 24;
        let first = self.first_event_id;
        (first, Uuid::from_u128(first.as_u128().saturating_add(ROOM)))
    }
}

/// The ids of the events of one append, in order.
pub(crate) struct EventIds(Uuid);

impl EventIds {
    pub(crate) fn next(&mut self) -> Uuid {
        let id = self.0;
        // Where the random bits are: it stays a UUID of the same version and time.
        self.0 = Uuid::from_u128(id.as_u128().wrapping_add(1));
        id
    }
}

/// What came of a request.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<EventRow>,
    pub(crate) replayed: bool,
}

/// Which events answer an idempotency key: stored with the key, in the order of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Answered {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    /// Whether the caller asked for it; else it is an auto transition.
    pub(crate) requested: bool,
}

/// The page that a search wants.
#[derive(Clone, Debug)]
pub(crate) struct SearchFilter {
    pub(crate) entity_id: Option<Uuid>,
    pub(crate) event_type: Option<EventIndex>,
    pub(crate) clock: Option<Clock>,
    pub(crate) min_clock: Option<Clock>,
    pub(crate) max_clock: Option<Clock>,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) version: Option<Version>,
    pub(crate) order: Order,
    pub(crate) offset: u64,
    pub(crate) limit: u64,
    pub(crate) counted: bool,
}

/// microcosm's orders (M27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    EntityThenNewest,
    Newest,
    Oldest,
}
