//! Messages by remote procedure call: `NetrSendMessage` over connectionless DCE/RPC on UDP (MS-MSRP 3.2.4, C706).
//!
//! * [`server::Server`] serves one UDP socket and hands over the messages that arrive on it.
//! * [`client::Client`] delivers one message, and says how it went.
//! * [`conversation`] is how a caller proves where it is.
//! * [`endpoint`] is the mapper by which callers learn that socket's port.
//! * [`msgsvc`] is how others manage the names under which messages are taken; nothing carries it yet.
//! * [`send_message`] is the call, [`pdu`] the packets, [`ndr`] the spelling of arguments.

pub mod client;
pub mod conversation;
pub mod endpoint;
pub mod msgsvc;
pub mod ndr;
pub mod pdu;
pub mod send_message;
pub mod server;
mod uuid;

pub use uuid::Uuid;
