//! SMB_COM_SEND_END_MB_MESSAGE: the message is complete (MS-MSRP 2.2.3.4).
//!
//! Its response is [`encode_empty_response`](super::encode_empty_response).

use super::SmbError;
use super::header::{Header, command};
use super::payload::{Payload, encode};

/// The end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The group that the start was answered with.
    pub group: u16,
}

impl Request {
    /// Reads what follows the header.
    pub fn decode(body: &[u8]) -> Result<Self, SmbError> {
        let payload = Payload::decode(body)?.expect_words(1)?;
        Ok(Self { group: payload.first_word().unwrap_or(0) })
    }

    /// The message with its header.
    pub fn encode(&self) -> Vec<u8> {
        encode(&Header::request(command::END_MULTI_BLOCK), &[self.group], &[])
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::HEADER_BYTES;
    use super::*;

    #[test]
    fn a_request_is_encoded_as_captured() {
        let bytes = Request { group: 7 }.encode();
        assert_eq!(&bytes[HEADER_BYTES..], b"\x01\x07\0\0\0");
        assert_eq!(Request::decode(&bytes[HEADER_BYTES..]), Ok(Request { group: 7 }));
    }

    #[test]
    fn a_request_without_group_is_refused() {
        assert_eq!(Request::decode(b"\0\0\0"), Err(SmbError::WordCount { expected: 1, got: 0 }));
    }
}
