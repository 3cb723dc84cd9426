//! Key by which requests are counted as those of one client.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Client of a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ClientKey {
    /// Actor, wherever its requests come from.
    Actor(String),
    /// Address of requests without an actor.
    Address(IpAddr),
}

impl ClientKey {
    /// Returns the client of an address: for IPv6, the network of 64 bits, of which one client
    /// usually has all addresses.
    pub(crate) fn of_address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Actor(name) => write!(out, "actor '{name}'"),
            Self::Address(address @ IpAddr::V6(_)) => write!(out, "address {address}/64"),
            Self::Address(address) => write!(out, "address {address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one_client() {
        let key = |address: &str| ClientKey::of_address(address.parse().unwrap());
        assert_eq!(key("2001:db8:0:1::7"), key("2001:db8:0:1:ffff::"));
        assert_ne!(key("2001:db8:0:1::7"), key("2001:db8:0:2::7"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("2001:db8::7").to_string(), "address 2001:db8::/64");
    }
}
