//! `GET /api/v1/task_event`: searches events.

use std::pin::Pin;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use eventsource_core::{Error, Event, EventResult, EventStore, LogSeq, Page, Search};
use futures_util::{Stream, StreamExt, stream};

use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::wire::event_query::EventQuery;
use crate::wire::page::{Links, PageText, page_response};
use crate::wire::parameters::RawQuery;
use crate::wire::problem::Problem;
use crate::wire::resource;
use crate::wire::resource::Envelope;
use crate::wire::unread::CHUNK_BYTES;

/// Returns a page of the events that match the query; a large one is read and sent in parts.
pub(crate) async fn search_events<E: Event>(
    State(context): State<MachineContext<E>>,
    Reader(events): Reader<E>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Problem> {
    let max = context.service.limits.max_page_size;
    let query = EventQuery::<E>::read(&context.names, query, &headers, max)?;
    let (total, search) = find(&events, &query).await?;
    let mut parts: Parts<E> = Box::pin(search.parts(CHUNK_BYTES));
    // An error of the first part becomes a problem; later ones can only break off the response.
    let first = parts.next().await.transpose()?;
    let total = total.or(first.as_ref().and_then(|part| part.total));
    let mut writer = PageWriter {
        text: PageText::begin(query.page, total.unwrap_or_default()),
        context: context.clone(),
        headers,
        query,
        total: total.unwrap_or_default(),
        items: 0,
        last: None,
    };
    for event in first.iter().flat_map(|part| &part.items) {
        writer.push(event);
    }
    let total = writer.total;
    let unread = &context.service.unread;
    let body = if writer.is_complete() {
        writer.end();
        Body::from(unread.count(writer.text.take())?)
    } else {
        unread.body(writer.text.take(), rest(writer, parts))?
    };
    Ok(page_response(total, body))
}

/// Parts of a page.
type Parts<E> = Pin<Box<dyn Stream<Item = Result<Page<EventResult<E>>, Error>> + Send>>;

/// Returns the text of the page after its first part.
fn rest<E: Event>(
    writer: PageWriter<E>,
    parts: Parts<E>,
) -> impl Stream<Item = Result<String, Error>> + Send {
    stream::try_unfold(Some((writer, parts)), |rest| async move {
        let Some((mut writer, mut parts)) = rest else {
            return Ok(None);
        };
        let Some(part) = parts.next().await.transpose()? else {
            writer.end();
            return Ok(Some((writer.text.take(), None)));
        };
        for event in &part.items {
            writer.push(event);
        }
        Ok(Some((writer.text.take(), Some((writer, parts)))))
    })
}

/// Writer of a page of events.
struct PageWriter<E: Event> {
    text: PageText,
    context: MachineContext<E>,
    headers: HeaderMap,
    query: EventQuery<E>,
    /// Number of matches on all pages.
    total: u64,
    /// Number of items so far.
    items: u64,
    /// Last item so far.
    last: Option<LogSeq>,
}

impl<E: Event> PageWriter<E> {
    /// Writes the next event.
    fn push(&mut self, event: &EventResult<E>) {
        let item = resource::event_result(&self.context.names, event, &self.headers);
        self.text.push(&item);
        self.items += 1;
        self.last = Some(Envelope::of_result(event).log_seq);
    }

    /// Returns whether no further event can follow; if not, one may.
    fn is_complete(&self) -> bool {
        let page = self.query.page;
        let all = page.offset.saturating_add(self.items) >= self.total;
        self.items >= page.limit || (all && self.query.after.is_none())
    }

    /// Writes the links.
    fn end(&mut self) {
        let (page, parameters) = (self.query.page, &self.query.parameters);
        let path = format!("/api/v1/{}", self.context.names.event);
        let url = self.context.service.base_url.link(&self.headers, &path);
        let links = Links::new(url, page, parameters);
        self.text.end(match self.query.after {
            None => links.by_offset(self.total),
            Some(_) => {
                let last = self.last.filter(|_| self.items == page.limit);
                links.by_cursor(last.map(|last| last.to_string()))
            }
        });
    }
}

/// Prepares the search, by offset or after a cursor; with a cursor it counts first.
async fn find<'a, E: Event>(
    events: &'a EventStore<E>,
    query: &EventQuery<E>,
) -> Result<(Option<u64>, Search<'a, E>), Error> {
    let search = filtered(events.search(), query);
    let page = search.offset(query.page.offset).limit(query.page.limit);
    let Some(after) = query.after else {
        let page = match query.sort_by_clock {
            Some(true) if query.ascending == Some(true) => page.oldest_first(),
            Some(true) => page.newest_first(),
            _ => page,
        };
        return Ok((None, page));
    };
    // The cursor is not a filter: the total counts the events before it, too.
    let count = filtered(events.search(), query).limit(0).await?;
    let next = LogSeq::new(after.get().saturating_add(1));
    let page = page.min_log_seq(query.min_log_seq.unwrap_or_default().max(next));
    Ok((count.total, page.oldest_first().without_total()))
}

/// Applies the filters of the query.
fn filtered<'a, E: Event>(mut search: Search<'a, E>, query: &EventQuery<E>) -> Search<'a, E> {
    if let Some(id) = query.entity_id {
        search = search.entity(id);
    }
    if let Some(event_type) = query.event_type {
        search = search.event_type(event_type);
    }
    if let Some(log_seq) = query.log_seq {
        search = search.log_seq(log_seq);
    }
    if let Some(log_seq) = query.min_log_seq {
        search = search.min_log_seq(log_seq);
    }
    if let Some(log_seq) = query.max_log_seq {
        search = search.max_log_seq(log_seq);
    }
    if let Some(id) = query.parent_id {
        search = search.parent(id);
    }
    if let Some(generation) = query.generation {
        search = search.generation(generation);
    }
    search
}
