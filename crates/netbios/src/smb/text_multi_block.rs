//! SMB_COM_SEND_TEXT_MB_MESSAGE: one block of a message's text (MS-MSRP 2.2.3.3).
//!
//! Its response is [`encode_empty_response`](super::encode_empty_response).

use super::SmbError;
use super::header::{Header, command};
use super::payload::{Payload, encode, push_text};

/// A block of text, in an OEM code page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// The group that the start was answered with.
    pub group: u16,
    /// The block.
    pub text: &'a [u8],
}

impl<'a> Request<'a> {
    /// Reads what follows the header. The length of the text may exceed the message, and is then cut.
    pub fn decode(body: &'a [u8]) -> Result<Self, SmbError> {
        let mut payload = Payload::decode(body)?.expect_words(1)?;
        Ok(Self { group: payload.first_word().unwrap_or(0), text: payload.text()? })
    }

    /// The message with its header.
    pub fn encode(&self) -> Vec<u8> {
        let mut data = Vec::new();
        push_text(&mut data, self.text);
        encode(&Header::request(command::TEXT_MULTI_BLOCK), &[self.group], &data)
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::HEADER_BYTES;
    use super::*;

    #[test]
    fn a_request_is_encoded_as_captured() {
        let request = Request { group: 0, text: b"line1\r\nline2\r\nline3\r\n" };
        let bytes = request.encode();
        assert_eq!(&bytes[HEADER_BYTES..], b"\x01\0\0\x18\0\x01\x15\0line1\r\nline2\r\nline3\r\n");
        assert_eq!(Request::decode(&bytes[HEADER_BYTES..]), Ok(request));
    }

    #[test]
    fn a_request_without_group_is_refused() {
        assert_eq!(Request::decode(b"\0\x04\0\x01\x01\0x"), Err(SmbError::WordCount { expected: 1, got: 0 }));
    }
}
