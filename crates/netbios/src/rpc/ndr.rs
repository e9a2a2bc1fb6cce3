//! Network Data Representation, transfer syntax 2.0 (C706 chapter 14): how arguments are written.

use thiserror::Error;

use super::Uuid;
use crate::cursor::Cursor;

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The most significant byte first.
    Big,
    /// The least significant byte first, as Windows writes.
    Little,
}

/// Why arguments cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NdrError {
    /// They end too early.
    #[error("expected more bytes of arguments, got their end")]
    Truncated,
    /// The counts before a string contradict each other.
    #[error("expected a string of at most {maximum} elements from its beginning, got {actual} from {offset}")]
    Counts {
        /// How many elements there may be.
        maximum: u32,
        /// Where they begin.
        offset: u32,
        /// How many there are.
        actual: u32,
    },
    /// A string is longer than its reader wants.
    #[error("expected at most {limit} elements of a string, got {got}")]
    TooLong {
        /// How many are allowed.
        limit: usize,
        /// How many came.
        got: usize,
    },
    /// A union holds something else than its neighbour says.
    #[error("expected a union of kind {expected}, got one of kind {got}")]
    Union {
        /// What it should hold.
        expected: u32,
        /// What it holds.
        got: u32,
    },
    /// A string does not end with NUL.
    #[error("expected a string that ends with NUL, got one that does not")]
    Unterminated,
}

/// Arguments that are read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    cursor: Cursor<'a>,
    length: usize,
    order: ByteOrder,
}

impl<'a> Reader<'a> {
    /// Arguments in that order of bytes.
    pub fn new(stub: &'a [u8], order: ByteOrder) -> Self {
        Self { cursor: Cursor::new(stub), length: stub.len(), order }
    }

    /// Skips to the next multiple of `bytes`; what is skipped may hold anything (C706 14.2.2).
    pub fn align(&mut self, bytes: usize) -> Result<(), NdrError> {
        let position = self.length - self.cursor.rest().len();
        self.raw(position.next_multiple_of(bytes.max(1)) - position).map(drop)
    }

    /// An aligned number of four bytes.
    pub fn u32(&mut self) -> Result<u32, NdrError> {
        self.align(4)?;
        let bytes = self.cursor.array().ok_or(NdrError::Truncated)?;
        Ok(match self.order {
            ByteOrder::Big => u32::from_be_bytes(bytes),
            ByteOrder::Little => u32::from_le_bytes(bytes),
        })
    }

    /// An aligned UUID.
    pub fn uuid(&mut self) -> Result<Uuid, NdrError> {
        self.align(4)?;
        let bytes = self.cursor.array().ok_or(NdrError::Truncated)?;
        Ok(Uuid::decode(bytes, self.order))
    }

    /// A conformant and varying string of characters of one byte, without its NUL (C706 14.3.4.2).
    ///
    /// Its bytes are borrowed: the counts allocate nothing, whatever they claim.
    pub fn string(&mut self, bytes_max: usize) -> Result<&'a [u8], NdrError> {
        let count = self.string_count(bytes_max)?;
        match self.raw(count)? {
            [text @ .., 0] => Ok(text),
            _ => Err(NdrError::Unterminated),
        }
    }

    /// Whether a pointer leads anywhere. Where it does is read later (C706 14.3.12).
    pub fn pointer(&mut self) -> Result<bool, NdrError> {
        self.u32().map(|referent| referent != 0)
    }

    /// A conformant and varying string of UTF-16, without its NUL. It ends before a NUL that it holds itself.
    pub fn wide_string(&mut self, units_max: usize) -> Result<String, NdrError> {
        let count = self.string_count(units_max)?;
        let mut units = Vec::new();
        for pair in self.raw(count.saturating_mul(2))?.chunks_exact(2) {
            let pair = [pair[0], pair[1]];
            units.push(match self.order {
                ByteOrder::Big => u16::from_be_bytes(pair),
                ByteOrder::Little => u16::from_le_bytes(pair),
            });
        }
        if units.pop() != Some(0) {
            return Err(NdrError::Unterminated);
        }
        let text = units.split(|unit| *unit == 0).next().unwrap_or_default();
        Ok(String::from_utf16_lossy(text))
    }

    /// How many elements a string has, its NUL among them.
    fn string_count(&mut self, elements_max: usize) -> Result<usize, NdrError> {
        let (maximum, offset, actual) = (self.u32()?, self.u32()?, self.u32()?);
        if offset != 0 || actual > maximum {
            return Err(NdrError::Counts { maximum, offset, actual });
        }
        let count = usize::try_from(actual).unwrap_or(usize::MAX);
        if count > elements_max.saturating_add(1) {
            return Err(NdrError::TooLong { limit: elements_max, got: count });
        }
        Ok(count)
    }

    /// So many bytes as they are, not aligned.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], NdrError> {
        self.cursor.bytes(count).ok_or(NdrError::Truncated)
    }
}

/// Arguments that are written.
#[derive(Debug, Clone)]
pub struct Writer {
    stub: Vec<u8>,
    order: ByteOrder,
    /// How many pointers lead somewhere.
    pointers: u32,
}

impl Writer {
    /// No arguments yet.
    pub fn new(order: ByteOrder) -> Self {
        Self { stub: Vec::new(), order, pointers: 0 }
    }

    /// Fills up with zeros to the next multiple of `bytes`.
    pub fn align(&mut self, bytes: usize) {
        self.stub.resize(self.stub.len().next_multiple_of(bytes.max(1)), 0);
    }

    /// An aligned number of four bytes.
    pub fn u32(&mut self, value: u32) {
        self.align(4);
        self.stub.extend(match self.order {
            ByteOrder::Big => value.to_be_bytes(),
            ByteOrder::Little => value.to_le_bytes(),
        });
    }

    /// An aligned UUID.
    pub fn uuid(&mut self, uuid: Uuid) {
        self.align(4);
        self.stub.extend(uuid.encode(self.order));
    }

    /// A conformant and varying string of characters of one byte, to which a NUL is added. It ends before a NUL
    /// that it holds itself.
    pub fn string(&mut self, text: &[u8]) {
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let count = u32::try_from(text.len() + 1).unwrap_or(u32::MAX);
        self.u32(count);
        self.u32(0);
        self.u32(count);
        self.stub.extend(text);
        self.stub.push(0);
    }

    /// A pointer that leads somewhere or nowhere. Where it leads is written later (C706 14.3.12).
    pub fn pointer(&mut self, leads: bool) {
        self.pointers += u32::from(leads);
        self.u32(if leads { self.pointers } else { 0 });
    }

    /// A conformant and varying string of UTF-16, to which a NUL is added. It ends before a NUL that it holds itself.
    pub fn wide_string(&mut self, text: &str) {
        let text = text.split('\0').next().unwrap_or_default();
        let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let count = u32::try_from(units.len()).unwrap_or(u32::MAX);
        self.u32(count);
        self.u32(0);
        self.u32(count);
        for unit in units {
            self.stub.extend(match self.order {
                ByteOrder::Big => unit.to_be_bytes(),
                ByteOrder::Little => unit.to_le_bytes(),
            });
        }
    }

    /// Bytes as they are, not aligned.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.stub.extend(bytes);
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.stub
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_numbers_survive_in_both_orders() {
        for order in [ByteOrder::Big, ByteOrder::Little] {
            let mut writer = Writer::new(order);
            writer.string(b"ab\0cd");
            writer.wide_string("grün\0x");
            writer.u32(7);
            let stub = writer.finish();
            let mut reader = Reader::new(&stub, order);
            assert_eq!(reader.string(2), Ok(&b"ab"[..]));
            assert_eq!(reader.wide_string(4), Ok("grün".to_owned()));
            assert_eq!(reader.u32(), Ok(7));
            assert_eq!(reader.u32(), Err(NdrError::Truncated));
        }
    }

    #[test]
    fn lying_counts_are_refused() {
        let read = |counts: [u32; 3], text: &[u8]| {
            let mut stub: Vec<u8> = counts.into_iter().flat_map(u32::to_le_bytes).collect();
            stub.extend(text);
            Reader::new(&stub, ByteOrder::Little).string(10).map(<[u8]>::to_vec)
        };
        assert_eq!(read([2, 0, 2], b"a\0"), Ok(b"a".to_vec()));
        assert_eq!(read([1, 0, 2], b"a\0"), Err(NdrError::Counts { maximum: 1, offset: 0, actual: 2 }));
        assert_eq!(read([9, 1, 2], b"a\0"), Err(NdrError::Counts { maximum: 9, offset: 1, actual: 2 }));
        assert_eq!(read([9, 0, 9], b"a\0"), Err(NdrError::Truncated));
        assert_eq!(read([99, 0, 99], b"a\0"), Err(NdrError::TooLong { limit: 10, got: 99 }));
        assert_eq!(read([2, 0, 2], b"ab"), Err(NdrError::Unterminated));
        assert_eq!(read([0, 0, 0], b""), Err(NdrError::Unterminated));
    }
}
