//! Request of an append, and its outcome.

use std::borrow::Cow;

use eventsource_model::EventIndex;
use uuid::Uuid;

use crate::store::contract::companion::{Own, StoredEvent};
use crate::store::contract::rows::{EventRow, PayloadText};
use crate::{Error, Metadata, Seq};

/// Request of one append: events of one or several entities.
#[derive(Debug)]
pub(crate) struct Request {
    /// Parts, one for each entity.
    pub(crate) parts: Vec<RequestPart>,
    pub(crate) metadata: Metadata,
    /// Metadata as JSON, as they are stored.
    pub(crate) metadata_text: Cow<'static, str>,
    /// What is written with the events of this request alone, such as its command.
    pub(crate) own: Option<Own>,
}

impl Request {
    /// Creates a request.
    ///
    /// # Errors
    /// [`Error::Database`] if the metadata cannot be written as JSON; texts always can.
    pub(crate) fn new(parts: Vec<RequestPart>, metadata: Metadata) -> Result<Self, Error> {
        let metadata_text = match metadata == Metadata::default() {
            true => Cow::Borrowed("{}"),
            false => Cow::Owned(json(&metadata)?),
        };
        Ok(Self {
            parts,
            metadata,
            metadata_text,
            own: None,
        })
    }
}

impl Request {
    /// Returns the payloads of its events, in order.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &str> {
        let events = self.parts.iter().flat_map(|part| &part.events);
        events.map(|event| event.payload.as_str())
    }

    /// Returns the rows that the request has stored, each with its payload.
    ///
    /// # Errors
    /// [`Error::Database`] if there are more of them than the request has events.
    pub(crate) fn with_payloads(
        &self,
        rows: Vec<AppendedRow>,
    ) -> Result<Vec<StoredEvent<'_>>, Error> {
        let mut sent = self.payloads();
        let mut all = Vec::with_capacity(rows.len());
        for mut row in rows {
            let payload = match row.payload.take() {
                Some(PayloadText(carried)) => Cow::Owned(carried),
                None => sent
                    .next()
                    .map(Cow::Borrowed)
                    .ok_or_else(|| Error::database("more events were stored than asked for"))?,
            };
            all.push(row.map_payload(|_| payload));
        }
        Ok(all)
    }
}

/// Idempotency key, with the actor to whom it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyOf<'a> {
    pub(crate) key: &'a str,
    /// Name of the actor; empty if the request has none, as no actor's is.
    pub(crate) actor: &'a str,
}

impl<'a> KeyOf<'a> {
    /// Returns the key of a request; `None` if it has none.
    pub(crate) fn request(metadata: &'a Metadata) -> Option<Self> {
        Some(Self {
            key: metadata.idempotency_key.as_deref()?,
            actor: metadata.actor.as_deref().unwrap_or_default(),
        })
    }
}

fn json(metadata: &Metadata) -> Result<String, Error> {
    serde_json::to_string(metadata).map_err(|error| Error::database(error.to_string()))
}

/// Part of a request: the events of one entity.
#[derive(Debug)]
pub(crate) struct RequestPart {
    /// Id of the entity; a placeholder if `creates` and ids come from a counter.
    pub(crate) entity_id: Uuid,
    /// Whether the store allocates the id and creates the entity.
    pub(crate) creates: bool,
    /// Expected sequence, if the caller gave one.
    pub(crate) expected: Option<Seq>,
    /// Id of the first event, whose last byte is 0; see [`EventIds`].
    ///
    /// All attempts use equal ids, so that the events of an attempt with unknown outcome can be
    /// found.
    pub(crate) first_event_id: Uuid,
    pub(crate) events: Vec<RequestEvent>,
}

/// Event of a request, with what is known of its payload whatever the state is.
#[derive(Debug)]
pub(crate) struct RequestEvent {
    pub(crate) event_type: EventIndex,
    /// Text of the payload, which is stored as it is.
    pub(crate) payload: String,
    /// First required field that is absent or null.
    pub(crate) missing_field: Option<&'static str>,
    /// Whether the event type can read the payload.
    pub(crate) is_readable: bool,
}

impl RequestPart {
    /// Returns the ids of the part's events, in order.
    pub(crate) fn event_ids(&self) -> EventIds {
        EventIds::new(self.first_event_id)
    }

    /// Returns the first and last id that an event of this part can have.
    #[cfg(feature = "postgres")]
    pub(crate) fn event_id_range(&self) -> (Uuid, Uuid) {
        let first = self.first_event_id.as_u128();
        let end = first.saturating_add(EventIds::SPACING * self.events.len() as u128);
        (self.first_event_id, Uuid::from_u128(end.saturating_sub(1)))
    }
}

/// Generator of the event ids of one part, in order.
///
/// The ids of requested events are 256 apart; those of the auto transitions after one count on from
/// its own. The lowest bits are random bits of a UUID: version and time stay.
pub(crate) struct EventIds {
    next_requested: u128,
    next_auto: u128,
}

impl EventIds {
    const SPACING: u128 = 256;

    /// Creates a generator whose first id is this one.
    pub(crate) fn new(first: Uuid) -> Self {
        Self {
            next_requested: first.as_u128(),
            next_auto: 0,
        }
    }

    /// Returns a new id that a generator can begin with.
    pub(crate) fn first() -> Uuid {
        Uuid::from_u128(Uuid::now_v7().as_u128() & !(Self::SPACING - 1))
    }

    /// Returns the id of the next requested event.
    pub(crate) fn requested(&mut self) -> Uuid {
        let id = self.next_requested;
        self.next_requested = id.wrapping_add(Self::SPACING);
        self.next_auto = id.wrapping_add(1);
        Uuid::from_u128(id)
    }

    /// Returns the id of the next auto transition after the last requested event.
    pub(crate) fn auto_transition(&mut self) -> Uuid {
        let id = self.next_auto;
        self.next_auto = id.wrapping_add(1);
        Uuid::from_u128(id)
    }
}

/// Outcome of a request: the stored rows.
#[derive(Debug)]
pub(crate) struct AppendOutcome {
    pub(crate) rows: Vec<AppendedRow>,
    /// Whether an earlier request with this idempotency key stored the rows.
    pub(crate) replayed: bool,
}

/// Row that a request has stored; the payload is `None` for the next event of the request, which was
/// stored as it was sent.
pub(crate) type AppendedRow = EventRow<Option<PayloadText>>;

/// Event of the answer to an idempotency key, stored with the key in the order of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Answered {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    /// Whether the request named the event; otherwise it is an auto transition.
    pub(crate) requested: bool,
}
