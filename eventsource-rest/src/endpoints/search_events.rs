//! `GET /api/v1/task_event`: searches events.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use eventsource_core::{Error, Event, LogSeq, Page, RecordedEvent, Search};

use crate::endpoints::context::MachineContext;
use crate::wire::event_query::EventQuery;
use crate::wire::page::{Links, page_response};
use crate::wire::parameters::RawQuery;
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Returns a page of the events that match the query.
pub(crate) async fn search_events<E: Event>(
    State(context): State<MachineContext<E>>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Problem> {
    let max = context.service.limits.max_page_size;
    let query = EventQuery::<E>::read(&context.names, query, &headers, max)?;
    let page = find(&context, &query).await?;
    let total = page.total.unwrap_or_default();
    let mut items = Vec::with_capacity(page.items.len());
    for recorded in &page.items {
        items.push(resource::event(&context.names, recorded, &headers)?);
    }
    let links = Links::new(
        &headers,
        &context.names.event,
        query.page,
        &query.parameters,
    );
    let links = match query.after {
        None => links.by_offset(total),
        Some(_) => {
            let last = page
                .items
                .last()
                .filter(|_| page.items.len() as u64 == query.page.limit);
            links.by_cursor(last.map(|event| event.log_seq.to_string()))
        }
    };
    Ok(page_response(query.page, total, items, links))
}

/// Runs the search, by offset or after a cursor.
async fn find<E: Event>(
    context: &MachineContext<E>,
    query: &EventQuery<E>,
) -> Result<Page<RecordedEvent<E>>, Error> {
    let search = filtered(context.events.search(), query);
    let page = search.offset(query.page.offset).limit(query.page.limit);
    let Some(after) = query.after else {
        return match query.sort_by_clock {
            Some(true) if query.ascending == Some(true) => page.oldest_first().await,
            Some(true) => page.newest_first().await,
            _ => page.await,
        };
    };
    // The cursor is not a filter: the total counts the events before it, too.
    let total = filtered(context.events.search(), query)
        .limit(0)
        .await?
        .total;
    let next = LogSeq::new(after.get().saturating_add(1));
    let page = page.min_log_seq(query.min_log_seq.unwrap_or_default().max(next));
    let mut page = page.oldest_first().without_total().await?;
    page.total = total;
    Ok(page)
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
