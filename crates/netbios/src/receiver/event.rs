//! What a connection tells its owner, and what the owner answers.

use thiserror::Error;

use crate::name::Name;
use crate::session::{NegativeReason, SessionError};
use crate::smb::{SmbError, Status};

/// Something that happened on the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Somebody is called. Answered by [`allow_session`](super::Receiver::allow_session) or
    /// [`refuse_session`](super::Receiver::refuse_session). Not every connection begins so: a message tells itself
    /// whom it is for.
    Called {
        /// Whom the caller wants to reach.
        called: Name,
        /// Who the caller says it is.
        calling: Name,
    },
    /// A message in several blocks has begun. Answered by [`allow_recipient`](super::Receiver::allow_recipient) or
    /// [`refuse_recipient`](super::Receiver::refuse_recipient).
    Addressed {
        /// Who the sender says it is.
        from: String,
        /// Whom the message is for.
        to: String,
    },
    /// A message is complete. Answered by [`answer`](super::Receiver::answer).
    Message(Message),
    /// The connection shall be closed; nothing follows.
    Closed(CloseReason),
}

/// A message as its sender wrote it. Nothing in it is proven, and its characters are not filtered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who the sender says it is, without spaces at the end.
    pub from: String,
    /// Whom the message is for, without spaces at the end.
    pub to: String,
    /// The text, its lines ending in `\n`.
    pub text: String,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It is kept; its sender may forget it.
    Accepted,
    /// Nobody receives messages under the name.
    NoSuchName,
    /// It cannot be kept now.
    NoRoom,
}

/// Why a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The owner refused the session.
    #[error("the session was refused: {0}")]
    SessionRefused(NegativeReason),
    /// The caller did not say in time whom it calls.
    #[error("expected a session request in time, got none")]
    SessionRequestTimeout,
    /// Nothing came for too long.
    #[error("expected a message packet in time, got none")]
    IdleTimeout,
    /// A message was not complete in time.
    #[error("expected the whole message in time, got only a part")]
    MessageTimeout,
    /// A packet that has no place in this state, such as a message before the session is established.
    #[error("got a session packet that has no place here")]
    UnexpectedPacket,
    /// What came is no packet.
    #[error("{0}")]
    Session(#[from] SessionError),
    /// What came in a packet is no server message block.
    #[error("{0}")]
    Smb(#[from] SmbError),
    /// Too many packets had to be answered with an error, or begun messages were given up, without a whole message.
    #[error("got too many requests that had to be refused")]
    TooManyRejected,
    /// More input than one packet came while a decision was pending.
    #[error("expected the peer to wait for a response, got more than a packet of input")]
    InputOverrun,
}

impl Answer {
    pub(super) fn status(self) -> Status {
        match self {
            Self::Accepted => Status::SUCCESS,
            Self::NoSuchName => Status::NOT_RECEIVING,
            Self::NoRoom => Status::NO_ROOM,
        }
    }
}
