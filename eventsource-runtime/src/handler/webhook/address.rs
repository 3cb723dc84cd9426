//! Which addresses a webhook may connect to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Networks of IPv4 that are not the public internet.
const REFUSED_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),            // this host
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carrier-grade NAT, and metadata of a cloud
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // metadata of a cloud, in a public network
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, and metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments, and metadata of a cloud
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // relay of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, and broadcast
];

/// Network of IPv6 that is the public internet.
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks within it that are not, or that hide an address of IPv4.
const REFUSED_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, and Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Network of translated addresses: the last four bytes are an address of IPv4.
const NAT64: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Decides which addresses may be connected to: the public internet, and the networks that were
/// allowed.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressGuard {
    allowed: Vec<IpNet>,
}

impl AddressGuard {
    pub(crate) fn allowing(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Returns whether this address may be connected to.
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address)
            || self
                .allowed
                .iter()
                .any(|network| network.contains(&address))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !any_contains_v4(address),
        IpAddr::V6(address) if within_v6(NAT64, address) => {
            let [.., a, b, c, d] = address.octets();
            !any_contains_v4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(address) => {
            within_v6(PUBLIC_V6, address)
                && !REFUSED_V6
                    .iter()
                    .any(|network| within_v6(*network, address))
        }
    }
}

fn any_contains_v4(address: Ipv4Addr) -> bool {
    let mut networks = REFUSED_V4.iter();
    networks.any(|(network, length)| Ipv4Net::new_assert(*network, *length).contains(&address))
}

fn within_v6((network, length): (Ipv6Addr, u8), address: Ipv6Addr) -> bool {
    Ipv6Net::new_assert(network, length).contains(&address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_permitted() {
        let guard = AddressGuard::default();
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.0",
            "168.63.129.17",
            "172.32.0.1",
            "192.167.255.255",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(guard.permits(public.parse().unwrap()), "{public}");
        }
        for refused in [
            "0.0.0.0",
            "10.0.0.1",
            "100.100.100.200",
            "127.8.8.8",
            "168.63.129.16",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!guard.permits(refused.parse().unwrap()), "{refused}");
        }
    }

    #[test]
    fn allowed_network_is_permitted_and_no_other() {
        let guard = AddressGuard::allowing(vec!["10.1.0.0/16".parse().unwrap()]);
        assert!(guard.permits("10.1.2.3".parse().unwrap()));
        assert!(guard.permits("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!guard.permits("10.2.2.3".parse().unwrap()));
        assert!(!guard.permits("127.0.0.1".parse().unwrap()));
    }
}
