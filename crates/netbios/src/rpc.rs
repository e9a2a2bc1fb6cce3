//! Messages by remote procedure call: `NetrSendMessage` over connectionless DCE/RPC on UDP (MS-MSRP 3.3, C706).
//!
//! * [`send_message`] is the call, [`pdu`] the packets, [`ndr`] the spelling of arguments.

pub mod ndr;
pub mod pdu;
pub mod send_message;
mod uuid;

pub use uuid::Uuid;
