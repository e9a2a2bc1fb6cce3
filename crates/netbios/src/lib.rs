//! The wire of the Windows Messenger Service (`net send`, WinPopup): the NetBIOS name, datagram and session services
//! of ports 137, 138 and 139, and the messenger SMBs that travel over them.
//!
//! Nothing here opens a socket, reads a clock or draws a random number. Bytes, moments and random bytes come in as
//! arguments; bytes to send, typed events and deadlines come out.
//!
//! * [`receiver::Receiver`] serves one inbound connection and hands over the messages that arrive on it.
//! * [`sender::Sender`] delivers one message over one outbound connection.
//! * [`name_service::Node`] claims, defends and finds names.
//! * [`datagram`] and [`mailslot`] are how messages reach whole groups.
//! * [`rpc`] is the other way to a Windows machine: `NetrSendMessage` over UDP.
//! * [`session`] and [`smb`] are the layers below, [`name`] and [`code_page`] the spellings both need.
//!
//! What the protocol cannot prove stays unproven: the names of sender and computer are whatever the peer wrote.

#![forbid(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod code_page;
mod cursor;
pub mod datagram;
pub mod mailslot;
pub mod name;
pub mod name_service;
pub mod receiver;
pub mod rpc;
pub mod sender;
pub mod session;
pub mod smb;
