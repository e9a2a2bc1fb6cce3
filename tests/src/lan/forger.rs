use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use socket2::{Domain, Protocol, Socket, Type};

const IP_HEADER_BYTES: usize = 20;
const UDP_HEADER_BYTES: u16 = 8;
const UDP: u8 = 17;
/// Linux's IPPROTO_RAW: whoever writes, writes the header of IP too.
const RAW: i32 = 255;

/// Sends UDP packets from addresses of others.
#[derive(Debug)]
pub struct Forger(Socket);

impl Forger {
    /// It takes root.
    pub fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(RAW)));
        let socket = socket.expect("raw sockets, which take root");
        socket.set_broadcast(true).expect("broadcasts are allowed");
        Self(socket)
    }

    /// Sends a packet. What the network does not take is lost.
    pub fn send(&self, from: SocketAddrV4, to: SocketAddrV4, data: &[u8]) {
        let length = UDP_HEADER_BYTES + u16::try_from(data.len()).expect("a short packet");
        let mut packet = vec![0; IP_HEADER_BYTES];
        // The system fills in the lengths and checksums of IP; that of UDP may be left out (RFC 768).
        packet[0] = 0x45;
        packet[8] = 64;
        packet[9] = UDP;
        packet[12..16].copy_from_slice(&from.ip().octets());
        packet[16..20].copy_from_slice(&to.ip().octets());
        for number in [from.port(), to.port(), length, 0] {
            packet.extend(number.to_be_bytes());
        }
        packet.extend(data);
        drop(self.0.send_to(&packet, &SocketAddr::from((Ipv4Addr::from(to.ip().octets()), 0)).into()));
    }
}

impl Default for Forger {
    fn default() -> Self {
        Self::new()
    }
}
