//! Network segments: the subnets that this host's interfaces are on, where everybody hears a broadcast.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
    sync::Arc,
};

use ipnet::Ipv4Net;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Gate;

/// The longest packet that is read: what is longer than an Ethernet frame comes from nobody who is meant.
const PACKET_BYTES_MAX: usize = 2_048;
/// How many packets wait to be looked at; what comes then is dropped, as networks drop what is too much.
const ARRIVED_MAX: usize = 256;

/// A subnet that an interface of this host is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The interface, as the system calls it.
    pub interface: String,
    /// This host's address there, and how long the subnet's prefix is.
    pub network: Ipv4Net,
}

impl Segment {
    /// This host's address.
    pub fn address(&self) -> Ipv4Addr {
        self.network.addr()
    }

    /// Where everybody hears it.
    pub fn broadcast(&self) -> Ipv4Addr {
        self.network.broadcast()
    }
}

/// A UDP port on one segment, which hears what is sent to this host and what is sent to everybody. It needs no
/// runtime, so that ports below 1024 can be bound while the process still may.
#[derive(Debug)]
pub struct SegmentPort {
    segment: Segment,
    own: UdpSocket,
    everybody: Option<UdpSocket>,
    port: u16,
}

/// A packet that came from somebody on the segment.
#[derive(Debug)]
pub struct Arrived {
    /// Which of the ports, by its place among those that were opened together.
    pub segment: usize,
    /// Who sent it.
    pub from: SocketAddrV4,
    /// What.
    pub bytes: Vec<u8>,
}

/// Ports that were opened together, for sending.
#[derive(Debug)]
pub struct OpenPorts {
    ports: Vec<(Segment, u16, tokio::net::UdpSocket)>,
}

impl SegmentPort {
    /// Binds a port on a segment. What is sent to everybody there comes to one port only: where this host has several
    /// addresses on a subnet, to that of the first.
    pub fn bind(segment: Segment, port: u16, others: &[Self]) -> io::Result<Self> {
        let own = bound(segment.address(), port)?;
        own.set_broadcast(true)?;
        let port = own.local_addr()?.port();
        // A packet for everybody comes to whoever is bound to that address, and to nobody who is bound to another.
        let everybody = match segment.broadcast() {
            broadcast if broadcast == segment.address() => None,
            broadcast if others.iter().any(|other| other.hears(broadcast, port)) => None,
            broadcast => Some(bound(broadcast, port)?),
        };
        Ok(Self { segment, own, everybody, port })
    }

    /// This host's address, and the port that was bound.
    pub fn local_address(&self) -> SocketAddr {
        SocketAddr::from((self.segment.address(), self.port))
    }

    fn hears(&self, broadcast: Ipv4Addr, port: u16) -> bool {
        self.port == port && self.segment.broadcast() == broadcast && self.everybody.is_some()
    }
}

fn bound(address: Ipv4Addr, port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((address, port))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Hands the ports to the runtime. What comes to them from addresses that the gate lets in, and that are not this
/// host's own, arrives at the other end until `stop`.
pub(crate) fn open(
    ports: Vec<SegmentPort>,
    gate: &Arc<Gate>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> io::Result<(Arc<OpenPorts>, mpsc::Receiver<Arrived>)> {
    let (sender, receiver) = mpsc::channel(ARRIVED_MAX);
    let own: Arc<[Ipv4Addr]> = ports.iter().map(|port| port.segment.address()).collect();
    let mut opened = Vec::with_capacity(ports.len());
    let mut listening = Vec::new();
    for (index, port) in ports.into_iter().enumerate() {
        let again = port.own.try_clone()?;
        opened.push((port.segment, port.port, tokio::net::UdpSocket::from_std(port.own)?));
        for socket in [Some(again), port.everybody].into_iter().flatten() {
            listening.push((index, tokio::net::UdpSocket::from_std(socket)?));
        }
    }
    for (segment, socket) in listening {
        let (sender, own, gate, stop) = (sender.clone(), own.clone(), gate.clone(), stop.clone());
        tasks.spawn(async move {
            let _stopped = stop.run_until_cancelled(listen(segment, &socket, &sender, &own, &gate)).await;
        });
    }
    Ok((Arc::new(OpenPorts { ports: opened }), receiver))
}

async fn listen(
    segment: usize,
    socket: &tokio::net::UdpSocket,
    sender: &mpsc::Sender<Arrived>,
    own: &[Ipv4Addr],
    gate: &Gate,
) {
    loop {
        // The buffer is there only while there is something to read.
        if socket.readable().await.is_err() {
            return;
        }
        let mut buffer = [0; PACKET_BYTES_MAX];
        // An error is about a packet that was sent before, or there was nothing after all.
        let Ok((length, SocketAddr::V4(from))) = socket.try_recv_from(&mut buffer) else { continue };
        if own.contains(from.ip()) || !gate.admits_datagram(IpAddr::V4(*from.ip())) {
            continue;
        }
        if let Some(bytes) = buffer.get(..length) {
            drop(sender.try_send(Arrived { segment, from, bytes: bytes.to_vec() }));
        }
    }
}

impl OpenPorts {
    /// The segments, in their order.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.ports.iter().map(|(segment, ..)| segment)
    }

    /// Whether an address is of a segment's subnet: who is there hears the same broadcasts.
    pub fn is_on_link(&self, segment: usize, address: Ipv4Addr) -> bool {
        self.ports.get(segment).is_some_and(|(segment, ..)| segment.network.contains(&address))
    }

    /// The port that is bound on a segment.
    pub fn port(&self, segment: usize) -> Option<u16> {
        self.ports.get(segment).map(|(_, port, _)| *port)
    }

    /// Sends a packet from this host's address on a segment. What the network does not take is lost, as it may be
    /// anywhere on the way.
    pub async fn send(&self, segment: usize, to: SocketAddrV4, bytes: &[u8]) {
        let Some((segment, _, socket)) = self.ports.get(segment) else { return };
        if let Err(error) = socket.send_to(bytes, SocketAddr::V4(to)).await {
            tracing::debug!(interface = segment.interface, %to, %error, "a packet was not sent");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_knows_where_everybody_hears_it() {
        let segment = Segment { interface: "eth0".to_owned(), network: "10.77.0.5/24".parse().unwrap() };
        assert_eq!(
            (segment.address(), segment.broadcast()),
            ([10, 77, 0, 5].into(), [10, 77, 0, 255].into())
        );
    }

    #[test]
    fn port_0_becomes_a_real_one() {
        let segment = Segment { interface: "lo".to_owned(), network: "127.0.0.1/32".parse().unwrap() };
        let port = SegmentPort::bind(segment, 0, &[]).unwrap();
        assert_ne!(port.local_address().port(), 0);
    }

    #[test]
    fn two_addresses_of_one_subnet_share_what_is_sent_to_everybody() {
        let segment =
            |network: &str| Segment { interface: "lo".to_owned(), network: network.parse().unwrap() };
        let first = SegmentPort::bind(segment("127.77.0.1/24"), 0, &[]).unwrap();
        let port = first.local_address().port();
        let others = [first];
        let second = SegmentPort::bind(segment("127.77.0.2/24"), port, &others).unwrap();
        assert!(others[0].everybody.is_some() && second.everybody.is_none());
    }
}
