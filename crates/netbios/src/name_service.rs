//! The NetBIOS name service of UDP port 137: who has a name, and where (RFC 1001 §15; RFC 1002 §4.2, §5.1).
//!
//! [`Packet`] is what travels; [`Node`] is an end node that claims, defends, refreshes, releases and resolves names.

mod flags;
mod messages;
pub mod node;
mod packet;
mod record;

pub use flags::{Flags, NameFlags, NodeType, Opcode, ResponseCode};
pub use messages::Registration;
pub use node::Node;
pub use packet::{HEADER_BYTES, Packet, PacketError, Question, RecordType};
pub use record::{NameEntry, NodeStatus, Record, RecordData, STATISTICS_BYTES, StatusName};

/// The UDP port of the name service.
pub const PORT: u16 = 137;

/// The longest packet that everybody takes (RFC 1002 §6, MAX_DATAGRAM_LENGTH).
pub const PACKET_BYTES_MAX: usize = 576;
