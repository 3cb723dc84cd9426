//! `POST /api/v1/task_event` and `POST /api/v1/task/{id}/task_event`: appends events.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::Response;
use eventsource_core::{
    Actor, Append, EntityId, Error, Event, EventType, Head, RecordedEvent, Visibility,
};

use crate::clients::table::RequestClient;
use crate::endpoints::append_response::{GroupedIndex, append_response};
use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::options::before_append::Proposed;
use crate::wire::body::{self, AppendBody, BodyEvent};
use crate::wire::conditions::Conditions;
use crate::wire::correlation::Correlation;
use crate::wire::media;
use crate::wire::problem::Problem;
use crate::wire::store_problem::append_problem;

/// Header whose key makes a repeat of a request harmless.
static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Most characters of an idempotency key.
const MAX_KEY: usize = 255;

/// Appends the events of the body, all of them or none.
///
/// The response has these events, without the auto transitions that followed.
pub(crate) async fn append<E: Event>(
    State(context): State<MachineContext<E>>,
    request: Request,
) -> Result<Response, Problem> {
    perform(&context, None, request).await
}

/// Appends the events of the body to the entity of the path.
pub(crate) async fn append_to<E: Event>(
    State(context): State<MachineContext<E>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let id = context.path_entity(id)?;
    perform(&context, Some(id), request).await
}

/// Runs an append: reads the request, checks it, stores the events and builds the response.
async fn perform<E: Event>(
    context: &MachineContext<E>,
    path_entity: Option<EntityId>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let actor = context.actor(&parts)?;
    media::require_json(&parts.headers)?;
    let conditions = Conditions::read(&parts.headers)?;
    let key = idempotency_key(&parts.headers)?;
    let max_batch = context.service.limits.max_batch;
    // Counted until the request is answered: its events are copies.
    let room = || RequestClient::large_bodies(&parts);
    let body = context.service.intake.receive(body, room).await?;
    let read = |body: &[u8]| body::read::<E>(&context.names, body, path_entity, max_batch);
    let AppendBody { events, is_list } = body.parse(read).await?;
    require_actor(&events, actor.as_ref())?;
    for BodyEvent { event, .. } in &events {
        refuse_internal(event.event_type())?;
    }
    let (mut groups, order) = group_by_entity(events);
    if groups.len() > 1 && !conditions.is_empty() {
        let reason = "A condition is about one entity, but the body has events of several.";
        return Err(Problem::header(&header::IF_MATCH, reason));
    }
    // A client that may not read the machine may append to it all the same, if its rules say so.
    let reader = context.reader(actor.as_ref()).ok();
    for group in &mut groups {
        if let Some(id) = group.entity_id {
            group.head = context.program().head(id).await?;
            if group.head.is_some() && !exists_for(reader.as_ref(), id).await? {
                return Err(context.entity_not_found());
            }
        }
    }
    let is_checked = run_checks(context, &groups, key.as_deref(), actor.as_ref()).await?;
    let Some(append) = build_append(context, groups, &conditions) else {
        return Err(Problem::internal("an append without events"));
    };
    let append = with_metadata(append, &parts, key, actor);
    let appended = match is_checked {
        true => append.await.map(Some),
        false => append.repeated().await,
    };
    let appended = appended.map_err(|error| {
        let problem = append_problem(&context.names, &conditions, error);
        let problem = problem.without_legal(&context.names.internal);
        match &reader {
            Some(_) => problem,
            None => problem.without_state(),
        }
    })?;
    let Some(appended) = appended else {
        // The key has expired since it was looked up: the checks would have to run now.
        return Err(Problem::busy(
            "idempotency-key-expired",
            "Idempotency key expired",
            "The idempotency key expired at this moment.",
        ));
    };
    let visible = visibility(reader.as_ref(), &appended.events).await;
    append_response(
        context,
        &parts.headers,
        &appended,
        &visible,
        &order,
        is_list,
    )
    .await
}

/// Returns whether an entity that exists does so for this client: one that the policy excludes is not
/// found, so that nothing is learnt from an append to it.
pub(crate) async fn exists_for<E: Event>(
    reader: Option<&Reader<E>>,
    id: EntityId,
) -> Result<bool, Error> {
    match reader {
        Some(Reader(events)) => Ok(events.head(id).await?.is_some()),
        None => Ok(true),
    }
}

/// Returns how much of the stored events the client may see; nothing if that is not known.
pub(crate) async fn visibility<E: Event>(
    reader: Option<&Reader<E>>,
    events: &[RecordedEvent<E>],
) -> Vec<Visibility> {
    let known = match reader {
        Some(Reader(reader)) => reader.visibility(events).await.ok(),
        None => None,
    };
    known.unwrap_or_else(|| vec![Visibility::Nothing; events.len()])
}

/// Refuses an event that only the program itself appends.
pub(crate) fn refuse_internal<T: EventType>(event_type: T) -> Result<(), Problem> {
    if !event_type.is_internal() {
        return Ok(());
    }
    let status = StatusCode::FORBIDDEN;
    let detail =
        format!("Event type '{event_type}' is appended by the service itself, never by a client.");
    Err(Problem::new(status, "internal-event", "Internal event")
        .detail(&detail)
        .with("event", event_type.name()))
}

/// Runs the checks of the application, unless an earlier request has stored the events: then they may
/// not be stored again. Returns whether the checks accept them.
async fn run_checks<E: Event>(
    context: &MachineContext<E>,
    groups: &[EntityEvents<E>],
    key: Option<&str>,
    actor: Option<&Actor>,
) -> Result<bool, Problem> {
    if context.checks.is_empty() {
        return Ok(true);
    }
    if is_repeat(context, key, actor).await? {
        return Ok(false);
    }
    match run_all_checks(context, groups, actor).await {
        Ok(()) => Ok(true),
        // The first request may have been stored in the meantime, and be the reason of the refusal.
        Err(_) if is_repeat(context, key, actor).await? => Ok(false),
        Err(refused) => Err(refused),
    }
}

/// Returns whether a request of the actor with the idempotency key has stored events.
async fn is_repeat<E: Event>(
    context: &MachineContext<E>,
    key: Option<&str>,
    actor: Option<&Actor>,
) -> Result<bool, Problem> {
    let (events, actor) = (context.program(), actor.map(Actor::id));
    match key {
        Some(key) => Ok(events.idempotency_key_exists(actor, key).await?),
        None => Ok(false),
    }
}

/// Runs the checks of the application for each entity, until one refuses.
async fn run_all_checks<E: Event>(
    context: &MachineContext<E>,
    groups: &[EntityEvents<E>],
    actor: Option<&Actor>,
) -> Result<(), Problem> {
    for group in groups {
        let proposed = Proposed {
            entity_id: group.entity_id,
            head: group.head.as_ref(),
            events: &group.events,
            actor,
        };
        for check in context.checks.iter() {
            check.check_boxed(&proposed).await?;
        }
    }
    Ok(())
}

/// Events of one entity that are to be appended.
struct EntityEvents<E: Event> {
    /// Entity; `None` for a new one whose id the store chooses.
    entity_id: Option<EntityId>,
    /// Head when the request came.
    head: Option<Head<E>>,
    events: Vec<E>,
}

/// Groups events by entity, and returns the index of each event of the body in the groups.
fn group_by_entity<E: Event>(
    events: Vec<BodyEvent<E>>,
) -> (Vec<EntityEvents<E>>, Vec<GroupedIndex>) {
    let mut groups: Vec<EntityEvents<E>> = Vec::with_capacity(1);
    let mut order = Vec::with_capacity(events.len());
    for BodyEvent { entity_id, event } in events {
        let creates = entity_id.is_none() && event.event_type().is_initial();
        // A further event without an id belongs to the entity that was created last.
        let known = groups
            .iter()
            .rposition(|group| group.entity_id == entity_id && !creates);
        let group = known.unwrap_or_else(|| {
            groups.push(EntityEvents {
                entity_id,
                head: None,
                events: Vec::with_capacity(1),
            });
            groups.len() - 1
        });
        order.push(GroupedIndex {
            group,
            index: groups[group].events.len(),
        });
        groups[group].events.push(event);
    }
    (groups, order)
}

/// Builds the append, expecting of each entity the sequence that the conditions or its head give.
fn build_append<'a, E: Event>(
    context: &'a MachineContext<E>,
    groups: Vec<EntityEvents<E>>,
    conditions: &Conditions,
) -> Option<Append<'a, E>> {
    let mut append: Option<Append<'a, E>> = None;
    for group in groups {
        let current = group.head.map(|head| head.seq);
        let mut events = group.events.into_iter();
        let first = events.next()?;
        let started = match (append.take(), group.entity_id) {
            (None, Some(id)) => context.program().append(id, first),
            (None, None) => context.program().create(first),
            (Some(append), Some(id)) => append.append(id, first),
            (Some(append), None) => append.create(first),
        };
        let started = started.expected_seq(conditions.expected(current));
        append = Some(events.fold(started, Append::event));
    }
    append
}

/// Adds the idempotency key, the actor and the correlation of the request.
fn with_metadata<'a, E: Event>(
    mut append: Append<'a, E>,
    request: &Parts,
    key: Option<String>,
    actor: Option<Actor>,
) -> Append<'a, E> {
    if let Some(key) = key {
        append = append.idempotency_key(key);
    }
    if let Some(actor) = actor {
        append = append.by(actor);
    }
    if let Some(correlation) = request.extensions.get::<Correlation>() {
        if let Some(id) = &correlation.correlation_id {
            append = append.correlation_id(id);
        }
        if let Some(id) = &correlation.causation_id {
            append = append.causation_id(id);
        }
    }
    append
}

/// Refuses a request without an actor if an event type requires a role.
///
/// This runs before the entity is read, so that anonymous clients learn nothing of its state.
fn require_actor<E: Event>(events: &[BodyEvent<E>], actor: Option<&Actor>) -> Result<(), Problem> {
    let mut types = events.iter().map(|item| item.event.event_type());
    match types.find(|event_type| event_type.roles().next().is_some()) {
        Some(event_type) if actor.is_none() => Err(Problem::actor_required(event_type.name())),
        _ => Ok(()),
    }
}

/// Reads the idempotency key.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else {
        return Ok(None);
    };
    let key = key.to_str().map(str::trim).unwrap_or_default();
    let reason = match key.len() {
        _ if given.next().is_some() => "Must be given once.",
        0 => "Must be visible ASCII characters, at least one.",
        1..=MAX_KEY => return Ok(Some(key.to_owned())),
        _ => "Must have at most 255 characters.",
    };
    Err(Problem::header(&IDEMPOTENCY_KEY, reason))
}
