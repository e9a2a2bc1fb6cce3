//! What a packet says about a name: resource records (RFC 1002 §4.2.1.3).

use std::net::Ipv4Addr;

use super::packet::{CLASS, HEADER_BYTES, expect_class};
use super::{NameFlags, NodeType, PacketError, RecordType};
use crate::cursor::Cursor;
use crate::name::{Name, ScopedName};

/// Length of the statistics that end a node status (RFC 1002 §4.2.18).
pub const STATISTICS_BYTES: usize = 46;

const ENTRY_BYTES: usize = 6;
/// Pointer to the name of the question.
const POINTER_TO_QUESTION: [u8; 2] = [0xc0, HEADER_BYTES as u8];

/// What is said about a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The name.
    pub name: ScopedName,
    /// For how many seconds it holds; 0 for ever.
    pub ttl: u32,
    /// What is said.
    pub data: RecordData,
}

/// The data of a record, by its type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordData {
    /// Where the name is.
    Addresses(Vec<NameEntry>),
    /// Which names the node has.
    NodeStatus(NodeStatus),
    /// Anything else.
    Other {
        /// The type of the record.
        kind: RecordType,
        /// Its data.
        bytes: Vec<u8>,
    },
}

/// One address of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameEntry {
    /// Whether many may have the name, and the kind of node.
    pub flags: NameFlags,
    /// The address.
    pub address: Ipv4Addr,
}

/// The names of a node, and how it does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeStatus {
    /// The names; at most 255 travel.
    pub names: Vec<StatusName>,
    /// The statistics as they came: [`STATISTICS_BYTES`] in earnest, but some nodes send less.
    pub statistics: Vec<u8>,
}

/// A name in a node status (RFC 1002 §4.2.18, NAME_FLAGS). Reserved bits are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusName {
    /// The name.
    pub name: Name,
    /// Whether many may have the name, and the kind of node.
    pub flags: NameFlags,
    /// It is being given up.
    pub deregistering: bool,
    /// Another node has it too.
    pub conflict: bool,
    /// It is registered.
    pub active: bool,
    /// It is the name of the node itself.
    pub permanent: bool,
}

impl Record {
    pub(super) fn decode(packet: &[u8], position: &mut usize) -> Result<Self, PacketError> {
        let (name, end) = ScopedName::decode(packet, *position)?;
        let mut cursor = Cursor::new(packet.get(end..).unwrap_or_default());
        let kind = RecordType(cursor.u16_be().ok_or(PacketError::Truncated)?);
        expect_class(&mut cursor)?;
        let ttl = cursor.u32_be().ok_or(PacketError::Truncated)?;
        let length = usize::from(cursor.u16_be().ok_or(PacketError::Truncated)?);
        let bytes = cursor.bytes(length).ok_or(PacketError::Truncated)?;
        *position = packet.len() - cursor.rest().len();
        Ok(Self { name, ttl, data: RecordData::decode(kind, bytes)? })
    }

    pub(super) fn encode_to(&self, asked: Option<&ScopedName>, packet: &mut Vec<u8>) {
        if asked == Some(&self.name) {
            packet.extend(POINTER_TO_QUESTION);
        } else {
            self.name.encode_to(packet);
        }
        packet.extend(self.data.kind().0.to_be_bytes());
        packet.extend(CLASS.to_be_bytes());
        packet.extend(self.ttl.to_be_bytes());
        let mut data = self.data.encode();
        data.truncate(usize::from(u16::MAX));
        packet.extend((data.len() as u16).to_be_bytes());
        packet.extend(data);
    }

    /// The addresses that the record holds.
    pub fn entries(&self) -> &[NameEntry] {
        match &self.data {
            RecordData::Addresses(entries) => entries,
            _ => &[],
        }
    }
}

impl RecordData {
    fn decode(kind: RecordType, bytes: &[u8]) -> Result<Self, PacketError> {
        Ok(match kind {
            // A request to wait has the flags of what it answers here, two bytes (RFC 1002 §4.2.16).
            RecordType::ADDRESSES if bytes.len().is_multiple_of(ENTRY_BYTES) => {
                Self::Addresses(bytes.chunks_exact(ENTRY_BYTES).map(NameEntry::decode).collect())
            }
            RecordType::NODE_STATUS => Self::NodeStatus(NodeStatus::decode(bytes)?),
            _ => Self::Other { kind, bytes: bytes.to_vec() },
        })
    }

    /// The type of the record.
    pub fn kind(&self) -> RecordType {
        match self {
            Self::Addresses(_) => RecordType::ADDRESSES,
            Self::NodeStatus(_) => RecordType::NODE_STATUS,
            Self::Other { kind, .. } => *kind,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Addresses(entries) => entries.iter().flat_map(|entry| entry.encode()).collect(),
            Self::NodeStatus(status) => status.encode(),
            Self::Other { bytes, .. } => bytes.clone(),
        }
    }
}

impl NameEntry {
    /// Takes six bytes.
    fn decode(bytes: &[u8]) -> Self {
        let mut cursor = Cursor::new(bytes);
        let flags = NameFlags::from_bits(cursor.u16_be().unwrap_or_default());
        Self { flags, address: cursor.u32_be().unwrap_or_default().into() }
    }

    fn encode(self) -> [u8; ENTRY_BYTES] {
        let ([high, low], [a, b, c, d]) = (self.flags.bits().to_be_bytes(), self.address.octets());
        [high, low, a, b, c, d]
    }
}

impl NodeStatus {
    fn decode(bytes: &[u8]) -> Result<Self, PacketError> {
        let too_short = PacketError::RecordLength(bytes.len());
        let mut cursor = Cursor::new(bytes);
        let count = cursor.u8().ok_or(too_short)?;
        let mut names = Vec::with_capacity(usize::from(count).min(bytes.len()));
        for _ in 0..count {
            let name = Name::from_bytes(cursor.array().ok_or(too_short)?);
            names.push(StatusName::from_bits(name, cursor.u16_be().ok_or(too_short)?));
        }
        Ok(Self { names, statistics: cursor.rest().to_vec() })
    }

    fn encode(&self) -> Vec<u8> {
        let names = &self.names[..self.names.len().min(usize::from(u8::MAX))];
        let mut bytes = vec![names.len() as u8];
        for name in names {
            bytes.extend(name.name.as_bytes());
            bytes.extend(name.bits().to_be_bytes());
        }
        bytes.extend(&self.statistics);
        bytes
    }
}

impl StatusName {
    fn from_bits(name: Name, bits: u16) -> Self {
        Self {
            name,
            flags: NameFlags::from_bits(bits),
            deregistering: bits & 0x1000 != 0,
            conflict: bits & 0x0800 != 0,
            active: bits & 0x0400 != 0,
            permanent: bits & 0x0200 != 0,
        }
    }

    fn bits(&self) -> u16 {
        self.flags.bits()
            | u16::from(self.deregistering) << 12
            | u16::from(self.conflict) << 11
            | u16::from(self.active) << 10
            | u16::from(self.permanent) << 9
    }
}

impl Default for NameFlags {
    /// A unique name of a node that broadcasts.
    fn default() -> Self {
        Self { group: false, node_type: NodeType::Broadcast }
    }
}
