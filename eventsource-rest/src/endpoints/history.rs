//! `GET /api/v1/task/{id}/history`.

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{EntityId, Error, Event, Seq};
use futures_util::{StreamExt, stream};

use crate::endpoints::context::Api;
use crate::wire::conditions::{Conditions, etag};
use crate::wire::media;
use crate::wire::problem::Problem;
use crate::wire::resource;

const JSON: &str = "application/json";
const LINES: [&str; 2] = ["application/jsonl", "application/x-ndjson"];

/// How many events to read at once: what is in memory, however long a history is.
const PAGE: u64 = 500;

/// The events of an entity as it stands when the request comes, oldest first.
pub(crate) async fn history<E: Event>(
    State(api): State<Api<E>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = api.entity_of(id)?;
    let offered = [JSON, LINES[0], LINES[1]];
    let Some(media) = media::negotiate(&headers, &offered) else {
        return Err(not_acceptable(&offered));
    };
    let conditions = Conditions::read(&headers)?;
    let Some(head) = api.events.load(id).await? else {
        return Err(api.no_entity());
    };
    let mut response = if conditions.fresh(Some(head.seq)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut pages = Pages {
            api,
            headers,
            id,
            read: Seq::NONE,
            last: head.seq,
            lines: media != JSON,
            done: false,
        };
        // What cannot be read is told as a problem, not by an answer that breaks off.
        let first = pages.next().await?;
        let rest = stream::unfold(pages, |mut pages| async move {
            let page = pages.next().await.transpose()?;
            Some((page, pages))
        });
        let first = stream::iter(first.map(Ok));
        // Compression asks once more after the end.
        let all = StreamExt::fuse(StreamExt::chain(first, rest));
        let body = Body::from_stream(all);
        let mut response = body.into_response();
        let media = HeaderValue::from_static(media);
        response.headers_mut().insert(header::CONTENT_TYPE, media);
        response
    };
    let answer = response.headers_mut();
    answer.insert(header::ETAG, etag(head.seq));
    answer.insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// A history on its way, page by page.
struct Pages<E: Event> {
    api: Api<E>,
    headers: HeaderMap,
    id: EntityId,
    read: Seq,
    last: Seq,
    /// Each event on its own line; otherwise one list.
    lines: bool,
    done: bool,
}

impl<E: Event> Pages<E> {
    /// The text of the next page; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if self.done {
            return Ok(None);
        }
        let left = u64::from(self.last.get() - self.read.get());
        let history = self.api.events.history(self.id).after(self.read);
        let events = history.limit(PAGE.min(left)).await?;
        let mut text = String::with_capacity(events.len() * 256);
        for recorded in &events {
            match (self.lines, recorded.seq == Seq::NONE.next()) {
                (true, _) => {}
                (false, true) => text.push('['),
                (false, false) => text.push_str(",\n"),
            }
            let resource = resource::event(&self.api.names, recorded, &self.headers)?;
            text.push_str(&resource.to_string());
            if self.lines {
                text.push('\n');
            }
            self.read = recorded.seq;
        }
        // The log is append-only: all that the head counts is there.
        self.done = events.is_empty() || self.read >= self.last;
        if self.done && !self.lines {
            text.push_str("]\n");
        }
        Ok(Some(text.into()))
    }
}

fn not_acceptable(offered: &[&str]) -> Problem {
    let status = StatusCode::NOT_ACCEPTABLE;
    Problem::new(status, "not-acceptable", "Not acceptable")
        .detail(&format!("There is {}.", offered.join(", ")))
}
