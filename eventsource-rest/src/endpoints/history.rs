//! `GET /api/v1/task/{id}/history`: the events of an entity, oldest first.

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{EntityId, Error, Event, Seq};
use futures_util::{StreamExt, stream};

use crate::endpoints::context::MachineContext;
use crate::wire::conditions::{Conditions, etag};
use crate::wire::media;
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Media type of a list of events.
const JSON: &str = "application/json";
/// Media types with an event on each line.
const LINES: [&str; 2] = ["application/jsonl", "application/x-ndjson"];

/// Number of events that are read, and in memory, at once.
const PAGE_SIZE: u64 = 500;

/// Returns the events that the entity has when the request comes.
pub(crate) async fn history<E: Event>(
    State(context): State<MachineContext<E>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = context.path_entity(id)?;
    let offered = [JSON, LINES[0], LINES[1]];
    let Some(media) = media::negotiate(&headers, &offered) else {
        return Err(not_acceptable(&offered));
    };
    let conditions = Conditions::read(&headers)?;
    let Some(head) = context.events.head(id).await? else {
        return Err(context.entity_not_found());
    };
    let mut response = if conditions.none_match_fails(Some(head.seq)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut pages = HistoryPages {
            context,
            headers,
            id,
            read: Seq::NO_STREAM,
            last: head.seq,
            lines: media != JSON,
            done: false,
        };
        // An error on the first page becomes a problem; later ones can only end the response.
        let first = pages.next().await?;
        let rest = stream::unfold(pages, |mut pages| async move {
            let page = pages.next().await.transpose()?;
            Some((page, pages))
        });
        let first = stream::iter(first.map(Ok));
        // The compression layer polls once more after the end.
        let all = StreamExt::fuse(StreamExt::chain(first, rest));
        let body = Body::from_stream(all);
        let mut response = body.into_response();
        let media = HeaderValue::from_static(media);
        response.headers_mut().insert(header::CONTENT_TYPE, media);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag(head.seq));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// Reader of a history, page by page.
struct HistoryPages<E: Event> {
    context: MachineContext<E>,
    headers: HeaderMap,
    id: EntityId,
    /// Sequence of the last event that was read.
    read: Seq,
    /// Sequence of the last event to read.
    last: Seq,
    /// Whether each event is a line of its own; otherwise they are one list.
    lines: bool,
    done: bool,
}

impl<E: Event> HistoryPages<E> {
    /// Reads the text of the next page; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if self.done {
            return Ok(None);
        }
        let left = u64::from(self.last.get() - self.read.get());
        let history = self.context.events.history(self.id).after(self.read);
        let events = history.limit(PAGE_SIZE.min(left)).await?;
        let mut text = String::with_capacity(events.len() * 256);
        for recorded in &events {
            match (self.lines, recorded.seq == Seq::NO_STREAM.next()) {
                (true, _) => {}
                (false, true) => text.push('['),
                (false, false) => text.push_str(",\n"),
            }
            let resource = resource::event(&self.context.names, recorded, &self.headers)?;
            text.push_str(&resource.to_string());
            if self.lines {
                text.push('\n');
            }
            self.read = recorded.seq;
        }
        // The log is append-only, so every event that the head counts exists.
        self.done = events.is_empty() || self.read >= self.last;
        if self.done && !self.lines {
            text.push_str("]\n");
        }
        Ok(Some(text.into()))
    }
}

/// Creates the 406 of a request that accepts none of the media types.
fn not_acceptable(offered: &[&str]) -> Problem {
    let status = StatusCode::NOT_ACCEPTABLE;
    Problem::new(status, "not-acceptable", "Not acceptable")
        .detail(&format!("Available media types: {}.", offered.join(", ")))
}
