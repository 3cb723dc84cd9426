//! Request as the arguments of an append function.

use uuid::Uuid;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::{Request, RequestPart};
use crate::store::contract::rows::Payload;
use crate::store::rules::plan::{carried, missing_field};

/// Arguments of one request.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// Entities, one for each part; `None` for one that the counter is to name.
    pub(crate) entity_ids: Vec<Option<Uuid>>,
    pub(crate) events: Vec<EventArguments>,
    /// Metadata as JSON.
    pub(crate) metadata: String,
    pub(crate) idempotency_key: Option<String>,
}

/// Arguments of one event.
#[derive(Debug)]
pub(crate) struct EventArguments {
    /// Index of the entity.
    pub(crate) entity: usize,
    /// Code of the event type.
    pub(crate) event_type: i16,
    pub(crate) event_id: Uuid,
    /// Expected sequence of the entity before the event.
    pub(crate) expected_seq: Option<i32>,
    /// Payload as JSON.
    pub(crate) data: String,
    /// Payloads of the auto transitions that may follow, as a JSON object by the code of each;
    /// `None` if the machine has none.
    pub(crate) carried: Option<String>,
}

impl Arguments {
    /// Returns the arguments with the payloads as they are stored, in the order of the request.
    ///
    /// # Errors
    /// [`Unsendable`] if some event cannot be stored, whatever the state is.
    pub(crate) fn of(
        context: &EntityContext,
        request: &Request,
    ) -> Result<(Self, Vec<Payload>), Unsendable> {
        let count = request.parts.iter().map(|part| part.events.len()).sum();
        let mut payloads = Vec::with_capacity(count);
        let mut arguments = Self {
            entity_ids: Vec::with_capacity(request.parts.len()),
            events: Vec::with_capacity(count),
            metadata: json(&request.metadata)?,
            idempotency_key: request.metadata.idempotency_key.clone(),
        };
        for part in &request.parts {
            arguments.push(context, part, &mut payloads)?;
        }
        Ok((arguments, payloads))
    }

    /// Adds the events of one entity.
    fn push(
        &mut self,
        context: &EntityContext,
        part: &RequestPart,
        payloads: &mut Vec<Payload>,
    ) -> Result<(), Unsendable> {
        let rules = &context.rules;
        let entity = self.entity_ids.len();
        let counted = part.creates && rules.id.is_counter();
        self.entity_ids.push((!counted).then_some(part.entity_id));
        let mut event_ids = part.event_ids();
        let mut expected_seq = match part.expected {
            None => None,
            Some(seq) => Some(i32::try_from(seq.get()).map_err(|_| Unsendable)?),
        };
        for (event, payload) in &part.events {
            if missing_field(rules, *event, payload).is_some() {
                return Err(Unsendable);
            }
            let payload = (rules.normalize)(*event, payload.clone()).map_err(|_| Unsendable)?;
            self.events.push(EventArguments {
                entity,
                event_type: context.codes.number(*event),
                event_id: event_ids.requested(),
                expected_seq: expected_seq.take(),
                data: json(&payload)?,
                carried: carried_by_code(context, &payload)?,
            });
            payloads.push(payload);
        }
        Ok(())
    }

    /// Returns the only event of a request that the function for one can store.
    pub(crate) fn only_event(&self) -> Option<(Uuid, &EventArguments)> {
        match (self.entity_ids.as_slice(), self.events.as_slice()) {
            ([Some(entity_id)], [event]) => Some((*entity_id, event)),
            _ => None,
        }
    }
}

/// Sign that a request must be refused, whatever the state is; the planner says why.
#[derive(Debug)]
pub(crate) struct Unsendable;

/// Returns the payloads of all auto transitions, as they would be carried from this payload; leaves
/// out those that their event type cannot read.
fn carried_by_code(
    context: &EntityContext,
    payload: &Payload,
) -> Result<Option<String>, Unsendable> {
    let rules = &context.rules;
    let mut autos = rules
        .machine
        .rules()
        .filter(|(_, rule)| rule.auto_transition)
        .peekable();
    if autos.peek().is_none() {
        return Ok(None);
    }
    let mut by_code = Payload::new();
    for (auto, _) in autos {
        if let Ok(carried) = (rules.normalize)(auto, carried(rules, auto, payload)) {
            by_code.insert(context.codes.number(auto).to_string(), carried.into());
        }
    }
    json(&by_code).map(Some)
}

fn json(value: &impl serde::Serialize) -> Result<String, Unsendable> {
    serde_json::to_string(value).map_err(|_| Unsendable)
}

impl From<Unsendable> for Error {
    fn from(Unsendable: Unsendable) -> Self {
        Self::database("an event cannot be written as JSON")
    }
}
