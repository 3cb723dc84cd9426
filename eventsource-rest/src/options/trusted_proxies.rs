//! Proxies that are trusted to name the addresses of their clients.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

/// Header in which proxies name their clients, as most of them do.
static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Proxies in front of a service, which name the addresses of their clients in a header.
///
/// The header is read only if a request comes from one of these proxies, and from its end: the
/// client is the last address that is not a proxy's, since everything before it is what the client
/// itself may have written.
///
/// ```
/// use eventsource_rest::{Service, TrustedProxies};
///
/// # fn main() -> Result<(), eventsource_rest::TrustedProxiesError> {
/// let proxies = TrustedProxies::x_forwarded_for(["10.0.0.0/8", "fd00::/8"])?;
/// let service = Service::new().trusted_proxies(proxies);
/// # drop(service);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TrustedProxies {
    header: HeaderName,
    networks: Vec<Network>,
}

/// Error of naming proxies: a text is not a network.
///
/// ```
/// use eventsource_rest::TrustedProxies;
///
/// let error = TrustedProxies::forwarded(["10.0.0.0/33"]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "'10.0.0.0/33' is not an address or a network such as '10.0.0.0/8'"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{network}' is not an address or a network such as '10.0.0.0/8'")]
pub struct TrustedProxiesError {
    /// Text that was given.
    pub network: String,
}

impl TrustedProxies {
    /// Trusts proxies that write `X-Forwarded-For`.
    ///
    /// # Errors
    /// [`TrustedProxiesError`] if a text is neither an address nor a network.
    pub fn x_forwarded_for<T: AsRef<str>>(
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, TrustedProxiesError> {
        Self::of(X_FORWARDED_FOR.clone(), networks)
    }

    /// Trusts proxies that write `Forwarded` (RFC 7239).
    ///
    /// # Errors
    /// [`TrustedProxiesError`] if a text is neither an address nor a network.
    pub fn forwarded<T: AsRef<str>>(
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, TrustedProxiesError> {
        Self::of(header::FORWARDED, networks)
    }

    /// Trusts proxies that write `header`.
    fn of<T: AsRef<str>>(
        header: HeaderName,
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, TrustedProxiesError> {
        let networks = networks.into_iter().map(|network| {
            let network = network.as_ref();
            Network::parse(network).ok_or_else(|| TrustedProxiesError {
                network: network.to_owned(),
            })
        });
        Ok(Self {
            header,
            networks: networks.collect::<Result<_, _>>()?,
        })
    }

    /// Returns whether the address is that of a proxy.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(address))
    }

    /// Returns the address of the client whose request came from `peer`.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let lines = headers.get_all(&self.header).iter().rev();
        // A hop never has a comma. Quotes are not looked at: one that the client wrote and did not
        // close must not hide what the proxy added.
        // Nor must bytes that are no text.
        let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        while self.contain(client)
            && let Some(hop) = hops.next()
        {
            let hop = str::from_utf8(hop).unwrap_or_default();
            let address = if self.header == header::FORWARDED {
                forwarded_for(hop).and_then(parse_hop)
            } else {
                parse_hop(hop)
            };
            match address {
                Some(address) => client = address,
                // The proxy did not know or did not tell.
                None => break,
            }
        }
        client
    }
}

/// Returns the value of `for` of an element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })
}

/// Parses an address, which may have quotes, brackets and a port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"');
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    address.or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
}

/// Network of addresses that begin with the same bits.
#[derive(Clone, Copy, Debug)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Parses `10.0.0.0/8`, or an address alone.
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address = address.parse::<IpAddr>().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        (bits <= width).then_some(Self { address, bits })
    }

    /// Returns whether the address begins with the bits of the network.
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(proxies: &TrustedProxies, peer: &str, lines: &[&str]) -> String {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        client_of_bytes(proxies, peer, &lines)
    }

    fn client_of_bytes(proxies: &TrustedProxies, peer: &str, lines: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            for name in [&X_FORWARDED_FOR, &header::FORWARDED] {
                headers.append(name, HeaderValue::from_bytes(line).unwrap());
            }
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn client_is_last_address_that_is_not_a_proxy() {
        let proxies = TrustedProxies::x_forwarded_for(["10.0.0.0/8", "fd00::/8"]).unwrap();
        for (peer, lines, expected) in [
            ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            (
                "10.1.2.3",
                &["6.6.6.6, 203.0.113.9, 10.9.9.9"],
                "203.0.113.9",
            ),
            ("10.1.2.3", &["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["6.6.6.6, unknown"], "10.1.2.3"),
            ("10.1.2.3", &["\"6.6.6.6, 203.0.113.9:4711"], "203.0.113.9"),
            ("fd00::1", &["[2001:db8::7]:443"], "2001:db8::7"),
            ("fd00::1", &["2001:db8::7"], "2001:db8::7"),
            ("10.1.2.3", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
        ] {
            assert_eq!(client(&proxies, peer, lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_do_not_hide_the_client() {
        let proxies = TrustedProxies::x_forwarded_for(["10.0.0.0/8"]).unwrap();
        for (line, expected) in [
            (&b"\xff, 203.0.113.9"[..], "203.0.113.9"),
            (b"6.6.6.6, \xff", "10.1.2.3"),
        ] {
            assert_eq!(client_of_bytes(&proxies, "10.1.2.3", &[line]), expected);
        }
    }

    #[test]
    fn client_of_forwarded_is_value_of_for() {
        let proxies = TrustedProxies::forwarded(["127.0.0.1"]).unwrap();
        for (line, expected) in [
            ("for=203.0.113.9;proto=https;by=10.0.0.1", "203.0.113.9"),
            (
                "for=6.6.6.6, proto=http;For=\"[2001:db8::7]:443\"",
                "2001:db8::7",
            ),
            ("for=\"6.6.6.6, for=203.0.113.9", "203.0.113.9"),
            ("for=_hidden", "127.0.0.1"),
            ("203.0.113.9", "127.0.0.1"),
        ] {
            assert_eq!(client(&proxies, "127.0.0.1", &[line]), expected, "{line}");
        }
    }

    #[test]
    fn network_of_no_bits_contains_every_address_of_its_kind() {
        let all = Network::parse("0.0.0.0/0").unwrap();
        assert!(all.contains("255.1.2.3".parse().unwrap()));
        assert!(!all.contains("::1".parse().unwrap()));
        let one = Network::parse("::1").unwrap();
        assert!(one.contains("::1".parse().unwrap()));
        assert!(!one.contains("::2".parse().unwrap()));
        for wrong in ["", "/8", "10.0.0.0/", "10.0.0.0/-1", "::/129", "host"] {
            assert!(Network::parse(wrong).is_none(), "{wrong}");
        }
    }
}
