//! `GET /api/v1/view/{name}` and `GET /api/v1/view/{name}/{key}`: the values of a read model.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use axum::routing::get;
use eventsource_core::{View, ViewKey, ViewRow, ViewStore, parse_untrusted_json};
use serde_json::{Value, json};

use crate::auth::authenticated::Authenticated;
use crate::endpoints::context::ServiceContext;
use crate::options::readers::Readers;
use crate::wire::event_query::PageRequest;
use crate::wire::fallback::method_not_allowed;
use crate::wire::page::Links;
use crate::wire::parameters::{QueryParameters, RawQuery};
use crate::wire::prefer::Preferences;
use crate::wire::problem::Problem;
use crate::wire::unread::json_response;

/// Prefix of the parameter that names a field of the values.
const VALUE_PREFIX: &str = "value.";

/// Values of a page, if there is no limit.
const DEFAULT_LIMIT: u64 = 20;

/// Most values of a page that a store reads.
const MAX_LIMIT: u64 = 1000;

/// Wait of a fresh read without `Prefer: wait`.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);

static POSITION: HeaderName = HeaderName::from_static("x-position");

/// Context of the endpoints of one view.
pub(crate) struct ViewContext<V> {
    views: ViewStore<V>,
    readers: Readers,
    /// Fields whose values are always texts.
    string_fields: Arc<BTreeSet<String>>,
    service: Arc<ServiceContext>,
}

impl<V> Clone for ViewContext<V>
where
    ViewStore<V>: Clone,
{
    fn clone(&self) -> Self {
        Self {
            views: self.views.clone(),
            readers: self.readers.clone(),
            string_fields: Arc::clone(&self.string_fields),
            service: Arc::clone(&self.service),
        }
    }
}

/// Builds the routes of one view; `schema`: that of its values.
pub(crate) fn routes<V: View>(
    views: ViewStore<V>,
    readers: Readers,
    schema: &Value,
    service: &Arc<ServiceContext>,
) -> Router {
    let context = ViewContext {
        views,
        readers,
        string_fields: Arc::new(string_fields(schema)),
        service: Arc::clone(service),
    };
    let all = format!("/api/v1/view/{}", V::NAME);
    let one = format!("{all}/{{key}}");
    Router::new()
        .route(&all, get(list::<V>).fallback(method_not_allowed))
        .route(&one, get(get_one::<V>).fallback(method_not_allowed))
        .with_state(context)
}

/// Lists the fields that a schema says are texts, perhaps null.
fn string_fields(schema: &Value) -> BTreeSet<String> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let is_text = |schema: &Value| match &schema["type"] {
        Value::String(name) => name == "string",
        Value::Array(names) => names.iter().all(|name| name == "string" || name == "null"),
        _ => false,
    };
    properties
        .filter(|(_, schema)| is_text(schema))
        .map(|(name, _)| name.clone())
        .collect()
}

impl<V: View> ViewContext<V> {
    /// Checks that the client may read the view.
    fn check(&self, request: &Parts) -> Result<(), Problem> {
        let actor = match request.extensions.get::<Authenticated>() {
            Some(Authenticated(actor)) => actor.clone()?,
            None => None,
        };
        self.readers.check(actor.as_ref())
    }

    /// Reads how long the request waits; a fifth of its time is left to read, and to say what was missing.
    fn fresh(&self, parameters: &mut QueryParameters, headers: &HeaderMap) -> Fresh {
        let is_fresh = parameters.take_flag("fresh").unwrap_or_default();
        let preferred = Preferences::read(headers).wait();
        let wait = preferred.map_or(DEFAULT_WAIT, Duration::from_secs);
        let most = self.service.limits.request_timeout / 5 * 4;
        Fresh {
            wait: is_fresh.then(|| wait.min(most)),
            preferred: is_fresh && preferred.is_some(),
        }
    }
}

/// Returns the value of a key.
async fn get_one<V: View>(
    State(context): State<ViewContext<V>>,
    key: Result<Path<String>, PathRejection>,
    query: RawQuery,
    request: Parts,
) -> Result<Response, Problem> {
    context.check(&request)?;
    let not_found = || Problem::not_found("Key not found");
    let key = key.ok().and_then(|Path(text)| V::Key::from_text(&text));
    let key = key.ok_or_else(not_found)?;
    let mut parameters = QueryParameters::new(query)?;
    let fresh = context.fresh(&mut parameters, &request.headers);
    parameters.finish()?;
    let mut read = context.views.get(&key);
    if let Some(wait) = fresh.wait {
        read = read.fresh().within(wait);
    }
    let row = read.row().await?.ok_or_else(not_found)?;
    let mut response = context.service.unread.json(&item(&row)?)?;
    let position = HeaderValue::from_str(&row.position.to_string());
    if let Ok(position) = position {
        response.headers_mut().insert(POSITION.clone(), position);
    }
    Ok(fresh.applied(response))
}

/// Returns a page of values, in the order of their keys.
async fn list<V: View>(
    State(context): State<ViewContext<V>>,
    query: RawQuery,
    request: Parts,
) -> Result<Response, Problem> {
    context.check(&request)?;
    let headers = &request.headers;
    let mut parameters = QueryParameters::new(query)?;
    let fresh = context.fresh(&mut parameters, headers);
    let most = context.service.limits.max_page_size.min(MAX_LIMIT);
    let limit = parameters.take_count("limit", most);
    if limit == Some(0) {
        parameters.fault("limit", "Must be greater than or equal to 1.");
    }
    let limit = limit.unwrap_or(DEFAULT_LIMIT.min(most)).max(1);
    let parse = |text: &str| V::Key::from_text(text).ok_or("Not a key of this view.".to_owned());
    let after = parameters.take_with("after", parse, V::Key::to_text);
    let condition = take_condition::<V>(&context.string_fields, &mut parameters);
    let parameters = parameters.finish()?;
    let mut read = match condition {
        Some((field, value)) => context.views.matching(field, value),
        None => context.views.list(),
    };
    if let Some(after) = &after {
        read = read.after(after);
    }
    if let Some(wait) = fresh.wait {
        read = read.fresh().within(wait);
    }
    let page = read.limit(limit as u32).await?;
    let items: Vec<Value> = page.rows.iter().map(item).collect::<Result<_, _>>()?;
    let path = format!("/api/v1/view/{}", V::NAME);
    let url = context.service.base_url.link(headers, &path);
    let links = Links::new(url, PageRequest { offset: 0, limit }, &parameters);
    let next = page.rows.last().filter(|_| page.has_more);
    let links = links.by_cursor(next.map(|row| row.key.to_text()));
    let body = json!({ "limit": limit, "items": items, "_links": links });
    let body = context.service.unread.count(body.to_string())?;
    Ok(fresh.applied(json_response(body.into())))
}

/// Takes the field that values are looked for by, and its value.
fn take_condition<V: View>(
    string_fields: &BTreeSet<String>,
    parameters: &mut QueryParameters,
) -> Option<(&'static str, Value)> {
    let mut condition = None;
    for (given, text) in parameters.take_all(VALUE_PREFIX) {
        let parameter = format!("{VALUE_PREFIX}{given}");
        let Some(field) = V::INDEXED.iter().find(|field| **field == given) else {
            parameters.fault(&parameter, "Not an indexed field of the view.");
            continue;
        };
        let value = match string_fields.contains(*field) {
            true => Some(Value::String(text)),
            false => parse_untrusted_json(text.as_bytes()).ok(),
        };
        match value {
            Some(_) if condition.is_some() => {
                parameters.fault(&parameter, "Values are looked for by one field.");
            }
            Some(value) => condition = Some((*field, value)),
            None => parameters.fault(&parameter, "Not a JSON value."),
        }
    }
    condition
}

/// Returns a value of a view as clients see it.
fn item<V: View>(row: &ViewRow<V>) -> Result<Value, Problem> {
    let value = serde_json::to_value(&row.value);
    let value = value.map_err(|error| Problem::internal(&error.to_string()))?;
    Ok(json!({
        "key": row.key.to_text(),
        "value": value,
        "position": row.position.to_string(),
    }))
}

/// How long a request waits for what was stored before it.
struct Fresh {
    /// Longest wait; `None` to read what is there.
    wait: Option<Duration>,
    /// Whether the client has said how long.
    preferred: bool,
}

impl Fresh {
    /// Tells the client that its wish was granted, as far as it was.
    fn applied(&self, mut response: Response) -> Response {
        if let (true, Some(wait)) = (self.preferred, self.wait) {
            Preferences::applied(&mut response, &format!("wait={}", wait.as_secs()));
        }
        response
    }
}
