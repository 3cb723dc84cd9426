//! Request as the arguments of an append function.

use std::sync::Arc;

use uuid::Uuid;

use crate::payload::scan::Field;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::{KeyOf, Request, RequestEvent, RequestPart};
use crate::store::contract::text_checks::check_payload;
use crate::store::rules::plan::carried;

/// Arguments of one request, with the request itself.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) context: Arc<EntityContext>,
    pub(crate) request: Arc<Request>,
    /// Entities, one for each part; `None` for one that the counter is to name.
    pub(crate) entity_ids: Vec<Option<Uuid>>,
    pub(crate) events: Vec<EventArguments>,
}

/// Arguments of one event, except its payload.
#[derive(Clone, Debug)]
pub(crate) struct EventArguments {
    /// Index of the entity.
    pub(crate) entity: usize,
    /// Index of the event among those of its entity.
    place: usize,
    /// Code of the event type.
    pub(crate) event_type: i16,
    pub(crate) event_id: Uuid,
    /// Expected sequence of the entity before the event.
    pub(crate) expected_seq: Option<i32>,
    /// Payloads of the auto transitions that may follow, as a JSON object by the code of each;
    /// `None` if none can.
    pub(crate) carried: Option<String>,
}

impl Arguments {
    /// Returns the arguments of a request.
    ///
    /// # Errors
    /// The request, if some event cannot be stored, whatever the state is: the planner says why.
    pub(crate) fn of(context: &Arc<EntityContext>, request: Request) -> Result<Self, Box<Request>> {
        if !request.parts.iter().all(is_sendable) {
            return Err(Box::new(request));
        }
        let count = request.parts.iter().map(|part| part.events.len()).sum();
        let mut entity_ids = Vec::with_capacity(request.parts.len());
        let mut events = Vec::with_capacity(count);
        for (entity, part) in request.parts.iter().enumerate() {
            let counted = part.creates && context.rules.id.is_counter();
            entity_ids.push((!counted).then_some(part.entity_id));
            let mut event_ids = part.event_ids();
            let mut expected_seq = part.expected.and_then(|seq| i32::try_from(seq.get()).ok());
            for (place, event) in part.events.iter().enumerate() {
                events.push(EventArguments {
                    entity,
                    place,
                    event_type: context.codes.number(event.event_type),
                    event_id: event_ids.requested(),
                    expected_seq: expected_seq.take(),
                    carried: carried_by_code(context, event),
                });
            }
        }
        Ok(Self {
            context: Arc::clone(context),
            request: Arc::new(request),
            entity_ids,
            events,
        })
    }

    /// Returns the same arguments, with this expected sequence of each entity for which the request
    /// has none.
    pub(crate) fn expecting(&self, seqs: &[Option<i32>]) -> Self {
        let mut events = self.events.clone();
        for event in events.iter_mut().filter(|event| event.place == 0) {
            let seq = seqs.get(event.entity).copied().flatten();
            event.expected_seq = event.expected_seq.or(seq);
        }
        Self {
            context: Arc::clone(&self.context),
            request: Arc::clone(&self.request),
            entity_ids: self.entity_ids.clone(),
            events,
        }
    }

    /// Returns the only event of a request that the function for one can store.
    pub(crate) fn only_event(&self) -> Option<(Uuid, &EventArguments)> {
        match (self.entity_ids.as_slice(), self.events.as_slice()) {
            ([Some(entity_id)], [event]) => Some((*entity_id, event)),
            _ => None,
        }
    }

    /// Returns the payload of one of the events, as JSON.
    pub(crate) fn data(&self, event: &EventArguments) -> &str {
        &self.request.parts[event.entity].events[event.place].payload
    }

    /// Returns the metadata as JSON.
    pub(crate) fn metadata(&self) -> &str {
        &self.request.metadata_text
    }

    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        self.request.metadata.idempotency_key.as_deref()
    }

    /// Returns the idempotency key with the actor to whom it belongs.
    pub(crate) fn key(&self) -> Option<KeyOf<'_>> {
        KeyOf::request(&self.request.metadata)
    }
}

/// Checks whether the events can be stored in some state or other.
fn is_sendable(part: &RequestPart) -> bool {
    let mut events = part.events.iter();
    let expected = part.expected.map_or(0, |seq| seq.get());
    i32::try_from(expected).is_ok()
        && events.all(|event| event.is_readable && event.missing_field.is_none())
}

/// Returns the payloads of the auto transitions that may follow, as they would be carried from this
/// event; leaves out those that their event type cannot read.
fn carried_by_code(context: &EntityContext, event: &RequestEvent) -> Option<String> {
    let rules = &context.rules;
    let autos = rules.autos[event.event_type.get()].as_slice();
    if autos.is_empty() {
        return None;
    }
    let name = rules.machine.name_of(event.event_type);
    // An append has refused what cannot be scanned.
    let fields: Vec<Field<'_>> =
        check_payload(name, &event.payload).map_or_else(|_| Vec::new(), |scanned| scanned.fields);
    let by_code = autos.iter().filter_map(|auto| {
        let payload = carried(rules, *auto, &fields).text();
        let is_readable = (rules.read)(*auto, &payload).is_ok();
        is_readable.then(|| format!("\"{}\":{payload}", context.codes.number(*auto)))
    });
    let by_code: Vec<String> = by_code.collect();
    Some(format!("{{{}}}", by_code.join(",")))
}
