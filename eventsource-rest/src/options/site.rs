//! Where clients reach a service: its public URL and its hosts.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::Uri;

use crate::wire::base_url::BaseUrl;
use crate::wire::host::{Host, Origin};

/// Settings of the site, as the application gives them.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteOptions {
    pub(crate) public_url: Option<String>,
    pub(crate) hosts: Vec<String>,
}

/// Setting of a site that cannot be used.
pub(crate) enum SiteError {
    /// Public URL that is none.
    PublicUrl(String),
    /// Host that is none.
    Host(String),
}

/// Where clients reach a service.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// Base of the URLs in responses.
    pub(crate) base_url: BaseUrl,
    /// Origin of the public URL.
    pub(crate) public_origin: Option<Origin>,
    /// Hosts that requests may name; `None` if they are not checked.
    pub(crate) hosts: Option<Hosts>,
}

/// Hosts that requests may name.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    named: Vec<Host>,
    /// The only address besides those of `named` and of loopback; `None` for any.
    ///
    /// An address is no danger of its own: a page that lets its name point to this service still
    /// sends its name.
    address: Option<IpAddr>,
}

impl Site {
    /// Checks the settings. `listening` is the address of a server that runs this service only,
    /// perhaps by TLS.
    ///
    /// # Errors
    /// [`SiteError`] if a setting cannot be used.
    pub(crate) fn new(
        options: &SiteOptions,
        listening: Option<SocketAddr>,
        encrypted: bool,
    ) -> Result<Self, SiteError> {
        let parse = |text: &String| Host::parse(text).ok_or_else(|| SiteError::Host(text.clone()));
        let named: Result<Vec<Host>, SiteError> = options.hosts.iter().map(parse).collect();
        let mut named = named?;
        let mut public = None;
        if let Some(url) = &options.public_url {
            let parts = public_url(url).ok_or_else(|| SiteError::PublicUrl(url.clone()))?;
            named.push(parts.host.clone());
            public = Some(parts);
        }
        let address = listening.map(|address| address.ip().to_canonical());
        let hosts = (listening.is_some() || !named.is_empty()).then(|| Hosts {
            named,
            address: address.filter(|ip| !ip.is_unspecified()),
        });
        let base_url = match &public {
            Some(public) => BaseUrl::Public(Arc::from(public.base.as_str())),
            None if hosts.is_some() => BaseUrl::RequestHost { encrypted },
            None => BaseUrl::Unknown,
        };
        Ok(Self {
            base_url,
            public_origin: public.map(|public| public.origin),
            hosts,
        })
    }
}

impl Hosts {
    /// Returns whether a request may name the host.
    pub(crate) fn allow(&self, host: &Host) -> bool {
        let address = || match (host.ip(), self.address) {
            (Some(ip), Some(only)) => ip == only,
            (Some(_), None) => true,
            (None, _) => false,
        };
        host.is_loopback() || self.named.iter().any(|named| named.covers(host)) || address()
    }
}

/// Public URL and its parts.
struct PublicUrl {
    /// The URL without a slash at its end.
    base: String,
    origin: Origin,
    host: Host,
}

/// Parses a URL of `http` or `https`, with a path perhaps, but without user and query.
fn public_url(url: &str) -> Option<PublicUrl> {
    let base = url.trim_end_matches('/').to_owned();
    let uri: Uri = base.parse().ok()?;
    if uri.query().is_some() || base.contains('#') {
        return None;
    }
    let origin = Origin::parse(&base)?;
    let host = Host::parse(uri.authority()?.as_str())?;
    Some(PublicUrl { base, origin, host })
}
