//! What can be wrong with a server message block.

use thiserror::Error;

/// Why bytes are not the server message block that they claim to be (MS-MSRP 3.2.4.5, MS-CIFS 3.3.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SmbError {
    /// Fewer bytes than a header has.
    #[error("expected a header of {expected} bytes, got {0}", expected = super::header::HEADER_BYTES)]
    HeaderTooShort(usize),
    /// The first four bytes are not `FF 'SMB'`.
    #[error("expected the bytes FF 53 4D 42, got {0:02X?}")]
    Protocol([u8; 4]),
    /// The message ends before its parameters or data do.
    #[error("expected {expected} more bytes of parameters or data, got {got}")]
    Truncated {
        /// How many bytes the counts announce.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// Another number of parameter words than the command has.
    #[error("expected {expected} parameter words, got {got}")]
    WordCount {
        /// How many the command has.
        expected: u8,
        /// How many the message has.
        got: u8,
    },
    /// The data holds something else than the command says, or ends early.
    #[error("expected a data item of format {expected:#04x}, got {got:02x?}")]
    BufferFormat {
        /// The format that belongs here.
        expected: u8,
        /// The format that is here, if anything is.
        got: Option<u8>,
    },
    /// A name longer than [`NAME_BYTES_MAX`](super::NAME_BYTES_MAX).
    #[error("expected a name of at most {max} bytes, got {0}", max = super::NAME_BYTES_MAX)]
    NameTooLong(usize),
}
