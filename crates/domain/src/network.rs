use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// The networks whose addresses the service answers and dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedNetworks {
    networks: Vec<IpNet>,
}

impl AllowedNetworks {
    /// Exactly these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self { networks }
    }

    /// Adds what is directly attached, such as a global IPv6 prefix that only this link uses.
    pub fn and(mut self, networks: impl IntoIterator<Item = IpNet>) -> Self {
        self.networks.extend(networks);
        self
    }

    /// Whether this address is inside. An IPv4 address written as IPv6 (`::ffff:a.b.c.d`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The networks, in the order they were given.
    pub fn networks(&self) -> &[IpNet] {
        &self.networks
    }
}

impl Default for AllowedNetworks {
    /// Loopback, link-local, RFC 1918 and RFC 4193.
    fn default() -> Self {
        let v4 = [
            ([127, 0, 0, 0], 8),
            ([169, 254, 0, 0], 16),
            ([10, 0, 0, 0], 8),
            ([172, 16, 0, 0], 12),
            ([192, 168, 0, 0], 16),
        ];
        let v6 = [
            (Ipv6Addr::LOCALHOST, 128),
            (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
            (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
        ];
        let v4 = v4.into_iter().map(|(address, length)| IpNet::new_assert(IpAddr::from(address), length));
        let v6 = v6.into_iter().map(|(address, length)| IpNet::new_assert(IpAddr::V6(address), length));
        Self { networks: v4.chain(v6).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_inside_and_public_ones_outside_however_they_are_written() {
        let allowed = AllowedNetworks::default();
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.9",
            "169.254.1.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(allowed.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["8.8.8.8", "172.32.0.1", "203.0.113.5", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0"] {
            assert!(!allowed.contains(outside.parse().unwrap()), "{outside}");
        }
    }
}
