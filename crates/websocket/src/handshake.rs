use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};
use thiserror::Error;

/// The version of the protocol (RFC 6455 §4.1).
pub const VERSION: &str = "13";

/// What is mixed with the client's key (RFC 6455 §1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Why a handshake cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The key is not the Base64 of 16 bytes.
    #[error("Sec-WebSocket-Key is not the Base64 of 16 bytes")]
    Key,
}

/// What `Sec-WebSocket-Accept` says to a client's `Sec-WebSocket-Key` (RFC 6455 §4.2.2).
pub fn accept(key: &str) -> Result<String, HandshakeError> {
    let bytes = STANDARD.decode(key).map_err(|_| HandshakeError::Key)?;
    if bytes.len() != 16 {
        return Err(HandshakeError::Key);
    }
    let mut digest = Sha1::new();
    digest.update(key);
    digest.update(GUID);
    Ok(STANDARD.encode(digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_answered_as_it_says() {
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ==").unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for key in ["", "dGhlIHNhbXBsZSBub25jZQ", "c2hvcnQ=", "dGhlIHNhbXBsZSBub25jZSBpcyB0b28gbG9uZw=="] {
            assert_eq!(accept(key), Err(HandshakeError::Key), "{key}");
        }
    }
}
