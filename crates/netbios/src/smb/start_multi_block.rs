//! SMB_COM_SEND_START_MB_MESSAGE: who writes to whom, before the blocks of text (MS-MSRP 2.2.3.2).

use super::header::{Header, command};
use super::payload::{Payload, encode, push_name};
use super::{SmbError, Status};

/// Sender and recipient, in an OEM code page and without terminators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who sends.
    pub from: &'a [u8],
    /// Who shall read.
    pub to: &'a [u8],
}

/// The number that the blocks of this message will carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response {
    /// The group. `smbd` answers without one, which is read as group 0.
    pub group: u16,
}

impl<'a> Request<'a> {
    /// Reads what follows the header.
    pub fn decode(body: &'a [u8]) -> Result<Self, SmbError> {
        let mut payload = Payload::decode(body)?.expect_words(0)?;
        Ok(Self { from: payload.name()?, to: payload.name()? })
    }

    /// The message with its header.
    pub fn encode(&self) -> Vec<u8> {
        let mut data = Vec::new();
        push_name(&mut data, self.from);
        push_name(&mut data, self.to);
        encode(&Header::request(command::START_MULTI_BLOCK), &[], &data)
    }
}

impl Response {
    /// Reads what follows the header of a successful response.
    pub fn decode(body: &[u8]) -> Result<Self, SmbError> {
        let payload = Payload::decode(body)?;
        match payload.word_count() {
            0 | 1 => Ok(Self { group: payload.first_word().unwrap_or(0) }),
            got => Err(SmbError::WordCount { expected: 1, got }),
        }
    }

    /// The response to a request with this header.
    pub fn encode(&self, request: &Header) -> Vec<u8> {
        encode(&request.response(Status::SUCCESS), &[self.group], &[])
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::HEADER_BYTES;
    use super::*;

    #[test]
    fn a_request_is_encoded_as_captured() {
        let request = Request { from: b"j\x81rgen", to: b"SRV2" };
        let bytes = request.encode();
        assert_eq!(&bytes[HEADER_BYTES..], b"\0\x0e\0\x04j\x81rgen\0\x04SRV2\0");
        assert_eq!(Request::decode(&bytes[HEADER_BYTES..]), Ok(request));
    }

    #[test]
    fn the_last_name_may_lack_its_terminator() {
        assert_eq!(Request::decode(b"\0\x06\0\x04A\0\x04BC"), Ok(Request { from: b"A", to: b"BC" }));
    }

    #[test]
    fn a_response_with_and_one_without_a_group_are_understood() {
        let bytes = Response { group: 0x1234 }.encode(&Header::request(command::START_MULTI_BLOCK));
        assert_eq!(&bytes[HEADER_BYTES..], b"\x01\x34\x12\0\0");
        assert_eq!(Response::decode(&bytes[HEADER_BYTES..]), Ok(Response { group: 0x1234 }));
        assert_eq!(Response::decode(b"\0\0\0"), Ok(Response { group: 0 }));
        assert_eq!(Response::decode(b"\x02\0\0\0\0\0\0"), Err(SmbError::WordCount { expected: 1, got: 2 }));
    }
}
