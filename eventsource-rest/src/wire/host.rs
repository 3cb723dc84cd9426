//! Hosts that a request names: `Host`, `:authority` and the host of an `Origin`.

use std::net::IpAddr;

use axum::http::Uri;
use axum::http::uri::Authority;

/// Host of a URL or of the header `Host`: a name or an address, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// Name in lower case, or the text of an address.
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Parses `name`, `name:port`, or the same with an address; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let authority: Authority = text.parse().ok()?;
        let name = authority.host();
        let port = match text.strip_prefix(name)? {
            "" => None,
            port => Some(port.strip_prefix(':')?.parse().ok()?),
        };
        // `localhost.` is the same name, written in full.
        let name = name.strip_suffix('.').unwrap_or(name);
        let host = Self {
            name: name.to_ascii_lowercase(),
            port,
        };
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let is_name = !name.is_empty() && name.bytes().all(in_name);
        (is_name || host.ip().is_some()).then_some(host)
    }

    /// Returns the address, if the host is one and not a name.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        let inner = self.name.strip_prefix('[');
        let inner = inner.and_then(|name| name.strip_suffix(']'));
        let ip: IpAddr = inner.unwrap_or(&self.name).parse().ok()?;
        Some(ip.to_canonical())
    }

    /// Returns whether the host is the machine itself, whoever asks.
    pub(crate) fn is_loopback(&self) -> bool {
        self.name == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// Returns whether `given` is this host; without a port, this host stands for every port.
    ///
    /// Clients leave the port out that is usual for the scheme, which is not known here.
    pub(crate) fn covers(&self, given: &Self) -> bool {
        let is_usual = |port| port == 80 || port == 443;
        let is_given = |port| given.port.map_or(is_usual(port), |given| given == port);
        self.name == given.name && self.port.is_none_or(is_given)
    }
}

/// Origin of a page, as the header `Origin` names it (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    https: bool,
    host: Host,
}

impl Origin {
    /// Parses an origin of `http` or `https`; `None` for anything else, such as `null`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let https = match uri.scheme_str()? {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let host = Host::parse(uri.authority()?.as_str())?;
        Some(Self { https, host })
    }

    /// Returns whether both are the same origin, a port that is not written being that of the
    /// scheme.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.https == other.https && self.is_at(&other.host)
    }

    /// Returns whether the origin is at a host, whose scheme is not known.
    pub(crate) fn is_at(&self, host: &Host) -> bool {
        let default = if self.https { 443 } else { 80 };
        let port = |host: &Host| host.port.unwrap_or(default);
        self.host.name == host.name && port(&self.host) == port(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_a_name_or_an_address_with_an_optional_port() {
        for text in [
            "shop.example",
            "Shop.Example.",
            "shop.example:8443",
            "127.0.0.1:80",
            "[::1]:80",
        ] {
            assert!(Host::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            ".",
            ":80",
            "a b",
            "ann@shop.example",
            "shop.example:",
            "shop.example:x",
            "shop.example:80:80",
            "shop.example:99999",
            "shop.example/orders",
            "::1",
            "[::1",
            "[shop.example]",
            "*",
            "*.example",
            "a%20b",
        ] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }

    #[test]
    fn port_that_is_usual_may_be_left_out() {
        let covers = |named: &str, given: &str| {
            let (named, given) = (Host::parse(named).unwrap(), Host::parse(given).unwrap());
            named.covers(&given)
        };
        assert!(covers("shop.example:443", "shop.example"));
        assert!(covers("shop.example:443", "shop.example:443"));
        assert!(covers("shop.example", "shop.example:8443"));
        assert!(!covers("shop.example:8443", "shop.example"));
        assert!(!covers("shop.example:443", "shop.example:8443"));
    }

    #[test]
    fn loopback_is_localhost_or_a_loopback_address() {
        let loopback = |text: &str| Host::parse(text).unwrap().is_loopback();
        for text in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1",
            "[::1]:80",
            "127.9.9.9",
            "localhost.",
        ] {
            assert!(loopback(text), "{text}");
        }
        for text in [
            "localhost.evil.example",
            "0.0.0.0",
            "127.0.0.1.nip.io",
            "[::2]",
            "127.1",
        ] {
            assert!(!loopback(text), "{text}");
        }
    }

    #[test]
    fn origin_is_at_its_own_host_and_port_only() {
        let is_at = |origin: &str, host: &str| {
            let origin = Origin::parse(origin);
            origin.is_some_and(|origin| origin.is_at(&Host::parse(host).unwrap()))
        };
        assert!(is_at("http://localhost:8080", "localhost:8080"));
        assert!(is_at("https://shop.example", "shop.example"));
        assert!(is_at("https://shop.example", "shop.example:443"));
        for (origin, host) in [
            ("http://localhost:3000", "localhost:8080"),
            ("https://evil.example", "shop.example"),
            ("https://shop.example.evil.example", "shop.example"),
            ("http://shop.example", "shop.example:443"),
            ("null", "null"),
            ("file://", "localhost"),
            ("", "localhost"),
        ] {
            assert!(!is_at(origin, host), "{origin} at {host}");
        }
    }
}
