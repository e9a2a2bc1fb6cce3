//! Messages by remote procedure call: `NetrSendMessage` over connectionless DCE/RPC on UDP (MS-MSRP 3.3, C706).
//!
//! * [`server::Server`] serves one UDP socket and hands over the messages that arrive on it.
//! * [`endpoint`] is the mapper by which callers learn that socket's port.
//! * [`send_message`] is the call, [`pdu`] the packets, [`ndr`] the spelling of arguments.

pub mod endpoint;
pub mod ndr;
pub mod pdu;
pub mod send_message;
pub mod server;
mod uuid;

pub use uuid::Uuid;
