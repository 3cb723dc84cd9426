//! `GET /api/v1/task_event/{id}`: one event.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use eventsource_core::{Error, Event, EventId, UnreadableReason};
use heck::ToUpperCamelCase;

use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Returns the event of the path.
pub(crate) async fn get_event<E: Event>(
    State(context): State<MachineContext<E>>,
    Reader(events): Reader<E>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A text that is not an id is answered as an event that does not exist.
    let id: Option<EventId> = id.ok().and_then(|Path(id)| id.parse().ok());
    let found = match id {
        Some(id) => events.event(id).await,
        None => Ok(None),
    };
    let resource = match found {
        Ok(Some(found)) => resource::event(&context.names, &found, &headers)?,
        Err(Error::Unreadable(hidden)) if hidden.reason == UnreadableReason::Hidden => {
            resource::event_result::<E>(&context.names, &Err(hidden), &headers)
        }
        Ok(None) => {
            let name = context.names.event.to_upper_camel_case();
            return Err(Problem::not_found(&format!("{name} not found")));
        }
        Err(error) => return Err(error.into()),
    };
    context.service.unread.json(&resource)
}
