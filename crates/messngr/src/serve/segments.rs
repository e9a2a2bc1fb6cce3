//! The UDP ports of the Windows door, one on each network segment that it is for.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use domain::AllowedNetworks;
use doors::{
    api::Listening,
    network::{Segment, SegmentPort},
};
use ipnet::{IpNet, Ipv4Net};

use super::listeners::why;
use crate::configuration::{Configuration, windows::WindowsDoor};

/// What was bound.
#[derive(Debug, Default)]
pub(crate) struct SegmentPorts {
    /// For the name service.
    pub(crate) names: Vec<SegmentPort>,
    /// For the datagram service.
    pub(crate) datagrams: Vec<SegmentPort>,
    /// For the endpoint mapper.
    pub(crate) mapper: Vec<SegmentPort>,
    /// Whether the session service is there too, so that this computer passes for a file server.
    pub(crate) beside_sessions: bool,
}

impl SegmentPorts {
    /// Whether nothing was.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.datagrams.is_empty() && self.mapper.is_empty()
    }
}

/// Binds the ports on each segment that the Windows door is for. The table has a row for each, and for what cannot be
/// bound and why; the rest of the service does not depend on it.
pub(crate) fn bind(configuration: &Configuration, program: &Path) -> (SegmentPorts, Vec<Listening>) {
    let (mut ports, mut table) = (SegmentPorts::default(), Vec::new());
    let door = &configuration.doors.windows;
    if !door.enabled {
        return (ports, table);
    }
    let uses = [
        ("doors.windows.name_listen", "NetBIOS names", &door.name_listen, &mut ports.names),
        (
            "doors.windows.datagram_listen",
            "messages to workgroups",
            &door.datagram_listen,
            &mut ports.datagrams,
        ),
        ("doors.windows.rpc_listen", "messages by DCE/RPC", &door.rpc_listen, &mut ports.mapper),
    ];
    let segments = match segments(configuration) {
        Ok(segments) => segments,
        Err(error) => {
            tracing::warn!(%error, "the system does not tell its network interfaces");
            Vec::new()
        }
    };
    for (setting, purpose, addresses, bound) in uses {
        let row = |address, told: Option<(String, String)>| {
            let (problem, remedy) = told.unzip();
            let (door, setting, purpose) = ("windows".to_owned(), setting.to_owned(), purpose.to_owned());
            Listening { door, setting, purpose, address, problem, remedy }
        };
        if !addresses.is_empty() && segments.is_empty() {
            let problem = "No network interface of this host is meant by `interfaces`.".to_owned();
            let remedy = "Name one in `doors.windows.interfaces`; `ip -4 address` shows them.".to_owned();
            table.push(row(None, Some((problem, remedy))));
        }
        for address in addresses.iter().filter(|address| !is_on_a_segment(address, &segments)) {
            if !segments.is_empty() || address.is_ipv6() {
                table.push(row(None, Some(nowhere(setting, *address))));
            }
        }
        for (segment, address) in wanted(addresses, &segments) {
            match SegmentPort::bind(segment, address.port(), bound) {
                Ok(port) => {
                    table.push(row(Some(port.local_address()), None));
                    bound.push(port);
                }
                Err(error) => table.push(row(None, Some(why(setting, address, &error, program)))),
            }
        }
    }
    (ports, table)
}

fn is_on_a_segment(address: &SocketAddr, segments: &[Segment]) -> bool {
    wanted(std::slice::from_ref(address), segments).next().is_some()
}

fn nowhere(setting: &str, address: SocketAddr) -> (String, String) {
    let problem = if address.is_ipv6() {
        format!("NetBIOS knows only IPv4: {address} is not listened on.")
    } else {
        format!("No network interface that is meant has the address {}.", address.ip())
    };
    let remedy = format!(
        "Write `0.0.0.0:{}` in `{setting}`, or an address of one of `doors.windows.interfaces`; `ip -4 address` shows \
         them.",
        address.port()
    );
    (problem, remedy)
}

/// Which addresses are to be bound: `0.0.0.0` is that of each segment.
fn wanted<'a>(
    addresses: &'a [SocketAddr],
    segments: &'a [Segment],
) -> impl Iterator<Item = (Segment, SocketAddr)> + 'a {
    segments.iter().flat_map(move |segment| {
        let own = IpAddr::V4(segment.address());
        let meant = move |address: &&SocketAddr| {
            address.is_ipv4() && address.ip().is_unspecified() || address.ip() == own
        };
        let here = move |address: &SocketAddr| (segment.clone(), SocketAddr::new(own, address.port()));
        addresses.iter().filter(meant).map(here)
    })
}

/// The segments that the door is for.
fn segments(configuration: &Configuration) -> io::Result<Vec<Segment>> {
    let allowed = AllowedNetworks::new(configuration.network.allowed.clone());
    let mut segments = Vec::new();
    for interface in if_addrs::get_if_addrs()? {
        let if_addrs::IfAddr::V4(address) = &interface.addr else { continue };
        let Ok(network) = Ipv4Net::new(address.ip, address.prefixlen) else { continue };
        let segment = Segment { interface: interface.name.clone(), network };
        let ordinary = !interface.is_loopback() && !interface.is_p2p() && allowed.contains(address.ip.into());
        if is_meant(&configuration.doors.windows, &segment, ordinary) && !segments.contains(&segment) {
            segments.push(segment);
        }
    }
    Ok(segments)
}

fn is_meant(door: &WindowsDoor, segment: &Segment, ordinary: bool) -> bool {
    if door.interfaces.is_empty() {
        return ordinary;
    }
    door.interfaces.iter().any(|meant| match meant.parse::<IpNet>() {
        Ok(network) => network.contains(&IpAddr::V4(segment.address())),
        Err(_) => *meant == segment.interface,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(interface: &str, network: &str) -> Segment {
        Segment { interface: interface.to_owned(), network: network.parse().unwrap() }
    }

    #[test]
    fn every_address_is_that_of_each_segment_and_another_is_itself() {
        let segments = [segment("eth0", "10.77.0.5/24"), segment("eth1", "10.78.0.5/24")];
        let bound = |text: &str| -> Vec<String> {
            let addresses = [text.parse().unwrap()];
            wanted(&addresses, &segments).map(|(_, address)| address.to_string()).collect()
        };
        assert_eq!(bound("0.0.0.0:137"), ["10.77.0.5:137", "10.78.0.5:137"]);
        assert_eq!(bound("10.78.0.5:137"), ["10.78.0.5:137"]);
        assert!(bound("10.79.0.5:137").is_empty() && bound("[::]:137").is_empty());
        assert!(nowhere("name_listen", "[::]:137".parse().unwrap()).1.contains("`0.0.0.0:137`"));
    }

    #[test]
    fn interfaces_are_meant_by_name_or_network_and_without_any_the_ordinary_ones() {
        let eth0 = segment("eth0", "10.77.0.5/24");
        let with = |interfaces: &[&str]| WindowsDoor {
            interfaces: interfaces.iter().map(|one| (*one).to_owned()).collect(),
            ..WindowsDoor::default()
        };
        assert!(is_meant(&with(&[]), &eth0, true) && !is_meant(&with(&[]), &eth0, false));
        assert!(is_meant(&with(&["eth0"]), &eth0, false) && !is_meant(&with(&["eth1"]), &eth0, true));
        assert!(
            is_meant(&with(&["10.0.0.0/8"]), &eth0, false)
                && !is_meant(&with(&["10.78.0.0/16"]), &eth0, true)
        );
    }
}
