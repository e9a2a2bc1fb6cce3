//! The header of every server message block (MS-CIFS 2.2.3.1).

use super::{SmbError, Status};
use crate::cursor::Cursor;

/// Length of the header.
pub const HEADER_BYTES: usize = 32;

/// The flag that tells a response from a request (MS-CIFS 2.2.3.1, `SMB_FLAGS_REPLY`).
pub const FLAG_REPLY: u8 = 0x80;

const PROTOCOL: [u8; 4] = *b"\xffSMB";

/// The commands of the messenger (MS-MSRP 2.2.3) and negotiation (MS-CIFS 2.2.2.1).
pub mod command {
    /// SMB_COM_NEGOTIATE.
    pub const NEGOTIATE: u8 = 0x72;
    /// SMB_COM_SEND_MESSAGE: a message in one block.
    pub const SEND_MESSAGE: u8 = 0xd0;
    /// SMB_COM_SEND_START_MB_MESSAGE: the names of a message in several blocks.
    pub const START_MULTI_BLOCK: u8 = 0xd5;
    /// SMB_COM_SEND_END_MB_MESSAGE: the message is complete.
    pub const END_MULTI_BLOCK: u8 = 0xd6;
    /// SMB_COM_SEND_TEXT_MB_MESSAGE: one block of text.
    pub const TEXT_MULTI_BLOCK: u8 = 0xd7;
}

/// The header of a request or response. The messenger leaves everything but command and status zero
/// (MS-MSRP 2.2.3.1.1); `smbclient` fills in its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Header {
    /// What is asked or answered, one of [`command`].
    pub command: u8,
    /// In a response: how it went.
    pub status: Status,
    /// Flags, of which only [`FLAG_REPLY`] matters here.
    pub flags: u8,
    /// More flags; none matters here.
    pub flags2: u16,
    /// Upper half of the sender's process.
    pub process_id_high: u16,
    /// A signature, or zero.
    pub security_features: [u8; 8],
    /// Reserved.
    pub reserved: u16,
    /// Tree, echoed in the response.
    pub tree_id: u16,
    /// Lower half of the sender's process, echoed in the response.
    pub process_id: u16,
    /// User, echoed in the response.
    pub user_id: u16,
    /// Number of the request, echoed in the response.
    pub multiplex_id: u16,
}

impl Header {
    /// The header of a messenger request: all zero but the command.
    pub fn request(command: u8) -> Self {
        Self { command, ..Self::default() }
    }

    /// The header of the response to this request.
    pub fn response(&self, status: Status) -> Self {
        Self { status, flags: FLAG_REPLY, flags2: 0, security_features: [0; 8], reserved: 0, ..*self }
    }

    /// The header that `bytes` begin with, and the bytes after it.
    pub fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), SmbError> {
        let mut cursor = Cursor::new(bytes);
        let header = Self::fields(&mut cursor).ok_or(SmbError::HeaderTooShort(bytes.len()))?;
        match bytes.first_chunk() {
            Some(&PROTOCOL) => Ok((header, cursor.rest())),
            other => Err(SmbError::Protocol(other.copied().unwrap_or_default())),
        }
    }

    fn fields(cursor: &mut Cursor<'_>) -> Option<Self> {
        cursor.array::<4>()?;
        Some(Self {
            command: cursor.u8()?,
            status: Status::from_bits(cursor.u32_le()?),
            flags: cursor.u8()?,
            flags2: cursor.u16_le()?,
            process_id_high: cursor.u16_le()?,
            security_features: cursor.array()?,
            reserved: cursor.u16_le()?,
            tree_id: cursor.u16_le()?,
            process_id: cursor.u16_le()?,
            user_id: cursor.u16_le()?,
            multiplex_id: cursor.u16_le()?,
        })
    }

    pub(crate) fn encode_to(&self, message: &mut Vec<u8>) {
        message.extend(PROTOCOL);
        message.push(self.command);
        message.extend(self.status.bits().to_le_bytes());
        message.push(self.flags);
        message.extend(self.flags2.to_le_bytes());
        message.extend(self.process_id_high.to_le_bytes());
        message.extend(self.security_features);
        for field in [self.reserved, self.tree_id, self.process_id, self.user_id, self.multiplex_id] {
            message.extend(field.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_the_way_there_and_back() {
        let header = Header {
            command: command::SEND_MESSAGE,
            status: Status::NO_ROOM,
            flags: 1,
            flags2: 2,
            process_id_high: 3,
            security_features: [4; 8],
            reserved: 5,
            tree_id: 6,
            process_id: 7,
            user_id: 8,
            multiplex_id: 9,
        };
        let mut bytes = Vec::new();
        header.encode_to(&mut bytes);
        assert_eq!(bytes.len(), HEADER_BYTES);
        assert_eq!(Header::decode(&bytes), Ok((header, &[][..])));
    }

    #[test]
    fn a_response_echoes_whose_request_it_answers() {
        let request =
            Header { tree_id: 1, process_id: 2, user_id: 3, multiplex_id: 4, ..Header::request(0xd5) };
        let response = request.response(Status::NOT_RECEIVING);
        assert_eq!(response, Header { status: Status::NOT_RECEIVING, flags: FLAG_REPLY, ..request });
    }

    #[test]
    fn what_is_no_server_message_block_is_refused() {
        assert_eq!(Header::decode(&[0xff; 31]), Err(SmbError::HeaderTooShort(31)));
        let mut newer = [0; 64];
        newer[..4].copy_from_slice(b"\xfeSMB");
        assert_eq!(Header::decode(&newer), Err(SmbError::Protocol(*b"\xfeSMB")));
    }
}
