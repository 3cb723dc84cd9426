//! URL of an endpoint, checked before anything is sent.

use std::net::IpAddr;

use reqwest::Url;

use crate::handler::webhook::address::AddressGuard;
use crate::handler::webhook::error::WebhookError;

/// Most bytes of a URL.
const MAX_URL_BYTES: usize = 2048;

/// URL that a webhook posts to.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint(Url);

impl Endpoint {
    /// Checks a URL; an address in it, however it is written, must be one that `guard` permits.
    pub(crate) fn checked(
        url: &str,
        guard: &AddressGuard,
        allow_http: bool,
    ) -> Result<Self, WebhookError> {
        let invalid = |reason: &str| WebhookError::Url {
            reason: reason.to_owned(),
        };
        if url.len() > MAX_URL_BYTES {
            return Err(invalid("it is longer than 2048 bytes"));
        }
        let url: Url = (url.parse()).map_err(|error| invalid(&format!("{error}")))?;
        match url.scheme() {
            "https" => (),
            "http" if allow_http => (),
            "http" => return Err(invalid("it is not https; allow http if that is meant")),
            _ => return Err(invalid("it is not https")),
        }
        // Whoever shows the URL would show them.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it holds a user name or password"));
        }
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        // The parser has written `0x7f.1` and `2130706433` as `127.0.0.1`.
        if let Ok(address) = literal.parse::<IpAddr>()
            && !guard.permits(address)
        {
            return Err(WebhookError::Address { address });
        }
        Ok(Self(url))
    }

    pub(crate) fn url(&self) -> Url {
        self.0.clone()
    }
}
