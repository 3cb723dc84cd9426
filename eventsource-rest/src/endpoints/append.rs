//! `POST /api/v1/task_event` and `POST /api/v1/task/{id}/task_event`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::Response;
use eventsource_core::{Actor, Append, EntityId, Event, EventType, Head};

use crate::endpoints::append_response::{Place, answer};
use crate::endpoints::context::Api;
use crate::options::before_append::Proposed;
use crate::wire::body::{self, Asked, Item};
use crate::wire::conditions::Conditions;
use crate::wire::correlation::Correlation;
use crate::wire::media;
use crate::wire::problem::Problem;
use crate::wire::store_problem::refused;

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Appends the events of the body, all of them or none. The answer is those events; auto transitions
/// are not in it.
pub(crate) async fn append<E: Event>(
    State(api): State<Api<E>>,
    request: Request,
) -> Result<Response, Problem> {
    perform(&api, None, request).await
}

/// The same, to the entity of the path.
pub(crate) async fn append_to<E: Event>(
    State(api): State<Api<E>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let id = api.entity_of(id)?;
    perform(&api, Some(id), request).await
}

async fn perform<E: Event>(
    api: &Api<E>,
    named: Option<EntityId>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let actor = api.actor(&parts).await?;
    media::require_json(&parts.headers)?;
    let conditions = Conditions::read(&parts.headers)?;
    let key = idempotency_key(&parts.headers)?;
    let limits = &api.shared.limits;
    let bytes = body::bytes(body, limits.max_body_bytes).await?;
    let Asked { items, is_list } = body::read::<E>(&api.names, &bytes, named, limits.max_batch)?;
    require_actor(&items, actor.as_ref())?;
    let (mut groups, places) = group(items);
    if groups.len() > 1 && !conditions.is_empty() {
        let reason = "Speaks of one entity, and the body of several.";
        return Err(Problem::header(&header::IF_MATCH, reason));
    }
    for group in &mut groups {
        if let Some(id) = group.entity_id {
            group.head = api.events.load(id).await?;
        }
    }
    check(api, &groups, key.as_deref(), actor.as_ref()).await?;
    let Some(append) = of_groups(api, groups, &conditions) else {
        return Err(Problem::internal("a body without events was read"));
    };
    let append = described(append, &parts, key, actor);
    let told = |error| refused(&api.names, &conditions, error);
    let appended = append.await.map_err(told)?;
    answer(api, &parts.headers, &appended, &places, is_list)
}

/// Asks the checks of the application, unless the request is a repeat: what is stored is not up to
/// them any more.
async fn check<E: Event>(
    api: &Api<E>,
    groups: &[Group<E>],
    key: Option<&str>,
    actor: Option<&Actor>,
) -> Result<(), Problem> {
    if api.checks.is_empty() || is_repeat(api, key).await? {
        return Ok(());
    }
    match ask(api, groups, actor).await {
        // The first try may have come in between, and be why it is refused.
        Err(_) if is_repeat(api, key).await? => Ok(()),
        asked => asked,
    }
}

async fn is_repeat<E: Event>(api: &Api<E>, key: Option<&str>) -> Result<bool, Problem> {
    match key {
        Some(key) => Ok(api.events.has_appended(key).await?),
        None => Ok(false),
    }
}

async fn ask<E: Event>(
    api: &Api<E>,
    groups: &[Group<E>],
    actor: Option<&Actor>,
) -> Result<(), Problem> {
    for group in groups {
        let proposed = Proposed {
            entity_id: group.entity_id,
            head: group.head.as_ref(),
            events: &group.events,
            actor,
        };
        for check in api.checks.iter() {
            check.ask(&proposed).await?;
        }
    }
    Ok(())
}

/// The events of one entity.
struct Group<E: Event> {
    /// `None` for a new one, which the store names.
    entity_id: Option<EntityId>,
    head: Option<Head<E>>,
    events: Vec<E>,
}

/// The events entity by entity, and where each one went.
fn group<E: Event>(items: Vec<Item<E>>) -> (Vec<Group<E>>, Vec<Place>) {
    let mut groups: Vec<Group<E>> = Vec::with_capacity(1);
    let mut places = Vec::with_capacity(items.len());
    for Item { entity_id, event } in items {
        let begins = entity_id.is_none() && event.event_type().is_initial();
        // What goes on with a new entity goes on with the last one.
        let known = groups
            .iter()
            .rposition(|group| group.entity_id == entity_id && !begins);
        let group = known.unwrap_or_else(|| {
            groups.push(Group {
                entity_id,
                head: None,
                events: Vec::with_capacity(1),
            });
            groups.len() - 1
        });
        places.push(Place {
            group,
            number: groups[group].events.len(),
        });
        groups[group].events.push(event);
    }
    (groups, places)
}

/// What is appended, and the sequence that is expected of each entity: what its head was found to
/// be, or what the conditions say.
fn of_groups<'a, E: Event>(
    api: &'a Api<E>,
    groups: Vec<Group<E>>,
    conditions: &Conditions,
) -> Option<Append<'a, E>> {
    let mut append: Option<Append<'a, E>> = None;
    for group in groups {
        let found = group.head.map(|head| head.seq);
        let mut events = group.events.into_iter();
        let first = events.next()?;
        let begun = match (append.take(), group.entity_id) {
            (None, Some(id)) => api.events.append(id, first),
            (None, None) => api.events.create(first),
            (Some(append), Some(id)) => append.also(id, first),
            (Some(append), None) => append.also_create(first),
        };
        let begun = begun.expecting(conditions.expected(found));
        append = Some(events.fold(begun, Append::then));
    }
    append
}

/// With what is known of the request beside the events.
fn described<'a, E: Event>(
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
            append = append.correlated_with(id);
        }
        if let Some(id) = &correlation.causation_id {
            append = append.caused_by(id);
        }
    }
    append
}

/// Who does not say who they are is asked to, before anything is said of the entity.
fn require_actor<E: Event>(items: &[Item<E>], actor: Option<&Actor>) -> Result<(), Problem> {
    let mut types = items.iter().map(|item| item.event.event_type());
    match types.find(|event_type| event_type.roles().next().is_some()) {
        Some(event_type) if actor.is_none() => Err(Problem::unidentified(event_type.name())),
        _ => Ok(()),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(&IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = key.to_str().map(str::trim).unwrap_or_default();
    if key.is_empty() {
        let reason = "Not a text of visible characters.";
        return Err(Problem::header(&IDEMPOTENCY_KEY, reason));
    }
    Ok(Some(key.to_owned()))
}
