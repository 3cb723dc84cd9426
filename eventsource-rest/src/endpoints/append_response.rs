//! The answer to an append.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{Appended, EntityId, Event, EventType, RecordedEvent};
use serde_json::Value;

use crate::endpoints::context::Api;
use crate::wire::conditions::etag;
use crate::wire::names::Names;
use crate::wire::outcome::Stored;
use crate::wire::problem::Problem;
use crate::wire::resource;

static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Where an event of the body went: which of its entities, and the how manieth of that entity's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) group: usize,
    pub(crate) number: usize,
}

/// The events that were asked for, in the order of the body.
///
/// # Errors
/// 500 if the store did not return them.
pub(crate) fn answer<E: Event>(
    api: &Api<E>,
    headers: &HeaderMap,
    appended: &Appended<E>,
    places: &[Place],
    is_list: bool,
) -> Result<Response, Problem> {
    let entities = asked_for(&appended.events);
    let mut events = Vec::with_capacity(places.len());
    let mut resources = Vec::with_capacity(places.len());
    for place in places {
        let entity = entities.get(place.group);
        let Some(event) = entity.and_then(|events| events.get(place.number)) else {
            return Err(Problem::internal("an append returned other events"));
        };
        events.push(*event);
        resources.push(resource::event(&api.names, event, headers)?);
    }
    let one_entity = one_entity(&events).filter(|_| entities.len() == 1);
    let single = events.first().filter(|_| !is_list);
    let body = match is_list {
        true => Value::Array(resources),
        false => resources.pop().unwrap_or_default(),
    };
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    let event_types = appended.events.iter();
    response.extensions_mut().insert(Stored {
        event_types: event_types
            .map(|stored| stored.event.event_type().name())
            .collect(),
        replayed: appended.replayed,
    });
    record(&api.names, appended);
    let answer = response.headers_mut();
    let names = &api.names;
    if let Some(event) = single {
        let location = format!("/api/v1/{}/{}", names.event, event.id);
        answer.insert(header::LOCATION, value(&location)?);
        answer.insert(names.id_header.clone(), value(&event.id.to_string())?);
    } else if let Some(id) = one_entity {
        let location = format!("/api/v1/{}/{}", names.entity, names.format_id(id));
        answer.insert(header::LOCATION, value(&location)?);
    }
    if one_entity.is_some() {
        answer.insert(header::ETAG, etag(appended.last().seq));
    }
    if appended.replayed {
        let replayed = HeaderValue::from_static("true");
        answer.insert(IDEMPOTENCY_REPLAYED.clone(), replayed);
    }
    Ok(response)
}

/// Tells the span of the request what was stored.
fn record<E: Event>(names: &Names, appended: &Appended<E>) {
    let span = tracing::Span::current();
    let last = appended.last();
    span.record("entity_id", names.format_id(last.entity_id));
    span.record("event_type", appended.first().event.event_type().name());
    span.record("sequence", last.seq.get());
}

/// The events entity by entity, without the auto transitions between them.
fn asked_for<E: Event>(events: &[RecordedEvent<E>]) -> Vec<Vec<&RecordedEvent<E>>> {
    let mut entities: Vec<Vec<&RecordedEvent<E>>> = Vec::new();
    let mut rest = events;
    while let Some((event, after)) = rest.split_first() {
        let before = entities.last().and_then(|events| events.last());
        if before.is_some_and(|before| before.entity_id == event.entity_id) {
            if let Some(events) = entities.last_mut() {
                events.push(event);
            }
        } else {
            entities.push(vec![event]);
        }
        let auto = E::MACHINE.auto_transitions(event.state.set());
        let written = auto.map_or(0, |auto| auto.len());
        rest = after.get(written..).unwrap_or_default();
    }
    entities
}

fn one_entity<E: Event>(events: &[&RecordedEvent<E>]) -> Option<EntityId> {
    let first = events.first()?.entity_id;
    let same = events.iter().all(|event| event.entity_id == first);
    same.then_some(first)
}

fn value(text: &str) -> Result<HeaderValue, Problem> {
    text.parse()
        .map_err(|_| Problem::internal("what is no value of a header"))
}
