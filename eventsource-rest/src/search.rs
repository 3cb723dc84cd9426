//! `GET /api/v1/task_event`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use eventsource_core::Event;
use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::problem::Problem;
use crate::query::Query;
use crate::resource::{self, without_nulls};
use crate::retrieve::skips_nulls;

type Parameters = axum::extract::Query<Vec<(String, String)>>;

pub(crate) async fn search<E: Event>(
    State(api): State<Api<E>>,
    headers: HeaderMap,
    parameters: Result<Parameters, QueryRejection>,
) -> Result<Response, Problem> {
    let Ok(axum::extract::Query(parameters)) = parameters else {
        let reason = "Not a valid query.".to_owned();
        return Err(Problem::query(
            &[("_schema".to_owned(), vec![reason])].into(),
        ));
    };
    let query = Query::<E>::read(&api.names, parameters, &headers)?;
    let page = find(&api, &query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for recorded in &page.items {
        let mut item = resource::event(&api.names, recorded)?;
        if skips_nulls(&headers) {
            without_nulls(&mut item);
        }
        items.push(item);
    }
    let links = Links {
        base: base(&headers, &api.names.event),
        query: &query,
    };
    let body = json!({
        "offset": query.offset,
        "limit": query.limit,
        "count": page.total,
        "items": items,
        "_links": links.all(page.total),
    });
    let mut response = Json(body).into_response();
    response
        .headers_mut()
        .insert("x-total-count", HeaderValue::from(page.total));
    Ok(response)
}

async fn find<E: Event>(
    api: &Api<E>,
    query: &Query<E>,
) -> Result<eventsource_core::Page<eventsource_core::RecordedEvent<E>>, eventsource_core::Error> {
    let mut search = api.events.search().offset(query.offset).limit(query.limit);
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
    if query.sort_by_clock == Some(true) {
        search = if query.ascending == Some(true) {
            search.oldest_first()
        } else {
            search.newest_first()
        };
    }
    search.await
}

/// Where the collection is, as the client called it; without a host that can be one, from the root.
fn base(headers: &HeaderMap, event: &str) -> String {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let scheme = match text("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    match text("host").and_then(|host| host.parse::<Authority>().ok()) {
        Some(host) => format!("{scheme}://{host}/api/v1/{event}"),
        None => format!("/api/v1/{event}"),
    }
}

/// The links from one page to the others.
struct Links<'a, E: Event> {
    base: String,
    query: &'a Query<E>,
}

impl<E: Event> Links<'_, E> {
    fn all(&self, total: u64) -> Map<String, Value> {
        let Query { offset, limit, .. } = *self.query;
        let mut links = Map::new();
        let mut insert = |rel: &str, offset: u64| {
            links.insert(rel.to_owned(), json!({ "href": self.href(offset) }));
        };
        insert("self", offset);
        // A page of none has no neighbours.
        if limit > 0 && offset.saturating_add(limit) < total {
            insert("next", offset + limit);
        }
        if limit > 0 && offset > 0 {
            insert("prev", offset.saturating_sub(limit));
        }
        links
    }

    /// The parameters are written as they were understood: ids, numbers, flags and names of event
    /// types, none of which needs escaping.
    fn href(&self, offset: u64) -> String {
        let mut href = format!("{}?offset={offset}&limit={}", self.base, self.query.limit);
        for (name, value) in &self.query.parameters {
            href.push_str(&format!("&{name}={value}"));
        }
        href
    }
}
