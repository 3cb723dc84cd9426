//! Base of the URLs in responses.

use std::sync::Arc;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

/// Base of the URLs in responses: `_links`, `Location` and the OpenAPI document.
#[derive(Clone, Debug)]
pub(crate) enum BaseUrl {
    /// Configured URL, without a slash at its end.
    Public(Arc<str>),
    /// The `Host` of the request, which the service has checked.
    RequestHost {
        /// Whether the service itself speaks TLS.
        encrypted: bool,
    },
    /// Nothing: the `Host` of a request could be anything, so links are paths.
    Unknown,
}

impl BaseUrl {
    /// Returns the URL of a path, as absolute as the base is known.
    pub(crate) fn link(&self, headers: &HeaderMap, path: &str) -> String {
        let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
        match self {
            Self::RequestHost { encrypted } => {
                let host = headers.get(header::HOST).and_then(text);
                let host = host.and_then(|host| host.parse::<Authority>().ok());
                let forwarded = headers.get("x-forwarded-proto");
                let scheme = match *encrypted || forwarded.is_some_and(|is| is == "https") {
                    true => "https",
                    false => "http",
                };
                match host {
                    Some(host) => format!("{scheme}://{host}{path}"),
                    None => path.to_owned(),
                }
            }
            Self::Public(_) | Self::Unknown => self.location(path),
        }
    }

    /// Returns the URL of a path if one is configured, or else the path.
    pub(crate) fn location(&self, path: &str) -> String {
        match self {
            Self::Public(base) => format!("{base}{path}"),
            Self::RequestHost { .. } | Self::Unknown => path.to_owned(),
        }
    }
}
