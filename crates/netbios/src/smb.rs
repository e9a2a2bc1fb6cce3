//! The server message blocks of the messenger (MS-MSRP 2.2.3), and as much of negotiation as its senders need.
//!
//! A message is one [`send_message`], or [`start_multi_block`], any number of [`text_multi_block`] and
//! [`end_multi_block`]. Each request is answered before the next one is sent.

pub mod end_multi_block;
mod error;
pub mod header;
pub mod negotiate;
mod payload;
pub mod send_message;
pub mod start_multi_block;
pub mod status;
pub mod text_multi_block;

pub use error::SmbError;
pub use header::Header;
pub use status::Status;

/// A text block has at most this many bytes when it is sent (MS-MSRP 2.2.3.1.1, 2.2.3.3.1). Longer ones are read.
pub const BLOCK_BYTES_MAX: usize = 128;

/// The longest name that is read. The specification allows 15 bytes (MS-MSRP 2.2.3.1.1); `smbclient` writes the
/// user's name whatever its length.
pub const NAME_BYTES_MAX: usize = 64;

/// A response without parameters or data: to a single block, to a text block, to the end of a message, and every
/// error (MS-MSRP 2.2.3.1.2, 2.2.3.3.2, 2.2.3.4.2).
pub fn encode_empty_response(request: &Header, status: Status) -> Vec<u8> {
    payload::encode(&request.response(status), &[], &[])
}
