use std::{
    io,
    net::{IpAddr, Ipv6Addr},
};

use domain::AllowedNetworks;
use ipnet::{IpNet, Ipv6Net};

use super::remark::Remark;

/// A prefix that is shorter than this is not one link's.
const LINK_PREFIX_MIN: u8 = 48;
/// All IPv6 addresses that are routed in the Internet (RFC 4291 §2.4).
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// One address of this host, with the network that is directly attached there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HostAddress {
    /// The address and the length of its network's prefix.
    pub(crate) network: IpNet,
    /// Whether only one other machine is at the other end: a tunnel or a modem.
    pub(crate) point_to_point: bool,
}

impl HostAddress {
    fn ip(&self) -> IpAddr {
        self.network.addr()
    }
}

/// The addresses that this host has now.
///
/// # Errors
/// The system does not say.
pub(crate) fn host_addresses() -> io::Result<Vec<HostAddress>> {
    let address = |interface: if_addrs::Interface| {
        let prefix = match &interface.addr {
            if_addrs::IfAddr::V4(v4) => v4.prefixlen,
            if_addrs::IfAddr::V6(v6) => v6.prefixlen,
        };
        let network = IpNet::new(interface.ip(), prefix).ok()?;
        Some(HostAddress { network, point_to_point: interface.is_p2p() })
    };
    Ok(if_addrs::get_if_addrs()?.into_iter().filter_map(address).collect())
}

/// The networks whose addresses are answered. Where nobody wrote them (`written` is false), the global IPv6 prefixes
/// of the links that this host is attached to are private networks like the others.
pub(crate) fn allowed(configured: &[IpNet], written: bool, host: &[HostAddress]) -> AllowedNetworks {
    let allowed = AllowedNetworks::new(configured.to_vec());
    if written {
        return allowed;
    }
    let mut links: Vec<IpNet> = host.iter().filter_map(on_link).map(IpNet::V6).collect();
    links.sort_unstable();
    links.dedup();
    allowed.and(links)
}

/// By which addresses clients on other machines can reach this host: the server's certificate is for these.
/// Link-local IPv6 addresses are left out: clients cannot write them without naming an interface of their own.
pub(crate) fn reachable(allowed: &AllowedNetworks, host: &[HostAddress]) -> Vec<IpAddr> {
    let link_local = |address: &IpAddr| match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    let addresses = host.iter().map(HostAddress::ip).filter(|address| !address.is_loopback());
    let mut addresses: Vec<IpAddr> =
        addresses.filter(|address| allowed.contains(*address) && !link_local(address)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// Which of the host's own addresses are not answered to, and whether any other machine can be.
pub(crate) fn remarks(allowed: &AllowedNetworks, host: &[HostAddress]) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = host
        .iter()
        .filter(|address| !allowed.contains(address.ip()))
        .map(|address| {
            Remark::with_remedy(
                format!(
                    "this host's address {} is outside the allowed networks: whoever comes from its network, {}, is refused.",
                    address.ip(),
                    address.network.trunc()
                ),
                format!(
                    "Add \"{}\" to `[network] allowed` if only your own hosts are in it.",
                    address.network.trunc()
                ),
            )
        })
        .collect();
    let elsewhere = |address: &&HostAddress| !address.ip().is_loopback() && allowed.contains(address.ip());
    if !host.iter().any(|address| elsewhere(&address)) {
        remarks.push(Remark::with_remedy(
            "no network interface of this host has an allowed address: only programs on this machine can connect.",
            "Connect the host to a private network, or name its network in `[network] allowed`; `messngr serve` sees a new address when it gets SIGHUP.",
        ));
    }
    remarks
}

/// The global IPv6 prefix of the link that this address is on.
fn on_link(address: &HostAddress) -> Option<Ipv6Net> {
    let IpNet::V6(network) = address.network else { return None };
    let (first, length) = GLOBAL_V6;
    let global = Ipv6Net::new_assert(first, length);
    let is_link = network.prefix_len() >= LINK_PREFIX_MIN && !address.point_to_point;
    (is_link && global.contains(&network)).then(|| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(network: &str) -> HostAddress {
        HostAddress { network: network.parse().unwrap(), point_to_point: false }
    }

    fn private() -> Vec<IpNet> {
        AllowedNetworks::default().networks().to_vec()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_prefix_of_an_own_link_is_allowed_as_long_as_nobody_wrote_the_networks() {
        let host = [at("2001:db8:1:2::5/64"), at("10.0.0.5/24")];
        let neighbour = ip("2001:db8:1:2::77");
        assert!(allowed(&private(), false, &host).contains(neighbour));
        assert!(!allowed(&private(), false, &host).contains(ip("2001:db8:1:3::77")));
        assert!(!allowed(&private(), true, &host).contains(neighbour));
    }

    #[test]
    fn a_tunnel_a_wide_prefix_and_a_public_ipv4_network_are_not_own_links() {
        let tunnel = HostAddress { point_to_point: true, ..at("2001:db8:1:2::5/64") };
        for address in [tunnel, at("2001:db8::5/32"), at("203.0.113.5/24")] {
            assert_eq!(allowed(&private(), false, &[address]).networks(), private());
        }
    }

    #[test]
    fn an_own_address_outside_is_told_with_its_network_and_the_remedy() {
        let allowed = AllowedNetworks::default();
        let host = [at("127.0.0.1/8"), at("192.168.7.5/24"), at("203.0.113.5/24")];
        let remarks = remarks(&allowed, &host);
        assert_eq!(remarks.len(), 1);
        assert!(remarks[0].what.contains("203.0.113.5 is outside the allowed networks"));
        assert!(remarks[0].remedy.as_ref().unwrap().contains("\"203.0.113.0/24\""));
    }

    #[test]
    fn a_host_without_an_allowed_address_is_told_that_only_itself_can_connect() {
        let allowed = AllowedNetworks::default();
        let alone = remarks(&allowed, &[at("127.0.0.1/8"), at("::1/128")]);
        assert_eq!(alone.len(), 1);
        assert!(alone[0].what.starts_with("no network interface of this host has an allowed address"));
        assert!(remarks(&allowed, &[at("127.0.0.1/8"), at("10.0.0.5/8")]).is_empty());
    }

    #[test]
    fn a_certificate_is_for_addresses_that_clients_elsewhere_can_write() {
        let allowed = AllowedNetworks::default();
        let host = ["127.0.0.1/8", "fe80::5/64", "203.0.113.5/24", "fd00::5/64", "10.0.0.5/8", "10.0.0.5/24"];
        let host: Vec<HostAddress> = host.into_iter().map(at).collect();
        assert_eq!(reachable(&allowed, &host), [ip("10.0.0.5"), ip("fd00::5")]);
    }

    #[test]
    fn this_host_has_a_loopback_address() {
        assert!(host_addresses().unwrap().iter().any(|address| address.ip().is_loopback()));
    }
}
