//! The NetBIOS datagram service of UDP port 138: what goes to one name, to a group or to everybody, without an
//! answer (RFC 1001 §17; RFC 1002 §4.4, §5.3).
//!
//! [`Packet`] is what travels; [`Reassembler`] puts together what came in pieces; [`Recent`] tells what came twice.

mod packet;
mod reassembly;
mod recent;

pub use packet::{
    Datagram, Delivery, ErrorCode, Header, Packet, PacketError, Query, QueryKind, SenderNodeType,
};
pub use reassembly::{Reassembler, ReassemblyLimits};
pub use recent::Recent;

/// The UDP port of the datagram service.
pub const PORT: u16 = 138;

/// The longest data of a datagram (RFC 1001 §5.4).
pub const DATA_BYTES_MAX: usize = 512;

/// The longest packet with names without scope. RFC 1002 §6 (MAX_DATAGRAM_LENGTH) would have the longest datagrams
/// in two pieces; Windows sends each in one packet, and so do we.
pub const PACKET_BYTES_MAX: usize = 14 + 2 * crate::name::ENCODED_BYTES + DATA_BYTES_MAX;
