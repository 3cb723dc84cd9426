//! `GET /api/v1/task_event/{id}`: one event.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use eventsource_core::{Event, EventId};
use heck::ToUpperCamelCase;

use crate::endpoints::context::MachineContext;
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Returns the event of the path.
pub(crate) async fn get_event<E: Event>(
    State(context): State<MachineContext<E>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A text that is not an id is answered as an event that does not exist.
    let id: Option<EventId> = id.ok().and_then(|Path(id)| id.parse().ok());
    let found = match id {
        Some(id) => context.events.event(id).await?,
        None => None,
    };
    let Some(found) = found else {
        let name = context.names.event.to_upper_camel_case();
        return Err(Problem::not_found(&format!("{name} not found")));
    };
    let event = resource::event(&context.names, &found, &headers)?;
    context.service.unread.json(&event)
}
