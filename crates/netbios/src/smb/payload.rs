//! What follows the header: counted parameter words and counted data (MS-CIFS 2.2.3.2, 2.2.3.3).

use super::{Header, NAME_BYTES_MAX, SmbError};
use crate::cursor::Cursor;

/// Data item: a counted block of bytes.
const BLOCK: u8 = 0x01;
/// Data item: another counted block, allowed in the same places (MS-MSRP 3.2.4.5).
const VARIABLE_BLOCK: u8 = 0x05;
/// Data item: a string that ends with NUL.
const STRING: u8 = 0x04;

/// The parameters and the data of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload<'a> {
    words: &'a [u8],
    data: Cursor<'a>,
}

impl<'a> Payload<'a> {
    /// Splits what follows the header. Bytes after the data are ignored (MS-CIFS 3.3.5.2).
    pub(super) fn decode(body: &'a [u8]) -> Result<Self, SmbError> {
        let mut cursor = Cursor::new(body);
        let count = cursor.u8().ok_or(SmbError::Truncated { expected: 1, got: 0 })?;
        let words = take(&mut cursor, usize::from(count) * 2)?;
        let count = take(&mut cursor, 2)?;
        let count = Cursor::new(count).u16_le().unwrap_or_default();
        let data = take(&mut cursor, usize::from(count))?;
        Ok(Self { words, data: Cursor::new(data) })
    }

    pub(super) fn word_count(&self) -> u8 {
        // A word count is read from one byte.
        u8::try_from(self.words.len() / 2).unwrap_or(u8::MAX)
    }

    pub(super) fn expect_words(self, expected: u8) -> Result<Self, SmbError> {
        let got = self.word_count();
        if got == expected { Ok(self) } else { Err(SmbError::WordCount { expected, got }) }
    }

    /// The first parameter word, if there is one.
    pub(super) fn first_word(&self) -> Option<u16> {
        Cursor::new(self.words).u16_le()
    }

    /// The data that was not read yet.
    pub(super) fn data(&self) -> Cursor<'a> {
        self.data
    }

    /// A name: a string item. At the end of the data its NUL may be missing.
    pub(super) fn name(&mut self) -> Result<&'a [u8], SmbError> {
        match self.data.u8() {
            Some(STRING) => {}
            got => return Err(SmbError::BufferFormat { expected: STRING, got }),
        }
        let name = self.data.until_nul();
        if name.len() > NAME_BYTES_MAX { Err(SmbError::NameTooLong(name.len())) } else { Ok(name) }
    }

    /// A text: a block item. A length that reaches beyond the data is cut there, as `smbd` does.
    pub(super) fn text(&mut self) -> Result<&'a [u8], SmbError> {
        match self.data.u8() {
            Some(BLOCK | VARIABLE_BLOCK) => {}
            got => return Err(SmbError::BufferFormat { expected: BLOCK, got }),
        }
        let length =
            self.data.u16_le().ok_or(SmbError::Truncated { expected: 2, got: self.data.rest().len() })?;
        let length = usize::from(length).min(self.data.rest().len());
        Ok(self.data.bytes(length).unwrap_or_default())
    }
}

/// A whole message. The data of this crate's own messages is far below the 65,535 bytes that can be counted;
/// more is cut there.
pub(super) fn encode(header: &Header, words: &[u16], data: &[u8]) -> Vec<u8> {
    let words = &words[..words.len().min(usize::from(u8::MAX))];
    let data = &data[..data.len().min(usize::from(u16::MAX))];
    let mut message = Vec::with_capacity(super::header::HEADER_BYTES + 3 + 2 * words.len() + data.len());
    header.encode_to(&mut message);
    message.push(words.len() as u8);
    for word in words {
        message.extend(word.to_le_bytes());
    }
    message.extend((data.len() as u16).to_le_bytes());
    message.extend(data);
    message
}

/// Appends a string item.
pub(super) fn push_name(data: &mut Vec<u8>, name: &[u8]) {
    data.push(STRING);
    data.extend(name);
    data.push(0);
}

/// Appends a block item, cut at the 65,535 bytes that can be counted.
pub(super) fn push_text(data: &mut Vec<u8>, text: &[u8]) {
    let text = &text[..text.len().min(usize::from(u16::MAX))];
    data.push(BLOCK);
    data.extend((text.len() as u16).to_le_bytes());
    data.extend(text);
}

fn take<'a>(cursor: &mut Cursor<'a>, expected: usize) -> Result<&'a [u8], SmbError> {
    let got = cursor.rest().len();
    cursor.bytes(expected).ok_or(SmbError::Truncated { expected, got })
}
