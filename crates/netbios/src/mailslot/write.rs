//! The transaction that writes into a mailslot (MS-MAIL 2.2.1; MS-CIFS 2.2.4.33).

use thiserror::Error;

use crate::cursor::Cursor;
use crate::smb::{Header, SmbError};

const TRANSACTION: u8 = 0x25;
/// Three of the words say what is done, to what, and how.
const WORDS: u8 = 17;
const SETUP_WORDS: u8 = 3;
const WRITE: u16 = 1;
/// Without an answer. Datagrams know no other class.
const CLASS: u16 = 2;
const HEADER_BYTES: usize = 32;
/// Where the name stands: after the header, the words and two counts.
const NAME_OFFSET: usize = HEADER_BYTES + 1 + 2 * WORDS as usize + 2;
/// The longest name of a mailslot that is read.
const NAME_BYTES_MAX: usize = 64;

/// Data for a mailslot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write<'a> {
    /// The mailslot, without the NUL that ends it.
    pub slot: &'a [u8],
    /// From 0 to 9, in which nobody takes an interest. Windows writes 1.
    pub priority: u16,
    /// The data.
    pub data: &'a [u8],
}

/// Why bytes write into no mailslot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// What came is no server message block.
    #[error(transparent)]
    Smb(#[from] SmbError),
    /// Another command, or one that says it is an answer.
    #[error("expected a transaction, got command {0:#04x}")]
    Command(u8),
    /// The bytes end before the transaction does.
    #[error("expected a transaction, got only the beginning of one")]
    Truncated,
    /// Another number of words.
    #[error("expected {WORDS} words and {SETUP_WORDS} of setup, got {words} and {setup}")]
    Words {
        /// All words.
        words: u8,
        /// Words of setup.
        setup: u8,
    },
    /// It does something else to the mailslot.
    #[error("expected operation {WRITE}, got {0}")]
    Operation(u16),
    /// A name that does not end, or is longer than any mailslot's.
    #[error("expected the name of a mailslot of at most {NAME_BYTES_MAX} bytes")]
    Name,
    /// The data is said to be where it is not.
    #[error("expected data within the message, got {count} bytes at {offset}")]
    Data {
        /// Where it is said to begin.
        offset: usize,
        /// How much it is said to be.
        count: usize,
    },
}

impl<'a> Write<'a> {
    /// Reads the data of a datagram.
    ///
    /// The data is where the transaction says, be there padding before it or not. All of it must be in this one
    /// message: a mailslot's datagrams have no second part.
    pub fn decode(message: &'a [u8]) -> Result<Self, WriteError> {
        let (header, body) = Header::decode(message)?;
        if header.command != TRANSACTION || header.flags & crate::smb::header::FLAG_REPLY != 0 {
            return Err(WriteError::Command(header.command));
        }
        let mut cursor = Cursor::new(body);
        let words = Words::decode(&mut cursor).ok_or(WriteError::Truncated)?;
        if words.count != WORDS || words.setup_count != SETUP_WORDS {
            return Err(WriteError::Words { words: words.count, setup: words.setup_count });
        }
        if words.operation != WRITE {
            return Err(WriteError::Operation(words.operation));
        }
        let name_end = cursor.rest().iter().take(NAME_BYTES_MAX + 1).position(|byte| *byte == 0);
        let slot = cursor.bytes(name_end.ok_or(WriteError::Name)?).ok_or(WriteError::Truncated)?;
        let (offset, count) = (usize::from(words.data_offset), usize::from(words.data_count));
        let lie = WriteError::Data { offset, count };
        if offset <= NAME_OFFSET + slot.len() || words.data_total != words.data_count {
            return Err(lie);
        }
        let data = message.get(offset..).and_then(|data| data.get(..count)).ok_or(lie)?;
        Ok(Self { slot, priority: words.priority, data })
    }

    /// The data for a datagram. Slot and data are cut at what can be counted.
    pub fn encode(&self) -> Vec<u8> {
        let slot = &self.slot[..self.slot.len().min(NAME_BYTES_MAX)];
        let data_offset = NAME_OFFSET + slot.len() + 1;
        let data = &self.data[..self.data.len().min(usize::from(u16::MAX) - data_offset)];
        let (count, offset) = (data.len() as u16, data_offset as u16);
        // MS-CIFS 2.2.4.33.1: totals and maxima, flags, timeout, parameters, data, setup.
        let words = [
            0,
            count,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            count,
            offset,
            u16::from(SETUP_WORDS),
            WRITE,
            self.priority,
            CLASS,
        ];
        let mut message = Vec::with_capacity(data_offset + data.len());
        Header::request(TRANSACTION).encode_to(&mut message);
        message.push(WORDS);
        message.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        message.extend(((slot.len() + 1 + data.len()) as u16).to_le_bytes());
        message.extend(slot);
        message.push(0);
        message.extend(data);
        message
    }

    /// Whether the data is for this mailslot; upper and lower case do not matter.
    pub fn is_for(&self, slot: &str) -> bool {
        self.slot.eq_ignore_ascii_case(slot.as_bytes())
    }
}

/// The words that matter.
struct Words {
    count: u8,
    data_total: u16,
    data_count: u16,
    data_offset: u16,
    setup_count: u8,
    operation: u16,
    priority: u16,
}

impl Words {
    /// Reads the words and the count of bytes after them.
    fn decode(cursor: &mut Cursor<'_>) -> Option<Self> {
        let count = cursor.u8()?;
        let mut words = Cursor::new(cursor.bytes(2 * usize::from(count))?);
        // The count of bytes says nothing that the place of the data does not say better.
        cursor.u16_le()?;
        words.bytes(2)?;
        let data_total = words.u16_le()?;
        words.bytes(18)?;
        Some(Self {
            count,
            data_total,
            data_count: words.u16_le()?,
            data_offset: words.u16_le()?,
            setup_count: words.u16_le()?.to_le_bytes()[0],
            operation: words.u16_le()?,
            priority: words.u16_le()?,
        })
    }
}
