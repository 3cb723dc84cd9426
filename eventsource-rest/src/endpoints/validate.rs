//! `POST /api/v1/task/validate`: what would become of these events. Nothing is stored.

use axum::Json;
use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse, Response};
use eventsource_core::{
    Actor, EntityId, Error, Event, EventType, Seq, State, payload_fields, to_payload,
};
use serde_json::{Map, Value, json};

use crate::endpoints::context::Api;
use crate::wire::body;
use crate::wire::media;
use crate::wire::problem::{Fault, Problem};

pub(crate) async fn validate<E: Event>(
    Extract(api): Extract<Api<E>>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let actor = api.actor(&parts).await?;
    media::require_json(&parts.headers)?;
    let limits = &api.shared.limits;
    let bytes = body::bytes(body, limits.max_body_bytes).await?;
    let asked = Asked::read(&api, &bytes, limits.max_batch)?;
    let (entity_id, seq, state) = match asked.from {
        From::State(state) => (EntityId::new(), Seq::NONE, state),
        From::Entity(id) => match api.events.load(id).await? {
            Some(head) => (id, head.seq, head.state),
            None => (id, Seq::NONE, State::EMPTY),
        },
    };
    let mut run = Run::<E> {
        entity_id,
        seq,
        state,
        actor,
    };
    let mut legal = true;
    let mut reports = Vec::with_capacity(asked.events.len());
    for (number, event) in asked.events.into_iter().enumerate() {
        let at = format!("/events/{number}");
        let event_type = event.get("eventType").cloned().unwrap_or_default();
        let mut report = match run.take(&api, event, &at) {
            Ok(auto) => json!({ "legal": true, "autoTransitions": auto }),
            Err(problem) => {
                legal = false;
                json!({ "legal": false, "autoTransitions": [], "problem": problem.body_as_json() })
            }
        };
        report["eventType"] = event_type;
        report["state"] = json!(run.state);
        reports.push(report);
    }
    let answer = json!({ "legal": legal, "state": run.state, "events": reports });
    Ok(Json(answer).into_response())
}

/// What the events are to follow.
enum From<T: EventType> {
    State(State<T>),
    Entity(EntityId),
}

struct Asked<T: EventType> {
    from: From<T>,
    events: Vec<Value>,
}

impl<T: EventType> Asked<T> {
    /// Reads the body, telling all faults at once but those of the events, which are reported one by
    /// one.
    fn read<E: Event<Type = T>>(api: &Api<E>, body: &[u8], most: usize) -> Result<Self, Problem> {
        let mut body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let mut faults = Vec::new();
        let entity = &api.names.entity_id;
        let mut fault = |field: &str, reason: &str| faults.push(Fault::at("", field, reason));
        let id = body.remove(entity).and_then(|id| {
            let parsed = id.as_str().and_then(|id| api.names.parse_id(id));
            if parsed.is_none() {
                fault(entity, &api.names.not_an_id);
            }
            parsed
        });
        let given = body.remove("state");
        if given.is_some() && id.is_some() {
            fault("state", "Either a state or an entity.");
        }
        let state = given.map_or(Some(State::EMPTY), |given| state(&given));
        if state.is_none() {
            fault("state", "Not a list of event types.");
        }
        let events = match body.remove("events") {
            Some(Value::Array(events)) if events.len() <= most => events,
            Some(Value::Array(events)) => {
                let reason = format!("A list of {}; it may be of {most} at most.", events.len());
                fault("events", &reason);
                Vec::new()
            }
            Some(_) => {
                fault("events", "Not a list.");
                Vec::new()
            }
            None => {
                fault("events", "Missing data for required field.");
                Vec::new()
            }
        };
        for name in body.keys() {
            fault(name, "Unknown field.");
        }
        match (id, state) {
            _ if !faults.is_empty() => Err(Problem::body(&faults)),
            (None, None) => Err(Problem::body(&faults)),
            (Some(id), _) => Ok(Self {
                from: From::Entity(id),
                events,
            }),
            (None, Some(state)) => Ok(Self {
                from: From::State(state),
                events,
            }),
        }
    }
}

fn state<T: EventType>(given: &Value) -> Option<State<T>> {
    let names = given.as_array()?.iter();
    names.map(|name| name.as_str()?.parse::<T>().ok()).collect()
}

/// How far the events have come.
struct Run<E: Event> {
    entity_id: EntityId,
    seq: Seq,
    state: State<E::Type>,
    actor: Option<Actor>,
}

impl<E: Event> Run<E> {
    /// Takes an event as an append would, or leaves the state as it is. Returns which events would
    /// follow by themselves.
    fn take(&mut self, api: &Api<E>, event: Value, at: &str) -> Result<Vec<&'static str>, Problem> {
        let event = body::read_event::<E>(&api.names, event, self.entity_id, at)
            .map_err(|faults| Problem::body(&faults))?;
        let event_type = event.event_type();
        self.check_role(event_type)?;
        let mut state = event_type.validate(self.state).map_err(|rejection| {
            Problem::from(Error::Rejected {
                entity_id: self.entity_id,
                actual: self.seq,
                rejection,
            })
        })?;
        let mut seq = self.seq.next();
        let payload = to_payload(&event).map_err(Error::from)?;
        let mut written = Vec::new();
        let auto = E::MACHINE.auto_transitions(state.set());
        for (auto, after) in auto.map_err(Error::from)? {
            let auto = E::Type::from_index(auto)
                .ok_or_else(|| Problem::internal("an event type out of range"))?;
            check_carried::<E>(auto, &payload)?;
            written.push(auto.name());
            state = State::from_set(after);
            seq = seq.next();
        }
        (self.state, self.seq) = (state, seq);
        Ok(written)
    }

    fn check_role(&self, event_type: E::Type) -> Result<(), Problem> {
        match &self.actor {
            _ if event_type.roles().next().is_none() => Ok(()),
            Some(actor) if event_type.allows(actor) => Ok(()),
            None => Err(Problem::unidentified(event_type.name())),
            Some(actor) => Err(Error::ActorNotAllowed {
                event_type: event_type.name().to_owned(),
                allowed: event_type.roles().map(str::to_owned).collect(),
                actual: actor.roles().to_vec(),
            }
            .into()),
        }
    }
}

/// Whether an auto transition has its required fields of the event that causes it (M21).
fn check_carried<E: Event>(auto: E::Type, payload: &Map<String, Value>) -> Result<(), Error> {
    let fields = payload_fields::<E>(auto);
    let carried = |field: &&str| {
        fields.is_none_or(|fields| fields.contains(field))
            && payload.get(*field).is_some_and(|value| !value.is_null())
    };
    match auto.requires().find(|field| !carried(field)) {
        None => Ok(()),
        Some(field) => Err(Error::MissingField {
            event_type: auto.name().to_owned(),
            field: field.to_owned(),
        }),
    }
}
