//! `POST /api/v1/task/validate`: a dry run of events, which stores nothing.

use axum::extract::{Request, State as Extract};
use axum::response::Response;
use eventsource_core::{
    Actor, EntityId, Error, Event, EventType, Seq, State, parse_untrusted_json, payload_fields,
    to_payload,
};
use serde_json::{Map, Value, json};

use crate::clients::table::RequestClient;
use crate::endpoints::append::refuse_internal;
use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::wire::body;
use crate::wire::faults::{Fault, Faults, MAX_FAULTS, line};
use crate::wire::media;
use crate::wire::problem::Problem;

/// Reports for each event whether it would be appended, and the state after it.
pub(crate) async fn validate<E: Event>(
    Extract(context): Extract<MachineContext<E>>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let actor = context.actor(&parts)?;
    let Reader(events) = context.reader(actor.as_ref())?;
    media::require_json(&parts.headers)?;
    let room = || RequestClient::large_bodies(&parts);
    let body = context.service.intake.receive(body, room).await?;
    let read = |body: &[u8]| DryRunRequest::read(&context, body);
    let start = body
        .parse(|body| Ok::<_, Problem>(read(body)?.start))
        .await?;
    let (entity_id, seq, state) = match start {
        DryRunStart::State(state) => (EntityId::new(), Seq::NO_STREAM, state),
        DryRunStart::Entity(id) => match events.head(id).await? {
            Some(head) => (id, head.seq, head.state),
            None => (id, Seq::NO_STREAM, State::EMPTY),
        },
    };
    let run = DryRun::<E> {
        entity_id,
        seq,
        state,
        actor,
        faults_left: MAX_FAULTS,
    };
    // Parsed once more: the values of a body take many times its bytes, and while the head was read
    // other requests had theirs.
    let report = body.parse(|body| Ok::<_, Problem>(run.report(&context, read(body)?.events)));
    context.service.unread.json(&report.await?)
}

/// State that the first event follows.
enum DryRunStart<T: EventType> {
    /// Given state of a new entity.
    State(State<T>),
    /// Current state of an entity.
    Entity(EntityId),
}

/// Body of a dry run.
struct DryRunRequest<T: EventType> {
    start: DryRunStart<T>,
    events: Vec<Value>,
}

impl<T: EventType> DryRunRequest<T> {
    /// Reads the body; the events themselves are read one by one later.
    ///
    /// # Errors
    /// 422 with all faults of the body but those of the events.
    fn read<E: Event<Type = T>>(context: &MachineContext<E>, body: &[u8]) -> Result<Self, Problem> {
        let max_batch = context.service.limits.max_batch;
        let mut body = match parse_untrusted_json(body) {
            Ok(Value::Object(body)) => body,
            _ => Map::new(),
        };
        let mut faults = Faults::up_to(MAX_FAULTS);
        let entity = &context.names.entity_id;
        let mut fault = |field: &str, reason: &str| faults.push(Fault::at("", field, reason));
        let id = body.remove(entity).and_then(|id| {
            let parsed = id.as_str().and_then(|id| context.names.parse_id(id));
            if parsed.is_none() {
                fault(entity, &context.names.invalid_id_reason);
            }
            parsed
        });
        let given = body.remove("state");
        if given.is_some() && id.is_some() {
            fault("state", "Cannot be combined with an entity.");
        }
        let state = given.map_or(Some(State::EMPTY), |given| state(&given));
        if state.is_none() {
            fault("state", "Not a list of event types.");
        }
        let events = match body.remove("events") {
            Some(Value::Array(events)) if events.len() <= max_batch => events,
            Some(Value::Array(events)) => {
                let reason = format!(
                    "The list has {} items; at most {max_batch} are allowed.",
                    events.len()
                );
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
            _ if faults.count() > 0 => Err(Problem::faults(&faults)),
            (None, None) => Err(Problem::faults(&faults)),
            (Some(id), _) => Ok(Self {
                start: DryRunStart::Entity(id),
                events,
            }),
            (None, Some(state)) => Ok(Self {
                start: DryRunStart::State(state),
                events,
            }),
        }
    }
}

/// Parses a state: a list of event types.
fn state<T: EventType>(given: &Value) -> Option<State<T>> {
    let names = given.as_array()?.iter();
    names.map(|name| name.as_str()?.parse::<T>().ok()).collect()
}

/// Dry run, as it stands after the events so far.
struct DryRun<E: Event> {
    entity_id: EntityId,
    seq: Seq,
    state: State<E::Type>,
    actor: Option<Actor>,
    /// Number of faults that the report may still have.
    faults_left: usize,
}

impl<E: Event> DryRun<E> {
    /// Applies the events one after the other and reports on each.
    fn report(mut self, context: &MachineContext<E>, events: Vec<Value>) -> Value {
        let mut legal = true;
        let mut reports = Vec::with_capacity(events.len());
        for (number, event) in events.into_iter().enumerate() {
            let at = format!("/events/{number}");
            let event_type = event.get("eventType").and_then(Value::as_str).map(line);
            let mut report = match self.apply(context, event, &at) {
                Ok(auto) => json!({ "legal": true, "autoTransitions": auto }),
                Err(problem) => {
                    legal = false;
                    let problem = problem.body_as_json();
                    json!({ "legal": false, "autoTransitions": [], "problem": problem })
                }
            };
            report["eventType"] = json!(event_type);
            report["state"] = json!(self.state);
            reports.push(report);
        }
        json!({ "legal": legal, "state": self.state, "events": reports })
    }

    /// Applies an event as an append would, and returns the auto transitions that would follow.
    ///
    /// # Errors
    /// The problem of the append; the state is then unchanged.
    fn apply(
        &mut self,
        context: &MachineContext<E>,
        event: Value,
        at: &str,
    ) -> Result<Vec<&'static str>, Problem> {
        let names = &context.names;
        let event = body::read_event::<E>(names, event, self.entity_id, at, self.faults_left)
            .map_err(|faults| {
                self.faults_left -= faults.kept().len();
                Problem::faults(&faults)
            })?;
        let event_type = event.event_type();
        self.check_role(event_type)?;
        refuse_internal(event_type)?;
        let mut state = event_type.validate(self.state).map_err(|rejection| {
            let rejected = Error::Rejected {
                entity_id: self.entity_id,
                actual: self.seq,
                rejection,
            };
            Problem::from(rejected).without_legal(&context.names.internal)
        })?;
        let mut seq = self.seq.next();
        let payload = to_payload(&event).map_err(Error::from)?;
        let mut auto_transitions = Vec::new();
        let auto = E::MACHINE.auto_transitions(state.set());
        for (auto, after) in auto.map_err(Error::from)? {
            let auto = E::Type::from_index(auto).ok_or_else(|| {
                Problem::internal("an auto transition with an unknown event type")
            })?;
            check_auto_fields::<E>(auto, &payload)?;
            auto_transitions.push(auto.name());
            state = State::from_set(after);
            seq = seq.next();
        }
        (self.state, self.seq) = (state, seq);
        Ok(auto_transitions)
    }

    /// Checks that the actor has a role that the event type allows.
    fn check_role(&self, event_type: E::Type) -> Result<(), Problem> {
        match &self.actor {
            _ if event_type.roles().next().is_none() => Ok(()),
            Some(actor) if event_type.allows(actor) => Ok(()),
            None => Err(Problem::actor_required(event_type.name())),
            Some(actor) => Err(Error::ActorNotAllowed {
                event_type: event_type.name().to_owned(),
                allowed: event_type.roles().map(str::to_owned).collect(),
                actual: actor.roles().to_vec(),
            }
            .into()),
        }
    }
}

/// Checks that an auto transition finds its required fields in the event that causes it.
fn check_auto_fields<E: Event>(auto: E::Type, payload: &Map<String, Value>) -> Result<(), Error> {
    let fields = payload_fields::<E>(auto);
    let is_given = |field: &&str| {
        fields.is_none_or(|fields| fields.contains(field))
            && payload.get(*field).is_some_and(|value| !value.is_null())
    };
    match auto.requires().find(|field| !is_given(field)) {
        None => Ok(()),
        Some(field) => Err(Error::MissingField {
            event_type: auto.name().to_owned(),
            field: field.to_owned(),
        }),
    }
}
