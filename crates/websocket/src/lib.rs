#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod error;
mod handshake;
mod reader;
mod write;

pub use error::WebSocketError;
pub use handshake::{HandshakeError, VERSION, accept};
pub use reader::{Reader, Received};
pub use write::{write_close, write_ping, write_pong, write_text};

/// What a frame holds (RFC 6455 §5.2).
mod opcode {
    pub(crate) const CONTINUATION: u8 = 0x0;
    pub(crate) const TEXT: u8 = 0x1;
    pub(crate) const BINARY: u8 = 0x2;
    pub(crate) const CLOSE: u8 = 0x8;
    pub(crate) const PING: u8 = 0x9;
    pub(crate) const PONG: u8 = 0xA;
}

/// The bit of a first byte that says that the message ends with this frame.
const FINAL: u8 = 0x80;

/// The most bytes of a control frame (RFC 6455 §5.5).
const CONTROL_BYTES_MAX: usize = 125;
