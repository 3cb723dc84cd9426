//! `GET /api/v1/task_event`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use eventsource_core::{Clock, Error, Event, Page, RecordedEvent, Search};

use crate::endpoints::context::Api;
use crate::wire::event_query::Query;
use crate::wire::page::{Links, found};
use crate::wire::parameters::Given;
use crate::wire::problem::Problem;
use crate::wire::resource;

pub(crate) async fn search<E: Event>(
    State(api): State<Api<E>>,
    headers: HeaderMap,
    query: Given,
) -> Result<Response, Problem> {
    let most = api.shared.limits.max_page_size;
    let query = Query::<E>::read(&api.names, query, &headers, most)?;
    let page = find(&api, &query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for recorded in &page.items {
        items.push(resource::event(&api.names, recorded, &headers)?);
    }
    let links = Links::new(&headers, &api.names.event, query.page, &query.parameters);
    let links = match query.after {
        None => links.by_offset(page.total),
        Some(_) => {
            let last = page
                .items
                .last()
                .filter(|_| page.items.len() as u64 == query.page.limit);
            links.by_cursor(last.map(|event| event.clock.to_string()))
        }
    };
    Ok(found(query.page, page.total, items, links))
}

async fn find<E: Event>(api: &Api<E>, query: &Query<E>) -> Result<Page<RecordedEvent<E>>, Error> {
    let search = filtered(api.events.search(), query);
    let page = search.offset(query.page.offset).limit(query.page.limit);
    let Some(after) = query.after else {
        return match query.sort_by_clock {
            Some(true) if query.ascending == Some(true) => page.oldest_first().await,
            Some(true) => page.newest_first().await,
            _ => page.await,
        };
    };
    // A cursor is no filter: all that match are counted.
    let total = filtered(api.events.search(), query).limit(0).await?.total;
    let next = Clock::new(after.get().saturating_add(1));
    let page = page.min_clock(query.min_clock.unwrap_or_default().max(next));
    let mut page = page.oldest_first().uncounted().await?;
    page.total = total;
    Ok(page)
}

fn filtered<'a, E: Event>(mut search: Search<'a, E>, query: &Query<E>) -> Search<'a, E> {
    if let Some(id) = query.entity_id {
        search = search.entity(id);
    }
    if let Some(event_type) = query.event_type {
        search = search.event_type(event_type);
    }
    if let Some(clock) = query.clock {
        search = search.clock(clock);
    }
    if let Some(clock) = query.min_clock {
        search = search.min_clock(clock);
    }
    if let Some(clock) = query.max_clock {
        search = search.max_clock(clock);
    }
    if let Some(id) = query.parent_id {
        search = search.parent(id);
    }
    if let Some(version) = query.version {
        search = search.version(version);
    }
    search
}
