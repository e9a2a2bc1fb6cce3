//! SMB_COM_SEND_MESSAGE: a message of one block (MS-MSRP 2.2.3.1).
//!
//! Its response is [`encode_empty_response`](super::encode_empty_response).

use super::SmbError;
use super::header::{Header, command};
use super::payload::{Payload, encode, push_name, push_text};

/// Sender, recipient and text, all in an OEM code page and without terminators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who sends.
    pub from: &'a [u8],
    /// Who shall read.
    pub to: &'a [u8],
    /// What.
    pub text: &'a [u8],
}

impl<'a> Request<'a> {
    /// Reads what follows the header. The length of the text may exceed the message, and is then cut.
    pub fn decode(body: &'a [u8]) -> Result<Self, SmbError> {
        let mut payload = Payload::decode(body)?.expect_words(0)?;
        Ok(Self { from: payload.name()?, to: payload.name()?, text: payload.text()? })
    }

    /// The message with its header.
    pub fn encode(&self) -> Vec<u8> {
        let mut data = Vec::new();
        push_name(&mut data, self.from);
        push_name(&mut data, self.to);
        push_text(&mut data, self.text);
        encode(&Header::request(command::SEND_MESSAGE), &[], &data)
    }
}

#[cfg(test)]
mod tests {
    use super::super::NAME_BYTES_MAX;
    use super::super::header::HEADER_BYTES;
    use super::*;

    const REQUEST: Request<'_> = Request { from: b"BOB", to: b"SRV2", text: b"hello" };

    #[test]
    fn a_request_is_encoded_as_specified() {
        assert_eq!(&REQUEST.encode()[HEADER_BYTES..], b"\0\x13\0\x04BOB\0\x04SRV2\0\x01\x05\0hello");
    }

    #[test]
    fn a_length_beyond_the_message_is_cut() {
        let body = b"\0\x13\0\x04BOB\0\x04SRV2\0\x01\x60\xeahello";
        assert_eq!(Request::decode(body), Ok(REQUEST));
    }

    #[test]
    fn bytes_after_the_data_are_ignored() {
        let body = b"\0\x13\0\x04BOB\0\x04SRV2\0\x01\x05\0helloMORE";
        assert_eq!(Request::decode(body), Ok(REQUEST));
    }

    #[test]
    fn a_request_that_lacks_something_is_refused() {
        let whole = &REQUEST.encode()[HEADER_BYTES..];
        for length in 0..whole.len() {
            assert!(matches!(Request::decode(&whole[..length]), Err(SmbError::Truncated { .. })));
        }
        assert_eq!(Request::decode(b"\x01\0\0\0\0"), Err(SmbError::WordCount { expected: 0, got: 1 }));
        assert_eq!(Request::decode(b"\0\0\0"), Err(SmbError::BufferFormat { expected: 4, got: None }));
        assert_eq!(
            Request::decode(b"\0\x05\0\x04BOB\0"),
            Err(SmbError::BufferFormat { expected: 4, got: None })
        );
        let swapped = b"\0\x0a\0\x04B\0\x04S\0\x04\0\0x";
        assert_eq!(Request::decode(swapped), Err(SmbError::BufferFormat { expected: 1, got: Some(4) }));
    }

    #[test]
    fn a_name_beyond_reason_is_refused() {
        let long = [b'N'; NAME_BYTES_MAX + 1];
        let request = Request { from: &long, ..REQUEST }.encode();
        assert_eq!(Request::decode(&request[HEADER_BYTES..]), Err(SmbError::NameTooLong(NAME_BYTES_MAX + 1)));
        let request = Request { from: &long[1..], ..REQUEST };
        assert_eq!(Request::decode(&request.encode()[HEADER_BYTES..]), Ok(request));
    }
}
