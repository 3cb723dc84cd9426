//! Responses to commands.

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use eventsource_core::{EntityId, Event, EventType, RecordedEvent, Visibility};
use serde_json::{Value, json};

use crate::endpoints::append_response::{header_value, mark_replayed};
use crate::endpoints::context::MachineContext;
use crate::wire::conditions::etag;
use crate::wire::outcome::AppendOutcome;
use crate::wire::page::push_escaped;
use crate::wire::prefer::Preferences;
use crate::wire::problem::Problem;
use crate::wire::resource;
use crate::wire::unread::json_response;

/// Builds the body: what has happened to the entity, as far as the client may see it.
pub(crate) fn body<E: Event>(
    context: &MachineContext<E>,
    request: &Parts,
    command_id: Option<&str>,
    outcome: &str,
    stored: &[RecordedEvent<E>],
    visible: &[Visibility],
) -> Result<Value, Problem> {
    let names = &context.names;
    let mut events = Vec::with_capacity(stored.len());
    for (event, visible) in stored.iter().zip(visible) {
        events.push(match visible {
            Visibility::Fields => resource::event(names, event, &request.headers)?,
            Visibility::Envelope => resource::envelope(names, event, &request.headers),
            _ => resource::receipt(names, event),
        });
    }
    let entity_id = stored.last().map(|event| event.entity_id);
    Ok(json!({
        "commandId": command_id,
        "outcome": outcome,
        (names.entity_id.clone()): entity_id.map(|id| names.format_id(id)),
        "events": events,
    }))
}

/// Builds the response to a command that was executed.
pub(crate) async fn respond<E: Event>(
    context: &MachineContext<E>,
    body: Value,
    stored: &[RecordedEvent<E>],
    visible: &[Visibility],
    replayed: bool,
) -> Result<Response, Problem> {
    // The events are stored: the client is told, even if it has to wait for others to read.
    let body = context
        .service
        .unread
        .count_when_free(body.to_string())
        .await;
    let mut response = json_response(body.into());
    if let Some(last) = stored.last() {
        if !visible.contains(&Visibility::Nothing) {
            let tag = etag(last.seq);
            response.headers_mut().insert(header::ETAG, tag);
        }
        response.extensions_mut().insert(AppendOutcome {
            event_types: (stored.iter())
                .map(|stored| stored.event.event_type().name())
                .collect(),
            replayed,
        });
    }
    if replayed {
        mark_replayed(response.headers_mut());
    }
    Ok(response)
}

/// Builds the response to a command that is executed later.
pub(crate) fn accepted<E: Event>(
    context: &MachineContext<E>,
    id: EntityId,
    command_id: &str,
) -> Result<Response, Problem> {
    let names = &context.names;
    let body = json!({
        "commandId": command_id,
        "outcome": "pending",
        (names.entity_id.clone()): names.format_id(id),
        "events": [],
    });
    let mut response = context.service.unread.json(&body)?;
    *response.status_mut() = StatusCode::ACCEPTED;
    let mut path = format!("/api/v1/{}/{}/command/", names.entity, names.format_id(id));
    push_escaped(&mut path, command_id);
    let location = context.service.base_url.location(&path);
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, header_value(&location)?);
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    Preferences::applied(&mut response, "respond-async");
    Ok(response)
}
