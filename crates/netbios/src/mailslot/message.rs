//! What the messenger writes into its mailslot: three strings, each ended by NUL.

use thiserror::Error;

use crate::code_page::CodePage;
use crate::name::{NameError, TEXT_BYTES_MAX};

use super::{MESSENGER, Write};

/// The longest data of a message whose slot has the messenger's name (MS-MAIL 3.1.4.1: 443 bytes with the name; the
/// documentation of Windows says 424).
const DATA_BYTES_MAX: usize = 424;

/// A message as its sender wrote it. Nothing in it is proven, and its characters are not filtered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who the sender says it is, without spaces at the end.
    pub from: String,
    /// Whom the message is for: a group, a computer or a person, without spaces at the end.
    pub to: String,
    /// The text, its lines ending in `\n`.
    pub text: String,
}

/// What a message may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageLimits {
    /// Longest name, in bytes as they come. Default 64: some senders write more than the 15 of a NetBIOS name.
    pub name_bytes_max: usize,
    /// Longest text, in bytes as they come. Default 1,024, more than twice what senders may write.
    pub text_bytes_max: usize,
}

/// Why bytes are no message of the messenger, or a text cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Fewer than three strings.
    #[error("expected sender, recipient and text, got {0} strings")]
    Strings(usize),
    /// A string that is too long.
    #[error("expected at most {max} bytes, got {got}")]
    TooLong {
        /// How many are allowed.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// A message ready for a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The data of the datagram.
    pub data: Vec<u8>,
    /// The characters of the text that the code page lacks and that got another spelling.
    pub replaced: Vec<char>,
}

impl Message {
    /// Reads what was written into the messenger's mailslot. The NUL after the text may be missing, and what comes
    /// after it is ignored.
    pub fn decode(data: &[u8], code_page: CodePage, limits: &MessageLimits) -> Result<Self, MessageError> {
        let strings: Vec<&[u8]> = data.splitn(4, |byte| *byte == 0).collect();
        let [from, to, text, ..] = strings.as_slice() else {
            return Err(MessageError::Strings(strings.len()));
        };
        let within = |bytes: &[u8], max| {
            let got = bytes.len();
            if got <= max { Ok(()) } else { Err(MessageError::TooLong { max, got }) }
        };
        within(from, limits.name_bytes_max)?;
        within(to, limits.name_bytes_max)?;
        within(text, limits.text_bytes_max)?;
        let name = |bytes: &[u8]| code_page.decode(bytes).trim_end_matches(' ').to_owned();
        Ok(Self { from: name(from), to: name(to), text: code_page.decode(text) })
    }

    /// The message as the data of a datagram, as much as senders may write and no more.
    pub fn encode(&self, code_page: CodePage) -> Result<Outgoing, MessageError> {
        let text = code_page.encode(&self.text);
        let mut data = Vec::new();
        for name in [&self.from, &self.to] {
            let encoded = code_page.encode(name);
            let wrong = name.chars().find(|character| character.is_control());
            if let Some(character) = wrong.or(encoded.replaced.first().copied()) {
                return Err(NameError::Character(character).into());
            }
            if encoded.bytes.len() > TEXT_BYTES_MAX {
                return Err(NameError::TooLong(encoded.bytes.len()).into());
            }
            if encoded.bytes.iter().all(|byte| *byte == b' ') {
                return Err(NameError::Empty.into());
            }
            data.extend(encoded.bytes);
            data.push(0);
        }
        let max = DATA_BYTES_MAX - data.len() - 1;
        if text.bytes.len() > max {
            return Err(MessageError::TooLong { max, got: text.bytes.len() });
        }
        data.extend(text.bytes);
        data.push(0);
        let write = Write { slot: MESSENGER.as_bytes(), priority: 1, data: &data };
        Ok(Outgoing { data: write.encode(), replaced: text.replaced })
    }
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self { name_bytes_max: 64, text_bytes_max: 1024 }
    }
}
