//! One page of what was found, and the way to the others (M27).

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::Json;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::wire::event_query::Page;

/// A page as microcosm tells it.
pub(crate) fn found(
    page: Page,
    total: u64,
    items: Vec<Value>,
    links: Map<String, Value>,
) -> Response {
    let body = json!({
        "offset": page.offset,
        "limit": page.limit,
        "count": total,
        "items": items,
        "_links": links,
    });
    let mut response = Json(body).into_response();
    let total = HeaderValue::from(total);
    response.headers_mut().insert("x-total-count", total);
    response
}

/// The links from one page to the others.
pub(crate) struct Links<'a> {
    base: String,
    page: Page,
    parameters: &'a BTreeMap<String, String>,
}

impl<'a> Links<'a> {
    /// From a page of the collection `name`, found by these parameters as they were understood.
    pub(crate) fn new(
        headers: &HeaderMap,
        name: &str,
        page: Page,
        parameters: &'a BTreeMap<String, String>,
    ) -> Self {
        Self {
            base: base(headers, name),
            page,
            parameters,
        }
    }

    /// To the pages before and after, of `total` items.
    pub(crate) fn by_offset(&self, total: u64) -> Map<String, Value> {
        let Page { offset, limit } = self.page;
        let mut links = Map::new();
        let mut insert = |rel: &str, offset: u64| {
            let start = format!("offset={offset}&limit={limit}");
            links.insert(rel.to_owned(), self.link(&start, None));
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

    /// To the page after the item that `last` is the cursor of.
    pub(crate) fn by_cursor(&self, last: Option<String>) -> Map<String, Value> {
        let start = format!("limit={}", self.page.limit);
        let mut links = Map::new();
        links.insert("self".to_owned(), self.link(&start, None));
        if let Some(last) = last {
            links.insert("next".to_owned(), self.link(&start, Some(&last)));
        }
        links
    }

    fn link(&self, start: &str, after: Option<&str>) -> Value {
        let mut href = format!("{}?{start}", self.base);
        let mut push = |name: &str, value: &str| {
            href.push('&');
            push_escaped(&mut href, name);
            href.push('=');
            push_escaped(&mut href, value);
        };
        for (name, value) in self.parameters {
            if after.is_none() || name != "after" {
                push(name, value);
            }
        }
        if let Some(after) = after {
            push("after", after);
        }
        json!({ "href": href })
    }
}

/// Where the collection is, as the client called it; without a host that can be one, from the root.
fn base(headers: &HeaderMap, name: &str) -> String {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let scheme = match text("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    match text("host").and_then(|host| host.parse::<Authority>().ok()) {
        Some(host) => format!("{scheme}://{host}/api/v1/{name}"),
        None => format!("/api/v1/{name}"),
    }
}

/// All but what a URL takes as it is, in percent (RFC 3986, section 2.3), and what ids and lists of
/// names have.
fn push_escaped(text: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b',' | b':' => text.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
}
