//! `GET /api/v1/task_event/stream` and `GET /api/v1/task/{id}/stream`: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use eventsource_core::{Event, EventType, Position, Seq};
use futures_util::StreamExt;
use futures_util::stream;

use crate::endpoints::context::Api;
use crate::stream::listener::{Cursor, Listener};
use crate::wire::parameters::{Given, Parameters};
use crate::wire::problem::Problem;

static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The events of all entities, those that there are and then those that come. An event's id is its
/// position in the order of the store.
pub(crate) async fn of_machine<E: Event>(
    State(api): State<Api<E>>,
    headers: HeaderMap,
    query: Given,
) -> Result<Response, Problem> {
    let asked = Asked::read(&headers, query)?;
    let after = Position::new(asked.after.unwrap_or(0));
    listen(&api, Cursor::Machine(after), asked.types).await
}

/// The events of one entity, likewise. An event's id is its sequence, as in `ETag` and `If-Match`.
pub(crate) async fn of_entity<E: Event>(
    State(api): State<Api<E>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    query: Given,
) -> Result<Response, Problem> {
    let id = api.entity_of(id)?;
    let asked = Asked::read(&headers, query)?;
    if api.events.load(id).await?.is_none() {
        return Err(api.no_entity());
    }
    let after = asked.after.map_or(Seq::NONE, |after| {
        Seq::new(u32::try_from(after).unwrap_or(u32::MAX))
    });
    listen(&api, Cursor::Entity(id, after), asked.types).await
}

/// From where on a client asks for events, and of which types.
struct Asked<T> {
    after: Option<u64>,
    /// All, if there are none.
    types: Vec<T>,
}

impl<T: EventType> Asked<T> {
    fn read(headers: &HeaderMap, query: Given) -> Result<Self, Problem> {
        let mut parameters = Parameters::new(query)?;
        let parse = |text: &str| {
            let names = text.split(',').filter(|name| !name.is_empty());
            names
                .map(|name| {
                    name.parse()
                        .map_err(|_| format!("Invalid enum member {name}"))
                })
                .collect::<Result<Vec<T>, String>>()
        };
        let types = parameters.take_with("event_type", parse, |_| String::new());
        let after = parameters.take_integer("after");
        parameters.finish()?;
        // A browser that connects again says in the header how far it came, with the old URL.
        let after = last_event_id(headers)?.or(after);
        let types = types.unwrap_or_default();
        Ok(Self { after, types })
    }
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(id) = headers.get(&LAST_EVENT_ID) else {
        return Ok(None);
    };
    let id = id.to_str().map(str::trim).unwrap_or("?");
    if id.is_empty() {
        return Ok(None);
    }
    match id.parse() {
        Ok(id) => Ok(Some(id)),
        Err(_) => {
            let reason = "Not the id of an event of this stream, which is a number.";
            Err(Problem::header(&LAST_EVENT_ID, reason))
        }
    }
}

async fn listen<E: Event>(
    api: &Api<E>,
    from: Cursor,
    types: Vec<E::Type>,
) -> Result<Response, Problem> {
    let streams = &api.shared.streams;
    let Some(permit) = streams.open() else {
        let detail = "As many streams are open as the service serves at once.";
        return Err(Problem::busy(
            "too-many-streams",
            "Too many streams",
            detail,
        ));
    };
    // What cannot be read is told before the stream begins, where that can be.
    let listener = Listener::open(Arc::clone(&api.hub), from, types, permit).await?;
    let frames = stream::unfold(listener, |mut listener| async move {
        let frame = listener.next().await?;
        Some((Ok::<_, Infallible>(frame), listener))
    });
    let shutdown = streams.shutdown.clone();
    let frames = frames.take_until(async move { shutdown.triggered().await });
    let heartbeat = KeepAlive::new()
        .interval(api.shared.limits.heartbeat)
        .text("heartbeat");
    let mut response = Sse::new(frames).keep_alive(heartbeat).into_response();
    // A proxy that collects an answer before it passes it on would pass on nothing.
    let unbuffered = HeaderValue::from_static("no");
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-accel-buffering"), unbuffered);
    Ok(response)
}
