//! `NetrSendMessage`: the one call of the interface `msgsvcsend` (MS-MSRP 3.2.4.1).

use super::Uuid;
use super::ndr::{ByteOrder, NdrError, Reader, Writer};

/// The interface `msgsvcsend`.
pub const INTERFACE: Uuid =
    Uuid([0x5a, 0x7b, 0x91, 0xf8, 0xff, 0x00, 0x11, 0xd0, 0xa9, 0xb2, 0x00, 0xc0, 0x4f, 0xb6, 0xe6, 0xfc]);
/// Its version, 1.0.
pub const INTERFACE_VERSION: u32 = 1;
/// The number of the call.
pub const OPERATION: u16 = 0;
/// The longest name that is read. Names have 15 bytes; senders that say more are cut nowhere and judged later.
pub const NAME_BYTES_MAX: usize = 255;

/// Results of the call: errors of the LAN Manager network.
pub mod result {
    /// The message is kept, or shown.
    pub const SUCCESS: u32 = 0;
    /// The recipient's computer cannot take it.
    pub const INTERNAL_ERROR: u32 = 2140;
    /// Nobody receives messages under the name.
    pub const NAME_NOT_FOUND: u32 = 2273;
}

/// The arguments, in the code page of their sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who the sender says it is.
    pub from: &'a [u8],
    /// Whom the message is for.
    pub to: &'a [u8],
    /// The text.
    pub text: &'a [u8],
}

impl<'a> Request<'a> {
    /// Reads the arguments. What follows them is ignored, as some senders fill up the end.
    pub fn decode(stub: &'a [u8], order: ByteOrder, text_bytes_max: usize) -> Result<Self, NdrError> {
        let mut reader = Reader::new(stub, order);
        let from = reader.string(NAME_BYTES_MAX)?;
        let to = reader.string(NAME_BYTES_MAX)?;
        let text = reader.string(text_bytes_max)?;
        Ok(Self { from, to, text })
    }

    /// Writes the arguments.
    pub fn encode(&self, order: ByteOrder) -> Vec<u8> {
        let mut writer = Writer::new(order);
        writer.string(self.from);
        writer.string(self.to);
        writer.string(self.text);
        writer.finish()
    }
}

/// Reads the result of the call.
pub fn decode_result(stub: &[u8], order: ByteOrder) -> Result<u32, NdrError> {
    Reader::new(stub, order).u32()
}
