//! SMB_COM_NEGOTIATE: which dialect will be spoken (MS-CIFS 2.2.4.52).
//!
//! The messenger needs no negotiation, but some senders begin with it, and `smbd` takes a message of one block only
//! after it. Nothing is promised here beyond the messenger's commands: no capabilities, no shares, no sign-in.

use super::header::Header;
use super::payload::{Payload, encode};
use super::{SmbError, Status};

/// How many dialects a request may list; what follows is not looked at.
pub const DIALECTS_MAX: usize = 32;

const DIALECT: u8 = 0x02;
const NONE_CHOSEN: u16 = 0xffff;
const CORE: &[u8] = b"PC NETWORK PROGRAM 1.0";
const NT_LAN_MANAGER: &[u8] = b"NT LM 0.12";

/// The dialects that a client speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// Their names, in the order that the response counts them in.
    pub dialects: Vec<&'a [u8]>,
}

/// The dialect that the server chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// None.
    Refused,
    /// The core protocol.
    Core {
        /// Its place in the request.
        index: u16,
    },
    /// NT LAN Manager 0.12.
    NtLanManager {
        /// Its place in the request.
        index: u16,
        /// The largest message that the server takes, in bytes.
        message_bytes_max: u32,
        /// Random bytes for a sign-in. They keep a client that tries one from sending its password in the clear.
        challenge: [u8; 8],
    },
}

impl<'a> Request<'a> {
    /// Reads what follows the header.
    pub fn decode(body: &'a [u8]) -> Result<Self, SmbError> {
        let mut data = Payload::decode(body)?.expect_words(0)?.data();
        let mut dialects = Vec::new();
        while dialects.len() < DIALECTS_MAX {
            match data.u8() {
                Some(DIALECT) => dialects.push(data.until_nul()),
                None if !dialects.is_empty() => break,
                got => return Err(SmbError::BufferFormat { expected: DIALECT, got }),
            }
        }
        Ok(Self { dialects })
    }
}

impl Response {
    /// NT LAN Manager if the client speaks it, else the core protocol if it speaks that.
    pub fn choose(request: &Request<'_>, message_bytes_max: u32, challenge: [u8; 8]) -> Self {
        let index_of = |wanted: &[u8]| {
            let index = request.dialects.iter().position(|dialect| *dialect == wanted)?;
            u16::try_from(index).ok()
        };
        if let Some(index) = index_of(NT_LAN_MANAGER) {
            return Self::NtLanManager { index, message_bytes_max, challenge };
        }
        index_of(CORE).map_or(Self::Refused, |index| Self::Core { index })
    }

    /// The response to a request with this header (MS-CIFS 2.2.4.52.2).
    pub fn encode(&self, request: &Header) -> Vec<u8> {
        let header = request.response(Status::SUCCESS);
        match *self {
            Self::Refused => encode(&header, &[NONE_CHOSEN], &[]),
            Self::Core { index } => encode(&header, &[index], &[]),
            Self::NtLanManager { index, message_bytes_max, challenge } => {
                let words = nt_lan_manager_words(index, message_bytes_max, challenge.len());
                // The challenge, and an empty domain name.
                encode(&header, &words, &[&challenge[..], b"\0"].concat())
            }
        }
    }
}

/// The 17 parameter words. Some fields have an odd length, so the bytes are put together first.
fn nt_lan_manager_words(index: u16, message_bytes_max: u32, challenge_bytes: usize) -> [u16; 17] {
    // Sign-in per user, by challenge and response.
    const SECURITY_MODE: u8 = 0x03;
    let mut bytes = [0; 34];
    bytes[0..2].copy_from_slice(&index.to_le_bytes());
    bytes[2] = SECURITY_MODE;
    // One request at a time, one connection.
    bytes[3..5].copy_from_slice(&1u16.to_le_bytes());
    bytes[5..7].copy_from_slice(&1u16.to_le_bytes());
    bytes[7..11].copy_from_slice(&message_bytes_max.to_le_bytes());
    // Raw size, session key, capabilities, system time and time zone stay zero: nothing here uses them.
    bytes[33] = u8::try_from(challenge_bytes).unwrap_or(0);
    let mut words = [0; 17];
    for (word, pair) in words.iter_mut().zip(bytes.chunks_exact(2)) {
        *word = u16::from_le_bytes([pair[0], pair[1]]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::header::{HEADER_BYTES, command};
    use super::*;

    const CHALLENGE: [u8; 8] = *b"\x11\x22\x33\x44\x55\x66\x77\x88";

    fn response_to(body: &[u8]) -> Vec<u8> {
        let request = Request::decode(body).unwrap();
        let bytes = Response::choose(&request, 4352, CHALLENGE).encode(&Header::request(command::NEGOTIATE));
        bytes[HEADER_BYTES..].to_vec()
    }

    #[test]
    fn the_core_protocol_is_chosen_as_captured() {
        assert_eq!(response_to(b"\0\x18\0\x02PC NETWORK PROGRAM 1.0\0"), b"\x01\0\0\0\0");
    }

    #[test]
    fn the_newest_known_dialect_is_preferred() {
        let response = response_to(b"\0\x2f\0\x02PC NETWORK PROGRAM 1.0\0\x02LANMAN1.0\0\x02NT LM 0.12\0");
        assert_eq!(response[..4], [17, 2, 0, 3]);
        assert_eq!(response[8..12], 4352u32.to_le_bytes());
        assert_eq!(response[34], 8, "length of the challenge");
        assert_eq!(&response[35..], b"\x09\0\x11\x22\x33\x44\x55\x66\x77\x88\0");
    }

    #[test]
    fn unknown_dialects_are_refused() {
        assert_eq!(response_to(b"\0\x0a\0\x02SMB 2.???"), b"\x01\xff\xff\0\0");
    }

    #[test]
    fn a_list_without_dialects_is_malformed() {
        assert_eq!(Request::decode(b"\0\0\0"), Err(SmbError::BufferFormat { expected: 2, got: None }));
        assert_eq!(
            Request::decode(b"\0\x02\0xy"),
            Err(SmbError::BufferFormat { expected: 2, got: Some(b'x') })
        );
    }

    #[test]
    fn an_endless_list_is_cut() {
        let list = [&b"\0\xc8\0"[..], &b"\x02\0".repeat(100)].concat();
        assert_eq!(Request::decode(&list).unwrap().dialects.len(), DIALECTS_MAX);
    }
}
