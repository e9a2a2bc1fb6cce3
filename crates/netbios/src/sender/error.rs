//! Why a message was not delivered, and what to try next.

use std::net::Ipv4Addr;

use thiserror::Error;

use crate::name::NameError;
use crate::session::{NegativeReason, SessionError};
use crate::smb::{SmbError, Status};

/// What the sender was waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The response to the session request.
    Session,
    /// The response to a message of one block.
    SingleBlock,
    /// The response to the start of a message of several blocks.
    Start,
    /// The response to a block of text.
    Text,
    /// The response to the end of the message.
    End,
}

/// Why a message was not delivered.
///
/// When the connection fails at [`Step::SingleBlock`] or [`Step::End`], the message may have been delivered all the
/// same; trying again may show it twice.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// One of the names is no NetBIOS name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The text has more bytes than allowed.
    #[error("expected a text of at most {max} bytes, got {got}")]
    TextTooLong {
        /// How many are allowed.
        max: usize,
        /// How many there are.
        got: usize,
    },
    /// The peer refused the session: mostly because it does not have the called name.
    #[error("the session was refused: {reason}")]
    SessionRefused {
        /// The peer's reason.
        reason: NegativeReason,
        /// Whether `*SMBSERVER` was called already.
        called_any_server: bool,
    },
    /// The called name listens elsewhere. Whether to go there is the owner's decision.
    #[error("the called name listens at {address}:{port}")]
    Retargeted {
        /// Where it listens.
        address: Ipv4Addr,
        /// The TCP port there.
        port: u16,
    },
    /// The peer refused the message.
    #[error("the message was refused at {step:?}: {status}")]
    Refused {
        /// What was refused.
        step: Step,
        /// The peer's reason.
        status: Status,
    },
    /// The peer closed the connection.
    #[error("expected a response to {step:?}, got the end of the connection")]
    Disconnected {
        /// What was awaited.
        step: Step,
    },
    /// The peer did not respond in time.
    #[error("expected a response to {step:?} in time, got none")]
    TimedOut {
        /// What was awaited.
        step: Step,
    },
    /// A packet that does not answer what was sent.
    #[error("expected a response to {step:?}, got another packet")]
    UnexpectedPacket {
        /// What was awaited.
        step: Step,
    },
    /// What came is no packet.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// What came in a packet is no server message block.
    #[error(transparent)]
    Smb(#[from] SmbError),
}

impl SendError {
    /// Whether the peer does not take messages of one block, so that
    /// [`Strategy::MultiBlock`](super::Strategy::MultiBlock) over a new connection may succeed: `smbd` hangs up on
    /// a single block, others may call it unknown.
    pub fn try_multi_block(&self) -> bool {
        matches!(
            self,
            Self::Disconnected { step: Step::SingleBlock }
                | Self::Refused { step: Step::SingleBlock, status: Status::UNKNOWN_COMMAND }
        )
    }

    /// Whether the peer knows the called name differently, so that calling `*SMBSERVER` may succeed.
    pub fn try_smbserver_name(&self) -> bool {
        use NegativeReason::{CalledNotPresent, NotListeningOnCalled};
        matches!(
            self,
            Self::SessionRefused {
                reason: CalledNotPresent | NotListeningOnCalled,
                called_any_server: false
            }
        )
    }
}
