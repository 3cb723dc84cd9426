//! `GET /api/v1/task/{id}/history`: the events of an entity, oldest first.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{Error, Event, EventResult, Seq, UnreadableReason};
use futures_util::StreamExt;

use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::wire::conditions::{Conditions, etag};
use crate::wire::media;
use crate::wire::names::WireNames;
use crate::wire::problem::Problem;
use crate::wire::resource;
use crate::wire::resource::Envelope;
use crate::wire::unread::CHUNK_BYTES;

/// Media type of a list of events.
const JSON: &str = "application/json";
/// Media types with an event on each line.
const LINES: [&str; 2] = ["application/jsonl", "application/x-ndjson"];

/// Returns the events that the entity has when the request comes.
pub(crate) async fn history<E: Event>(
    State(context): State<MachineContext<E>>,
    Reader(events): Reader<E>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = context.path_entity(id)?;
    let offered = [JSON, LINES[0], LINES[1]];
    let Some(media) = media::negotiate(&headers, &offered) else {
        return Err(not_acceptable(&offered));
    };
    let conditions = Conditions::read(&headers)?;
    let Some(head) = events.head(id).await? else {
        return Err(context.entity_not_found());
    };
    let service = Arc::clone(&context.service);
    let mut response = if conditions.none_match_fails(Some(head.seq)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let limit = u64::from(head.seq.get());
        let history = events.history(id).limit(limit);
        let mut pages = Box::pin(history.max_bytes(CHUNK_BYTES).each_page());
        let mut writer = HistoryWriter {
            names: Arc::clone(&context.names),
            headers,
            last: head.seq,
            lines: media != JSON,
        };
        // An error on the first page becomes a problem; later ones can only break off the response.
        let first = match pages.next().await.transpose()? {
            Some(page) => writer.write(page)?,
            None => String::new(),
        };
        let rest = pages.map(move |page| writer.write(page?));
        let body = context.service.unread.body(first, rest)?;
        let mut response = body.into_response();
        let media = HeaderValue::from_static(media);
        response.headers_mut().insert(header::CONTENT_TYPE, media);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag(head.seq));
    let vary = HeaderValue::from_static("Accept, X-Response-Skip-Null");
    headers.insert(header::VARY, vary);
    service.allow_revalidation(&mut response);
    Ok(response)
}

/// Writer of a history, page by page.
struct HistoryWriter {
    names: Arc<WireNames>,
    headers: HeaderMap,
    /// Sequence of the last event of the response.
    last: Seq,
    /// Whether each event is a line of its own; otherwise they are one list.
    lines: bool,
}

impl HistoryWriter {
    /// Returns the text of a page.
    fn write<E: Event>(&mut self, page: Vec<EventResult<E>>) -> Result<String, Error> {
        let mut text = String::new();
        for event in page {
            let seq = Envelope::of_result(&event).seq;
            match (self.lines, seq == Seq::NO_STREAM.next()) {
                (true, _) => {}
                (false, true) => text.push('['),
                (false, false) => text.push_str(",\n"),
            }
            let resource = match &event {
                Err(hidden) if hidden.reason == UnreadableReason::Hidden => {
                    resource::event_result(&self.names, &event, &self.headers)
                }
                Ok(recorded) => resource::event(&self.names, recorded, &self.headers)?,
                Err(unreadable) => return Err(unreadable.clone().into()),
            };
            // Writing to a string cannot fail.
            let _ = write!(text, "{resource}");
            if self.lines {
                text.push('\n');
            }
            // The log is append-only, so every event that the head counts exists.
            if seq == self.last && !self.lines {
                text.push_str("]\n");
            }
        }
        Ok(text)
    }
}

/// Creates the 406 of a request that accepts none of the media types.
fn not_acceptable(offered: &[&str]) -> Problem {
    let status = StatusCode::NOT_ACCEPTABLE;
    Problem::new(status, "not-acceptable", "Not acceptable")
        .detail(&format!("Available media types: {}.", offered.join(", ")))
}
