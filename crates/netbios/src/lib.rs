//! The wire of the Windows Messenger Service (`net send`, WinPopup): the NetBIOS session service of TCP port 139
//! and the messenger SMBs that travel over it.
//!
//! Nothing here opens a socket, reads a clock or draws a random number. Bytes, moments and random bytes come in as
//! arguments; bytes to send, typed events and deadlines come out.
//!
//! * [`receiver::Receiver`] serves one inbound connection and hands over the messages that arrive on it.
//! * [`sender::Sender`] delivers one message over one outbound connection.
//! * [`session`] and [`smb`] are the layers below, [`name`] and [`code_page`] the spellings both need.
//!
//! What the protocol cannot prove stays unproven: the names of sender and computer are whatever the peer wrote.

#![forbid(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod code_page;
mod cursor;
pub mod name;
pub mod receiver;
pub mod sender;
pub mod session;
pub mod smb;
