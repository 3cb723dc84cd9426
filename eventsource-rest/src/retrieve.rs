//! `GET /api/v1/task_event/{id}` and `GET /api/v1/task/{id}`.

use std::str::FromStr;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{Event, EventId};
use heck::ToUpperCamelCase;

use crate::api::Api;
use crate::appended::etag;
use crate::problem::Problem;
use crate::resource;

pub(crate) async fn event<E: Event>(
    State(api): State<Api<E>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = match parse::<EventId>(id) {
        Some(id) => api.events.event(id).await?,
        None => None,
    };
    let Some(found) = found else {
        let name = api.names.event.to_upper_camel_case();
        return Err(Problem::not_found(&format!("{name} not found")));
    };
    Ok(Json(resource::event(&api.names, &found, &headers)?).into_response())
}

pub(crate) async fn entity<E: Event>(
    State(api): State<Api<E>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let id = api.entity_of(id)?;
    let Some(head) = api.events.load(id).await? else {
        return Err(api.no_entity());
    };
    let mut response = Json(resource::entity(&api.names, &head)).into_response();
    response.headers_mut().insert(header::ETAG, etag(head.seq));
    Ok(response)
}

/// As in microcosm, what is not an id is a path that does not exist.
fn parse<T: FromStr>(id: Result<Path<String>, PathRejection>) -> Option<T> {
    let Path(id) = id.ok()?;
    id.parse().ok()
}
