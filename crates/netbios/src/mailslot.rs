//! Mailslots: messages to whole groups, in the data of a datagram ([MS-MAIL] 2.2.1, 3.1.4.1).
//!
//! [`Write`] is the transaction that puts bytes into any mailslot; [`Message`] is what the messenger puts into its own.

mod message;
mod write;

pub use message::{Message, MessageError, MessageLimits, Outgoing};
pub use write::{Write, WriteError};

/// The mailslot of the messenger.
pub const MESSENGER: &str = r"\MAILSLOT\MESSNGR";
