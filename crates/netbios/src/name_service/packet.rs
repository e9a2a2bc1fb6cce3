//! A packet of the name service (RFC 1002 §4.2.1).

use thiserror::Error;

use super::{Flags, Record};
use crate::cursor::Cursor;
use crate::name::{NameDecodeError, ScopedName};

/// Length of a packet's header.
pub const HEADER_BYTES: usize = 12;

/// The only class there is: Internet.
pub(super) const CLASS: u16 = 1;

/// What a question asks for, and what a record holds (RFC 1002 §4.2.1.2, §4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordType(pub u16);

/// A packet with everything that is in it. No kind of packet has more than one entry in a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The transaction: the answer has that of the request.
    pub id: u16,
    /// What the packet is.
    pub flags: Flags,
    /// What is asked, or which name a request is about.
    pub question: Option<Question>,
    /// The answer.
    pub answer: Option<Record>,
    /// Which name server to ask instead.
    pub authority: Option<Record>,
    /// What a request says of the name, or where the other name server is.
    pub additional: Option<Record>,
}

/// A name, and what is asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name.
    pub name: ScopedName,
    /// What is asked: [`RecordType::ADDRESSES`] or [`RecordType::NODE_STATUS`].
    pub kind: RecordType,
}

/// Why bytes are no packet of the name service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacketError {
    /// The bytes end before the packet does.
    #[error("expected a packet of the name service, got only the beginning of one")]
    Truncated,
    /// More than one entry in a section.
    #[error("expected at most one entry in each section, got {0}")]
    Entries(u16),
    /// A class other than that of the Internet.
    #[error("expected class {CLASS}, got {0}")]
    Class(u16),
    /// What stands in place of a name is none.
    #[error(transparent)]
    Name(#[from] NameDecodeError),
    /// The data of a record does not have the length that its type wants.
    #[error("expected a record of another length, got {0} bytes")]
    RecordLength(usize),
}

impl RecordType {
    /// The address of a name server, in a redirection.
    pub const ADDRESS: Self = Self(0x0001);
    /// The name of a name server, in a redirection.
    pub const NAME_SERVER: Self = Self(0x0002);
    /// Nothing: what a negative answer holds.
    pub const NULL: Self = Self(0x000a);
    /// The addresses of a name.
    pub const ADDRESSES: Self = Self(0x0020);
    /// The names of a node.
    pub const NODE_STATUS: Self = Self(0x0021);
}

impl Packet {
    /// Reads a packet. Bytes after it are ignored.
    pub fn decode(bytes: &[u8]) -> Result<Self, PacketError> {
        let mut header = Cursor::new(bytes);
        let mut field = || header.u16_be().ok_or(PacketError::Truncated);
        let (id, flags) = (field()?, Flags::from_bits(field()?));
        let mut count = || match field()? {
            count @ (0 | 1) => Ok(count == 1),
            more => Err(PacketError::Entries(more)),
        };
        let counts = [count()?, count()?, count()?, count()?];
        let mut position = HEADER_BYTES;
        let question = if counts[0] { Some(Question::decode(bytes, &mut position)?) } else { None };
        let mut record = |there: bool| {
            if there { Record::decode(bytes, &mut position).map(Some) } else { Ok(None) }
        };
        Ok(Self {
            id,
            flags,
            question,
            answer: record(counts[1])?,
            authority: record(counts[2])?,
            additional: record(counts[3])?,
        })
    }

    /// The bytes of the packet. A record about the name of the question points to it.
    pub fn encode(&self) -> Vec<u8> {
        let records = [&self.answer, &self.authority, &self.additional];
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(self.id.to_be_bytes());
        bytes.extend(self.flags.bits().to_be_bytes());
        bytes.extend(u16::from(self.question.is_some()).to_be_bytes());
        for record in records {
            bytes.extend(u16::from(record.is_some()).to_be_bytes());
        }
        if let Some(question) = &self.question {
            question.name.encode_to(&mut bytes);
            bytes.extend(question.kind.0.to_be_bytes());
            bytes.extend(CLASS.to_be_bytes());
        }
        let asked = self.question.as_ref().map(|question| &question.name);
        for record in records.into_iter().flatten() {
            record.encode_to(asked, &mut bytes);
        }
        bytes
    }

    /// The name that the packet is about.
    pub fn name(&self) -> Option<&ScopedName> {
        let asked = self.question.as_ref().map(|question| &question.name);
        asked.or_else(|| self.answer.as_ref().map(|record| &record.name))
    }
}

impl Question {
    fn decode(packet: &[u8], position: &mut usize) -> Result<Self, PacketError> {
        let (name, end) = ScopedName::decode(packet, *position)?;
        let mut cursor = Cursor::new(packet.get(end..).unwrap_or_default());
        let kind = cursor.u16_be().ok_or(PacketError::Truncated)?;
        expect_class(&mut cursor)?;
        *position = end + 4;
        Ok(Self { name, kind: RecordType(kind) })
    }
}

pub(super) fn expect_class(cursor: &mut Cursor<'_>) -> Result<(), PacketError> {
    match cursor.u16_be().ok_or(PacketError::Truncated)? {
        CLASS => Ok(()),
        other => Err(PacketError::Class(other)),
    }
}
