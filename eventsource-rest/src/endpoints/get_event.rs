//! `GET /api/v1/task_event/{id}`.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use eventsource_core::{Event, EventId};
use heck::ToUpperCamelCase;

use crate::endpoints::context::Api;
use crate::wire::problem::Problem;
use crate::wire::resource;

/// One event.
pub(crate) async fn event<E: Event>(
    State(api): State<Api<E>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // As in microcosm, what is not an id is a path that does not exist.
    let id: Option<EventId> = id.ok().and_then(|Path(id)| id.parse().ok());
    let found = match id {
        Some(id) => api.events.event(id).await?,
        None => None,
    };
    let Some(found) = found else {
        let name = api.names.event.to_upper_camel_case();
        return Err(Problem::not_found(&format!("{name} not found")));
    };
    Ok(Json(resource::event(&api.names, &found, &headers)?).into_response())
}
