//! A packet of the datagram service (RFC 1002 §4.4).

use std::net::{Ipv4Addr, SocketAddrV4};

use thiserror::Error;

use super::PACKET_BYTES_MAX;
use crate::cursor::Cursor;
use crate::name::{NameDecodeError, ScopedName};

const HEADER_BYTES: usize = 10;
/// The header of a packet with data: its length and the place of its data follow.
const DATA_HEADER_BYTES: usize = 14;

const ERROR: u8 = 0x13;
const MORE: u8 = 0x01;
const FIRST: u8 = 0x02;

/// What comes in one UDP packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// A datagram, or a fragment of one (§4.4.2).
    Datagram(Datagram),
    /// A datagram could not be delivered (§4.4.3).
    Error {
        /// Which datagram, and who says so.
        header: Header,
        /// Why.
        code: ErrorCode,
    },
    /// Whether a distribution server would deliver to a name, and its answer (§4.4.4, §4.4.5).
    Query(Query),
}

/// What all packets begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// The kind of node that sends.
    pub node_type: SenderNodeType,
    /// Which datagram of this sender it is.
    pub id: u16,
    /// Where the datagram comes from, as its sender says. Who relays or forges it writes what they like.
    pub source: SocketAddrV4,
}

/// A datagram, or a fragment of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Whom it is for.
    pub delivery: Delivery,
    /// Where it comes from.
    pub header: Header,
    /// Whether it is the first fragment.
    pub first: bool,
    /// Whether fragments follow.
    pub more: bool,
    /// Where its data belongs in the whole.
    pub offset: u16,
    /// Who sends, as they say.
    pub from: ScopedName,
    /// Whom it is for.
    pub to: ScopedName,
    /// What.
    pub data: Vec<u8>,
}

/// Whom a datagram is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Delivery {
    /// The one who has a name.
    Unique,
    /// All who have a name.
    Group,
    /// Everybody: the name is `*`.
    Broadcast,
}

/// The kind of node that sends a datagram (§4.4.1, SNT).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SenderNodeType {
    /// B: by broadcast.
    Broadcast,
    /// P: by name servers.
    PointToPoint,
    /// M, and H, for which there is no code.
    Mixed,
    /// A distribution server, which relays.
    DistributionServer,
}

/// Whether a distribution server would deliver to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Question or answer.
    pub kind: QueryKind,
    /// The bits that only datagrams use, as they came.
    pub first: bool,
    /// Where it comes from.
    pub header: Header,
    /// The name.
    pub to: ScopedName,
}

/// Question or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueryKind {
    /// Would it?
    Request,
    /// It would.
    Positive,
    /// It would not.
    Negative,
}

/// Why a datagram was not delivered (§4.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub u8);

/// Why bytes are no packet of the datagram service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacketError {
    /// The bytes end before the packet does.
    #[error("expected a packet of the datagram service, got only the beginning of one")]
    Truncated,
    /// A kind of packet that there is not.
    #[error("expected a packet of type 0x10 to 0x16, got {0:#04x}")]
    Kind(u8),
    /// The length in the header is not that of the packet.
    #[error("expected {expected} bytes after the header, got {got}")]
    Length {
        /// What the header says.
        expected: usize,
        /// What there is.
        got: usize,
    },
    /// What stands in place of a name is none.
    #[error(transparent)]
    Name(#[from] NameDecodeError),
}

impl ErrorCode {
    /// Nobody has the name.
    pub const NO_SUCH_NAME: Self = Self(0x82);
    /// The name of the sender is malformed.
    pub const SOURCE_NAME: Self = Self(0x83);
    /// The name of the recipient is malformed.
    pub const DESTINATION_NAME: Self = Self(0x84);
}

impl Packet {
    /// Reads a packet. Bytes after it are ignored.
    pub fn decode(bytes: &[u8]) -> Result<Self, PacketError> {
        let mut cursor = Cursor::new(bytes);
        let kind = cursor.u8().ok_or(PacketError::Truncated)?;
        let (header, flags) = Header::decode(&mut cursor).ok_or(PacketError::Truncated)?;
        let query = |kind| {
            let (to, _) = ScopedName::decode(bytes, HEADER_BYTES)?;
            Ok(Self::Query(Query { kind, first: flags & FIRST != 0, header, to }))
        };
        match kind {
            0x10 => Datagram::decode(Delivery::Unique, header, flags, bytes).map(Self::Datagram),
            0x11 => Datagram::decode(Delivery::Group, header, flags, bytes).map(Self::Datagram),
            0x12 => Datagram::decode(Delivery::Broadcast, header, flags, bytes).map(Self::Datagram),
            ERROR => {
                let code = ErrorCode(cursor.u8().ok_or(PacketError::Truncated)?);
                Ok(Self::Error { header, code })
            }
            0x14 => query(QueryKind::Request),
            0x15 => query(QueryKind::Positive),
            0x16 => query(QueryKind::Negative),
            other => Err(PacketError::Kind(other)),
        }
    }

    /// The bytes of the packet.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Datagram(datagram) => datagram.encode(),
            Self::Error { header, code } => {
                let mut bytes = vec![ERROR];
                header.encode_to(FIRST, &mut bytes);
                bytes.push(code.0);
                bytes
            }
            Self::Query(query) => {
                let kind = match query.kind {
                    QueryKind::Request => 0x14,
                    QueryKind::Positive => 0x15,
                    QueryKind::Negative => 0x16,
                };
                let mut bytes = vec![kind];
                query.header.encode_to(if query.first { FIRST } else { 0 }, &mut bytes);
                query.to.encode_to(&mut bytes);
                bytes
            }
        }
    }
}

impl Datagram {
    fn decode(delivery: Delivery, header: Header, flags: u8, bytes: &[u8]) -> Result<Self, PacketError> {
        let mut cursor = Cursor::new(bytes.get(HEADER_BYTES..).unwrap_or_default());
        let length = usize::from(cursor.u16_be().ok_or(PacketError::Truncated)?);
        let offset = cursor.u16_be().ok_or(PacketError::Truncated)?;
        let got = cursor.rest().len();
        let end = DATA_HEADER_BYTES + length;
        let whole = bytes.get(..end).ok_or(PacketError::Length { expected: length, got })?;
        let (from, position) = ScopedName::decode(whole, DATA_HEADER_BYTES)?;
        let (to, position) = ScopedName::decode(whole, position)?;
        let data = whole.get(position..).unwrap_or_default().to_vec();
        let (first, more) = (flags & FIRST != 0, flags & MORE != 0);
        Ok(Self { delivery, header, first, more, offset, from, to, data })
    }

    /// The datagram in one packet. Its data is cut where no length can tell more; see [`Datagram::fragments`].
    pub fn encode(&self) -> Vec<u8> {
        let kind = match self.delivery {
            Delivery::Unique => 0x10,
            Delivery::Group => 0x11,
            Delivery::Broadcast => 0x12,
        };
        let bits = if self.first { FIRST } else { 0 } | if self.more { MORE } else { 0 };
        let mut body = Vec::with_capacity(PACKET_BYTES_MAX);
        self.from.encode_to(&mut body);
        self.to.encode_to(&mut body);
        body.extend(&self.data);
        body.truncate(usize::from(u16::MAX));
        let mut bytes = vec![kind];
        self.header.encode_to(bits, &mut bytes);
        bytes.extend((body.len() as u16).to_be_bytes());
        bytes.extend(self.offset.to_be_bytes());
        bytes.extend(body);
        bytes
    }

    /// The packets that the datagram needs, none longer than `packet_bytes_max` (RFC 1002 §5.3.1). What the messenger
    /// writes fits into one; the largest datagrams do not fit where routers want 576 bytes. Names with long
    /// scopes leave little room for data, but at least one byte goes into each packet. Data beyond 65,535 bytes, which
    /// no offset reaches, is cut.
    pub fn fragments(&self, packet_bytes_max: usize) -> Vec<Vec<u8>> {
        let empty = Self { data: Vec::new(), ..self.clone() };
        let room = packet_bytes_max.saturating_sub(empty.encode().len()).max(1);
        let data = &self.data[..self.data.len().min(usize::from(u16::MAX))];
        let count = data.len().div_ceil(room).max(1);
        let mut pieces = data.chunks(room);
        (0..count)
            .map(|index| {
                let data = pieces.next().unwrap_or_default().to_vec();
                let offset = u16::try_from(index * room).unwrap_or(u16::MAX);
                let fragment =
                    Self { first: index == 0, more: index + 1 < count, offset, data, ..empty.clone() };
                fragment.encode()
            })
            .collect()
    }

    /// Whether it is complete as it is.
    pub fn is_whole(&self) -> bool {
        self.first && !self.more && self.offset == 0
    }
}

impl Header {
    /// The header, and its flags, after the type of the packet.
    fn decode(cursor: &mut Cursor<'_>) -> Option<(Self, u8)> {
        let flags = cursor.u8()?;
        let id = cursor.u16_be()?;
        let address = Ipv4Addr::from(cursor.u32_be()?);
        let source = SocketAddrV4::new(address, cursor.u16_be()?);
        let node_type = match flags >> 2 & 3 {
            0 => SenderNodeType::Broadcast,
            1 => SenderNodeType::PointToPoint,
            2 => SenderNodeType::Mixed,
            _ => SenderNodeType::DistributionServer,
        };
        Some((Self { node_type, id, source }, flags))
    }

    fn encode_to(&self, bits: u8, bytes: &mut Vec<u8>) {
        let node_type = match self.node_type {
            SenderNodeType::Broadcast => 0,
            SenderNodeType::PointToPoint => 1,
            SenderNodeType::Mixed => 2,
            SenderNodeType::DistributionServer => 3,
        };
        bytes.push(node_type << 2 | bits);
        bytes.extend(self.id.to_be_bytes());
        bytes.extend(self.source.ip().octets());
        bytes.extend(self.source.port().to_be_bytes());
    }
}
