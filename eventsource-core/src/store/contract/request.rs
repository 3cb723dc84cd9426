//! Request of an append, and its outcome.

use eventsource_model::EventIndex;
use uuid::Uuid;

use crate::store::contract::rows::{EventRow, Payload};
use crate::{Metadata, Seq};

/// Request of one append: events of one or several entities.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Parts, one for each entity.
    pub(crate) parts: Vec<RequestPart>,
    pub(crate) metadata: Metadata,
}

/// Part of a request: the events of one entity.
#[derive(Clone, Debug)]
pub(crate) struct RequestPart {
    /// Id of the entity; a placeholder if `creates` and ids come from a counter.
    pub(crate) entity_id: Uuid,
    /// Whether the store allocates the id and creates the entity.
    pub(crate) creates: bool,
    /// Expected sequence, if the caller gave one.
    pub(crate) expected: Option<Seq>,
    /// Id of the first stored event; the following ids count up.
    ///
    /// All attempts use equal ids, so that the events of an attempt with unknown outcome can be
    /// found.
    pub(crate) first_event_id: Uuid,
    pub(crate) events: Vec<(EventIndex, Payload)>,
}

impl RequestPart {
    /// Returns the ids of the part's events, in order.
    pub(crate) fn event_ids(&self) -> EventIds {
        EventIds(self.first_event_id)
    }

    /// Returns the first and last id that an event of this part can have.
    #[cfg(feature = "postgres")]
    pub(crate) fn event_id_range(&self) -> (Uuid, Uuid) {
        /// Number of ids, more than an append can have events.
        const ROOM: u128 = 1 << 24;
        let first = self.first_event_id;
        (first, Uuid::from_u128(first.as_u128().saturating_add(ROOM)))
    }
}

/// Generator of the event ids of one part, in order.
pub(crate) struct EventIds(Uuid);

impl EventIds {
    /// Returns the next id.
    pub(crate) fn next(&mut self) -> Uuid {
        let id = self.0;
        // The lowest bits are random bits: version and time of the UUID stay.
        self.0 = Uuid::from_u128(id.as_u128().wrapping_add(1));
        id
    }
}

/// Outcome of a request: the stored rows.
#[derive(Clone, Debug)]
pub(crate) struct AppendOutcome {
    pub(crate) rows: Vec<EventRow>,
    /// Whether an earlier request with this idempotency key stored the rows.
    pub(crate) replayed: bool,
}

/// Event of the answer to an idempotency key, stored with the key in the order of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Answered {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    /// Whether the request named the event; otherwise it is an auto transition.
    pub(crate) requested: bool,
}
