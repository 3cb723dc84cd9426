//! Response with one page of a search, and the links to other pages.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::wire::event_query::PageRequest;
use crate::wire::unread::json_response;

/// Number of matches on all pages, as the header of a search has it.
static TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// Text of the response of a search, which is written item by item.
pub(crate) struct PageText {
    text: String,
    is_empty: bool,
}

impl PageText {
    /// Begins the text of a page, up to its items.
    pub(crate) fn begin(page: PageRequest, total: u64) -> Self {
        let PageRequest { offset, limit } = page;
        Self {
            text: format!("{{\"count\":{total},\"limit\":{limit},\"offset\":{offset},\"items\":["),
            is_empty: true,
        }
    }

    /// Writes the next item.
    pub(crate) fn push(&mut self, item: &Value) {
        if !std::mem::take(&mut self.is_empty) {
            self.text.push(',');
        }
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{item}");
    }

    /// Ends the text with the links.
    pub(crate) fn end(&mut self, links: Map<String, Value>) {
        let _ = write!(self.text, "],\"_links\":{}}}", Value::Object(links));
    }

    /// Takes what was written since the last call.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// Builds the response of a search.
pub(crate) fn page_response(total: u64, body: Body) -> Response {
    let mut response = json_response(body);
    let total = HeaderValue::from(total);
    response.headers_mut().insert(TOTAL_COUNT.clone(), total);
    response
}

/// Links from a page to itself and its neighbours.
pub(crate) struct Links<'a> {
    /// URL of the collection.
    base: String,
    page: PageRequest,
    parameters: &'a BTreeMap<String, String>,
}

impl<'a> Links<'a> {
    /// Prepares the links of a page of the collection at `base`, which repeat `parameters`.
    pub(crate) fn new(
        base: String,
        page: PageRequest,
        parameters: &'a BTreeMap<String, String>,
    ) -> Self {
        Self {
            base,
            page,
            parameters,
        }
    }

    /// Links to the previous and next page of `total` items, by offset.
    pub(crate) fn by_offset(&self, total: u64) -> Map<String, Value> {
        let PageRequest { offset, limit } = self.page;
        let mut links = Map::new();
        let mut insert = |rel: &str, offset: u64| {
            let start = format!("offset={offset}&limit={limit}");
            links.insert(rel.to_owned(), self.link(&start, None));
        };
        insert("self", offset);
        // An empty page has no neighbours.
        if limit > 0 && offset.saturating_add(limit) < total {
            insert("next", offset + limit);
        }
        if limit > 0 && offset > 0 {
            insert("prev", offset.saturating_sub(limit));
        }
        links
    }

    /// Links to the page after the item whose cursor is `last`.
    pub(crate) fn by_cursor(&self, last: Option<String>) -> Map<String, Value> {
        let start = format!("limit={}", self.page.limit);
        let mut links = Map::new();
        links.insert("self".to_owned(), self.link(&start, None));
        if let Some(last) = last {
            links.insert("next".to_owned(), self.link(&start, Some(&last)));
        }
        links
    }

    /// Formats one link.
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

/// Appends `value`, percent-encoded except for unreserved characters (RFC 3986, section 2.3),
/// commas and colons.
pub(crate) fn push_escaped(text: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b',' | b':' => text.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
}
