//! TODO

use eventsource_model::EventIndex;
use uuid::Uuid;

use crate::store::contract::rows::{EventRow, Payload};
use crate::{Metadata, Seq};

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
