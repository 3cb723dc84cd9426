//! Response to an append.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use eventsource_core::{Appended, EntityId, Event, EventType, RecordedEvent, Visibility};
use serde_json::Value;

use crate::endpoints::context::MachineContext;
use crate::wire::conditions::etag;
use crate::wire::names::WireNames;
use crate::wire::outcome::AppendOutcome;
use crate::wire::problem::Problem;
use crate::wire::resource;
use crate::wire::unread::json_response;

/// Header that marks the response to a repeated request.
static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Index of an event of the body: its entity's group, and the index within that group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GroupedIndex {
    /// Index of the group.
    pub(crate) group: usize,
    /// Index within the group.
    pub(crate) index: usize,
}

/// Builds the response: the events of the request, in the order of the body.
///
/// # Errors
/// 500 if the store returned other events.
pub(crate) async fn append_response<E: Event>(
    context: &MachineContext<E>,
    headers: &HeaderMap,
    appended: &Appended<E>,
    visible: &[Visibility],
    order: &[GroupedIndex],
    is_list: bool,
) -> Result<Response, Problem> {
    let entities = requested_events(&appended.events, visible);
    let mut events = Vec::with_capacity(order.len());
    let mut resources = Vec::with_capacity(order.len());
    for &GroupedIndex { group, index } in order {
        let entity = entities.get(group);
        let Some((event, visible)) = entity.and_then(|events| events.get(index)) else {
            return Err(Problem::internal(
                "the store returned other events than were appended",
            ));
        };
        events.push(*event);
        resources.push(match visible {
            Visibility::Fields => resource::event(&context.names, event, headers)?,
            Visibility::Envelope => resource::envelope(&context.names, event, headers),
            _ => resource::receipt(&context.names, event),
        });
    }
    let one_entity = single_entity(&events).filter(|_| entities.len() == 1);
    let single = events.first().filter(|_| !is_list);
    let body = match is_list {
        true => Value::Array(resources),
        false => resources.pop().unwrap_or_default(),
    };
    let text = body.to_string();
    // The events are stored: the client is told, even if it has to wait for others to read.
    let body = context.service.unread.count_when_free(text).await;
    let mut response = json_response(body.into());
    *response.status_mut() = StatusCode::CREATED;
    let event_types = appended.events.iter();
    response.extensions_mut().insert(AppendOutcome {
        event_types: event_types
            .map(|stored| stored.event.event_type().name())
            .collect(),
        replayed: appended.replayed,
    });
    record_span_fields(&context.names, appended);
    let response_headers = response.headers_mut();
    let names = &context.names;
    if let Some(event) = single {
        let path = format!("/api/v1/{}/{}", names.event, event.id);
        let location = context.service.base_url.location(&path);
        response_headers.insert(header::LOCATION, header_value(&location)?);
        response_headers.insert(
            names.id_header.clone(),
            header_value(&event.id.to_string())?,
        );
    } else if let Some(id) = one_entity {
        let path = format!("/api/v1/{}/{}", names.entity, names.format_id(id));
        let location = context.service.base_url.location(&path);
        response_headers.insert(header::LOCATION, header_value(&location)?);
    }
    if one_entity.is_some() && !visible.contains(&Visibility::Nothing) {
        response_headers.insert(header::ETAG, etag(appended.last().seq));
    }
    if appended.replayed {
        mark_replayed(response_headers);
    }
    Ok(response)
}

/// Marks the response to a request whose events an earlier one has stored.
pub(crate) fn mark_replayed(headers: &mut HeaderMap) {
    let replayed = HeaderValue::from_static("true");
    headers.insert(IDEMPOTENCY_REPLAYED.clone(), replayed);
}

/// Records the stored events in the span of the request.
fn record_span_fields<E: Event>(names: &WireNames, appended: &Appended<E>) {
    let span = tracing::Span::current();
    let last = appended.last();
    span.record("entity_id", names.format_id(last.entity_id));
    span.record("event_type", appended.first().event.event_type().name());
    span.record("sequence", last.seq.get());
}

/// Stored event, and how much of it the client may see.
type VisibleEvent<'a, E> = (&'a RecordedEvent<E>, Visibility);

/// Groups the stored events by entity and leaves out auto transitions.
fn requested_events<'a, E: Event>(
    events: &'a [RecordedEvent<E>],
    visible: &[Visibility],
) -> Vec<Vec<VisibleEvent<'a, E>>> {
    let mut entities: Vec<Vec<VisibleEvent<'a, E>>> = Vec::new();
    let events: Vec<_> = events.iter().zip(visible.iter().copied()).collect();
    let mut remaining = events.as_slice();
    while let Some((&(event, visible), after)) = remaining.split_first() {
        let previous = entities.last().and_then(|events| events.last());
        if previous.is_some_and(|(previous, _)| previous.entity_id == event.entity_id) {
            if let Some(events) = entities.last_mut() {
                events.push((event, visible));
            }
        } else {
            entities.push(vec![(event, visible)]);
        }
        let auto = E::MACHINE.auto_transitions(event.state.set());
        let auto = auto.map_or(0, |auto| auto.len());
        remaining = after.get(auto..).unwrap_or_default();
    }
    entities
}

/// Returns the entity of the events if they all belong to one.
fn single_entity<E: Event>(events: &[&RecordedEvent<E>]) -> Option<EntityId> {
    let first = events.first()?.entity_id;
    let same = events.iter().all(|event| event.entity_id == first);
    same.then_some(first)
}

/// Converts a text to a header value.
pub(crate) fn header_value(text: &str) -> Result<HeaderValue, Problem> {
    text.parse()
        .map_err(|_| Problem::internal("a response header with an invalid value"))
}
