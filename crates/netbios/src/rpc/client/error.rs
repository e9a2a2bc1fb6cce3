//! Why a message was not delivered by a call, and what to try next.

use thiserror::Error;

use crate::name::NameError;
use crate::rpc::endpoint::NOT_REGISTERED;
use crate::rpc::ndr::NdrError;
use crate::rpc::pdu::status;

/// What the client was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Asking the mapper for the port.
    Map,
    /// Sending the message.
    Send,
}

/// Why a message was not delivered.
///
/// Where [`CallError::may_have_arrived`] says so, trying again may show it twice.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
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
    /// The mapper knows no port: messages are not taken there by calls.
    #[error("the mapper has no endpoint for messages: status {status:#010x}")]
    NotMapped {
        /// Zero, or the mapper's reason.
        status: u32,
    },
    /// The peer did not execute the call.
    #[error("the call was rejected at {step:?}: status {status:#010x}")]
    Rejected {
        /// Which call.
        step: Step,
        /// The peer's reason, one of [`status`].
        status: u32,
    },
    /// The peer executed the call, which failed.
    #[error("the call failed at {step:?}: status {status:#010x}")]
    Failed {
        /// Which call.
        step: Step,
        /// The peer's reason.
        status: u32,
    },
    /// The call was executed, and the message not taken.
    #[error("the message was refused: error {result}")]
    Refused {
        /// One of [`result`](crate::rpc::send_message::result).
        result: u32,
    },
    /// The peer was at work on the call, and knows nothing of it any more.
    #[error("the peer has forgotten the call at {step:?}")]
    Forgotten {
        /// Which call.
        step: Step,
    },
    /// The peer did not answer in time.
    #[error("expected an answer to {step:?} in time, got none")]
    TimedOut {
        /// Which call.
        step: Step,
    },
    /// The peer said that it was at work on the call, and did not answer in time.
    #[error("the peer was still at work on {step:?}")]
    StillWorking {
        /// Which call.
        step: Step,
    },
    /// The results of the call cannot be read.
    #[error("the results of {step:?} cannot be read: {error}")]
    Results {
        /// Which call.
        step: Step,
        /// Why.
        error: NdrError,
    },
}

impl CallError {
    /// Whether the message may have been taken all the same.
    pub fn may_have_arrived(&self) -> bool {
        matches!(
            self,
            Self::Forgotten { step: Step::Send }
                | Self::TimedOut { step: Step::Send }
                | Self::StillWorking { step: Step::Send }
                | Self::Results { step: Step::Send, .. }
                | Self::Failed { step: Step::Send, .. }
                // Before it was started anew the peer may have taken it.
                | Self::Rejected { step: Step::Send, status: status::WRONG_BOOT_TIME }
        )
    }

    /// Whether there is no such service there, so that another way is to be tried.
    pub fn is_absent(&self) -> bool {
        matches!(
            self,
            Self::NotMapped { status: NOT_REGISTERED }
                | Self::TimedOut { step: Step::Map }
                | Self::Rejected { status: status::UNKNOWN_INTERFACE, .. }
        )
    }
}
