//! A small reader of packet captures: classic pcap with little-endian headers, Ethernet, IPv4, one TCP connection.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;

use netbios::session::Framing;

/// What both sides of the connection wrote.
pub struct Connection {
    pub framing: Framing,
    pub client: Vec<u8>,
    pub server: Vec<u8>,
}

/// One UDP packet.
pub struct Datagram {
    pub from: SocketAddrV4,
    pub to: SocketAddrV4,
    pub bytes: Vec<u8>,
}

/// All UDP packets of a capture that a port of ours sends or gets.
pub fn datagrams(name: &str, port: u16) -> Vec<Datagram> {
    let capture = file(name);
    let datagrams: Vec<Datagram> = frames(&capture)
        .filter_map(datagram)
        .filter(|datagram| datagram.from.port() == port || datagram.to.port() == port)
        .collect();
    assert!(!datagrams.is_empty(), "{name} has packets of port {port}");
    datagrams
}

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name).with_extension("pcap");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn read(name: &str) -> Connection {
    let capture = file(name);
    let mut client = Direction::default();
    let mut server = Direction::default();
    let mut ports = None;
    for segment in frames(&capture).filter_map(segment) {
        let opened = *ports.get_or_insert((segment.source, segment.destination));
        if opened == (segment.source, segment.destination) {
            client.add(&segment);
        } else {
            assert_eq!(opened, (segment.destination, segment.source), "{name} has one connection");
            server.add(&segment);
        }
    }
    let framing = match ports {
        Some((_, 139)) => Framing::NetbiosSession,
        Some((_, 445)) => Framing::Direct,
        other => panic!("{name}: expected a connection to port 139 or 445, got {other:?}"),
    };
    Connection { framing, client: client.bytes(), server: server.bytes() }
}

struct Segment<'a> {
    source: u16,
    destination: u16,
    sequence: u32,
    is_first: bool,
    payload: &'a [u8],
}

#[derive(Default)]
struct Direction {
    first: Option<u32>,
    pieces: BTreeMap<u32, Vec<u8>>,
}

impl Direction {
    fn add(&mut self, segment: &Segment<'_>) {
        if segment.is_first {
            self.first = Some(segment.sequence.wrapping_add(1));
        }
        if !segment.payload.is_empty() {
            let offset = segment.sequence.wrapping_sub(self.first.expect("the beginning was captured"));
            self.pieces.insert(offset, segment.payload.to_vec());
        }
    }

    fn bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (offset, piece) in self.pieces {
            assert_eq!(offset as usize, bytes.len(), "nothing is missing and nothing came twice");
            bytes.extend(piece);
        }
        bytes
    }
}

fn frames(capture: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (header, mut rest) = capture.split_at(24);
    assert_eq!(header[..4], 0xa1b2_c3d4u32.to_le_bytes(), "classic pcap, little-endian");
    assert_eq!(header[20..24], 1u32.to_le_bytes(), "Ethernet");
    std::iter::from_fn(move || {
        let (record, after) = rest.split_at_checked(16)?;
        let captured = u32::from_le_bytes(record[8..12].try_into().expect("four bytes")) as usize;
        let (frame, after) = after.split_at(captured);
        rest = after;
        Some(frame)
    })
}

fn segment(frame: &[u8]) -> Option<Segment<'_>> {
    const TCP: u8 = 6;
    const SYN: u8 = 0x02;
    let packet = (frame[12..14] == [0x08, 0x00]).then(|| &frame[14..])?;
    if packet[9] != TCP {
        return None;
    }
    // The frame may be padded beyond the packet.
    let total = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
    let tcp = &packet[usize::from(packet[0] & 0x0f) * 4..total];
    Some(Segment {
        source: u16::from_be_bytes([tcp[0], tcp[1]]),
        destination: u16::from_be_bytes([tcp[2], tcp[3]]),
        sequence: u32::from_be_bytes([tcp[4], tcp[5], tcp[6], tcp[7]]),
        is_first: tcp[13] & SYN != 0,
        payload: &tcp[usize::from(tcp[12] >> 4) * 4..],
    })
}

fn datagram(frame: &[u8]) -> Option<Datagram> {
    const UDP: u8 = 17;
    let packet = (frame[12..14] == [0x08, 0x00] && frame[23] == UDP).then(|| &frame[14..])?;
    let field = |start: usize| packet[start..start + 4].first_chunk::<4>().copied().expect("four bytes");
    let udp = &packet[usize::from(packet[0] & 0x0f) * 4..];
    let port = |start: usize| u16::from_be_bytes([udp[start], udp[start + 1]]);
    Some(Datagram {
        from: SocketAddrV4::new(Ipv4Addr::from(field(12)), port(0)),
        to: SocketAddrV4::new(Ipv4Addr::from(field(16)), port(2)),
        bytes: udp[8..usize::from(port(4))].to_vec(),
    })
}
