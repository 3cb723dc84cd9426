//! `GET /api/v1/task_event/stream` and `GET /api/v1/task/{id}/stream`: events as server-sent
//! events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{Event, EventType, Position, Seq};
use futures_util::{Stream, StreamExt, stream};

use crate::clients::table::RequestClient;
use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::stream::listener::{StreamCursor, StreamListener};
use crate::wire::parameters::{QueryParameters, RawQuery};
use crate::wire::problem::Problem;

/// Header with the id of the last event that the client received.
static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Streams the events of all entities: stored ones first, then new ones.
///
/// The id of an event is its position in the log.
pub(crate) async fn stream_machine<E: Event>(
    State(context): State<MachineContext<E>>,
    reader: Reader<E>,
    client: Option<Extension<RequestClient>>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Problem> {
    let request = StreamRequest::read(&headers, query)?;
    // Every integer is the text of a position.
    let after = request
        .after
        .and_then(|after| after.to_string().parse().ok());
    let after = after.unwrap_or(Position::START);
    listen(
        &context,
        reader,
        client,
        StreamCursor::Machine(after),
        request.types,
    )
    .await
}

/// Streams the events of one entity: stored ones first, then new ones.
///
/// The id of an event is its sequence, as in `ETag` and `If-Match`.
pub(crate) async fn stream_entity<E: Event>(
    State(context): State<MachineContext<E>>,
    reader: Reader<E>,
    client: Option<Extension<RequestClient>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Problem> {
    let id = context.path_entity(id)?;
    let request = StreamRequest::read(&headers, query)?;
    if reader.0.head(id).await?.is_none() {
        return Err(context.entity_not_found());
    }
    let after = request.after.map_or(Seq::NO_STREAM, |after| {
        Seq::new(u32::try_from(after).unwrap_or(u32::MAX))
    });
    listen(
        &context,
        reader,
        client,
        StreamCursor::Entity(id, after),
        request.types,
    )
    .await
}

/// Start and filter of a stream.
struct StreamRequest<T> {
    /// Id of the last event that the client has.
    after: Option<u64>,
    /// Event types to send; empty for all.
    types: Vec<T>,
}

impl<T: EventType> StreamRequest<T> {
    /// Reads the query and the header `Last-Event-ID`.
    fn read(headers: &HeaderMap, query: RawQuery) -> Result<Self, Problem> {
        let mut parameters = QueryParameters::new(query)?;
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
        // A browser that reconnects repeats the URL, so the header is newer than `?after=`.
        let after = last_event_id(headers)?.or(after);
        let types = types.unwrap_or_default();
        Ok(Self { after, types })
    }
}

/// Reads the header `Last-Event-ID`.
fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(id) = headers.get(&LAST_EVENT_ID) else {
        return Ok(None);
    };
    let id = id.to_str().map_or("?", str::trim);
    if id.is_empty() {
        return Ok(None);
    }
    match id.parse() {
        Ok(id) => Ok(Some(id)),
        Err(_) => {
            let reason = "Not the id of an event of this stream: ids are numbers.";
            Err(Problem::header(&LAST_EVENT_ID, reason))
        }
    }
}

/// Opens a stream.
async fn listen<E: Event>(
    context: &MachineContext<E>,
    Reader(reader): Reader<E>,
    client: Option<Extension<RequestClient>>,
    start: StreamCursor,
    types: Vec<E::Type>,
) -> Result<Response, Problem> {
    let streams = &context.service.streams;
    let client = client.map(|Extension(client)| client);
    let permit = streams.try_open(client)?;
    // An error on the first page becomes a problem; later the stream can only end.
    let listener =
        StreamListener::open(Arc::clone(&context.hub), reader, start, types, permit).await?;
    let chunks = stream::unfold(listener, |mut listener| async move {
        let chunk = listener.next().await?;
        Some((chunk, listener))
    });
    let shutdown = streams.shutdown.clone();
    let chunks = chunks.take_until(async move { shutdown.triggered().await });
    let chunks = with_heartbeats(chunks, context.service.limits.heartbeat);
    let mut response = Body::from_stream(chunks.map(Ok::<_, Infallible>)).into_response();
    let headers = response.headers_mut();
    let event_stream = HeaderValue::from_static("text/event-stream");
    headers.insert(header::CONTENT_TYPE, event_stream);
    // A proxy that buffers responses would never send anything on.
    let unbuffered = HeaderValue::from_static("no");
    headers.insert(HeaderName::from_static("x-accel-buffering"), unbuffered);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Adds a comment whenever there was nothing to send for a while.
fn with_heartbeats(
    chunks: impl Stream<Item = Bytes> + Send + 'static,
    interval: Duration,
) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(Box::pin(chunks), move |mut chunks| async move {
        let chunk = match tokio::time::timeout(interval, chunks.next()).await {
            Ok(chunk) => chunk?,
            Err(_) => Bytes::from_static(b": heartbeat\n\n"),
        };
        Some((chunk, chunks))
    })
}
