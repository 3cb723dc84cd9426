//! `GET /api/v1/task_event`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use eventsource_core::Event;

use crate::api::Api;
use crate::page::{Links, found};
use crate::parameters::Given;
use crate::problem::Problem;
use crate::query::Query;
use crate::resource;

pub(crate) async fn search<E: Event>(
    State(api): State<Api<E>>,
    headers: HeaderMap,
    query: Given,
) -> Result<Response, Problem> {
    let most = api.shared.limits.page;
    let query = Query::<E>::read(&api.names, query, &headers, most)?;
    let page = find(&api, &query).await?;
    let mut items = Vec::with_capacity(page.events.len());
    for recorded in &page.events {
        items.push(resource::event(&api.names, recorded, &headers)?);
    }
    let links = Links::new(&headers, &api.names.event, query.page, &query.parameters);
    let links = match (query.after, page.events.last()) {
        (None, _) => links.by_offset(page.total),
        (Some(_), last) => {
            let more = page.total > page.events.len() as u64;
            let last = last.filter(|_| more).map(|event| event.clock);
            links.by_cursor(last.map(|clock| clock.to_string()))
        }
    };
    Ok(found(query.page, page.total, items, links))
}

async fn find<E: Event>(
    api: &Api<E>,
    query: &Query<E>,
) -> Result<eventsource_core::Page<E>, eventsource_core::Error> {
    let mut search = api
        .events
        .search()
        .offset(query.page.offset)
        .limit(query.page.limit);
    if let Some(id) = query.entity_id {
        search = search.entity(id);
    }
    if let Some(event_type) = query.event_type {
        search = search.event_type(event_type);
    }
    if let Some(clock) = query.clock {
        search = search.clock(clock);
    }
    if let Some(clock) = query.from_clock() {
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
    if query.oldest_first() {
        search = search.oldest_first();
    } else if query.sort_by_clock == Some(true) {
        search = search.newest_first();
    }
    search.await
}
