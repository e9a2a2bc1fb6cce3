//! The NetBIOS session service (RFC 1001 §16, RFC 1002 §4.3), and its shortened form on port 445.

mod decoder;

use std::fmt;
use std::net::Ipv4Addr;

use thiserror::Error;

use crate::name::{Name, NameDecodeError};

pub use decoder::Decoder;

/// The header before every packet: type, flags or the upper length bits, length.
pub const HEADER_BYTES: usize = 4;

/// How messages are framed on the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// TCP port 139: a session request between names comes first, lengths have 17 bits (RFC 1002 §4.3.1).
    NetbiosSession,
    /// TCP port 445: messages only, lengths have 24 bits (MS-SMB 2.1).
    Direct,
}

/// A packet of the session service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// SESSION MESSAGE: a payload (RFC 1002 §4.3.6).
    Message(Vec<u8>),
    /// SESSION REQUEST: who is called by whom (RFC 1002 §4.3.2).
    Request {
        /// Whom the caller wants to reach.
        called: Name,
        /// Who the caller says it is.
        calling: Name,
    },
    /// POSITIVE SESSION RESPONSE (RFC 1002 §4.3.3).
    Positive,
    /// NEGATIVE SESSION RESPONSE (RFC 1002 §4.3.4).
    Negative(NegativeReason),
    /// SESSION RETARGET RESPONSE: the called name listens elsewhere (RFC 1002 §4.3.5).
    Retarget {
        /// Where it listens.
        address: Ipv4Addr,
        /// The TCP port there.
        port: u16,
    },
    /// SESSION KEEP ALIVE, to be ignored (RFC 1002 §4.3.7).
    KeepAlive,
}

/// Why a session was refused (RFC 1002 §4.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NegativeReason {
    /// 0x80: nobody listens on the called name.
    NotListeningOnCalled,
    /// 0x81: nobody listens for this calling name.
    NotListeningForCalling,
    /// 0x82: the called name is not here.
    CalledNotPresent,
    /// 0x83: the called name is here, but has no room for another session.
    InsufficientResources,
    /// 0x8F: anything else.
    Unspecified,
    /// A code that the standard does not define.
    Other(u8),
}

/// Why bytes are no packet. The connection cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// An undefined packet type, or on port 445 one that does not exist there.
    #[error("expected a session packet, got type {0:#04x}")]
    Type(u8),
    /// Reserved flag bits were set.
    #[error("expected no flag but the length extension, got {0:#04x}")]
    Flags(u8),
    /// The length does not fit the type of the packet, or is beyond the receiver's limit.
    #[error("expected a packet of type {kind:#04x} with {min} to {max} bytes, got {got}")]
    Length {
        /// The packet's type.
        kind: u8,
        /// The smallest length that was acceptable.
        min: usize,
        /// The largest length that was acceptable.
        max: usize,
        /// The length in the header.
        got: usize,
    },
    /// A name in a session request.
    #[error("expected a session request with two names: {0}")]
    Name(#[from] NameDecodeError),
    /// Bytes after the two names of a session request.
    #[error("expected a session request to end after its names, got {0} bytes more")]
    Trailing(usize),
}

/// The numbers that stand for the packets (RFC 1002 §4.3.1).
pub(crate) mod kind {
    pub(crate) const MESSAGE: u8 = 0x00;
    pub(crate) const REQUEST: u8 = 0x81;
    pub(crate) const POSITIVE: u8 = 0x82;
    pub(crate) const NEGATIVE: u8 = 0x83;
    pub(crate) const RETARGET: u8 = 0x84;
    pub(crate) const KEEP_ALIVE: u8 = 0x85;
}

impl Packet {
    /// The packet with its header.
    ///
    /// A message longer than the framing's length field can tell (131,071 bytes, or 16,777,215 on port 445) is cut
    /// there; nothing of the messenger comes near.
    pub fn encode(&self, framing: Framing) -> Vec<u8> {
        match self {
            Self::Message(payload) => encode_message(payload, framing),
            Self::Request { called, calling } => {
                with_header(kind::REQUEST, &[called.encode(), calling.encode()].concat())
            }
            Self::Positive => with_header(kind::POSITIVE, &[]),
            Self::Negative(reason) => with_header(kind::NEGATIVE, &[reason.code()]),
            Self::Retarget { address, port } => {
                let [high, low] = port.to_be_bytes();
                let [a, b, c, d] = address.octets();
                with_header(kind::RETARGET, &[a, b, c, d, high, low])
            }
            Self::KeepAlive => with_header(kind::KEEP_ALIVE, &[]),
        }
    }
}

/// A SESSION MESSAGE around a payload; see [`Packet::encode`].
pub(crate) fn encode_message(payload: &[u8], framing: Framing) -> Vec<u8> {
    let payload = &payload[..payload.len().min(framing.length_max())];
    with_header(kind::MESSAGE, payload)
}

/// The length goes into the three bytes after the type: its upper bits are the extension flag on port 139 and the
/// upper length byte on port 445, which is the same number.
fn with_header(kind: u8, payload: &[u8]) -> Vec<u8> {
    let [_, upper, middle, lower] = (payload.len() as u32).to_be_bytes();
    let mut packet = Vec::with_capacity(HEADER_BYTES + payload.len());
    packet.extend([kind, upper, middle, lower]);
    packet.extend(payload);
    packet
}

impl Framing {
    pub(crate) fn length_max(self) -> usize {
        match self {
            Self::NetbiosSession => 0x1_ffff,
            Self::Direct => 0xff_ffff,
        }
    }
}

impl NegativeReason {
    /// The code on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::NotListeningOnCalled => 0x80,
            Self::NotListeningForCalling => 0x81,
            Self::CalledNotPresent => 0x82,
            Self::InsufficientResources => 0x83,
            Self::Unspecified => 0x8f,
            Self::Other(code) => code,
        }
    }

    /// The reason that a code stands for.
    pub fn from_code(code: u8) -> Self {
        match code {
            0x80 => Self::NotListeningOnCalled,
            0x81 => Self::NotListeningForCalling,
            0x82 => Self::CalledNotPresent,
            0x83 => Self::InsufficientResources,
            0x8f => Self::Unspecified,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for NegativeReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NotListeningOnCalled => "nobody listens on the called name",
            Self::NotListeningForCalling => "nobody listens for the calling name",
            Self::CalledNotPresent => "the called name is not present",
            Self::InsufficientResources => "the called name has no room for a session",
            Self::Unspecified => "unspecified reason",
            Self::Other(_) => "undefined reason",
        };
        write!(formatter, "{text} ({:#04x})", self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code_page::CodePage;
    use crate::name::Suffix;

    #[test]
    fn packets_are_encoded_as_captured() {
        let called = Name::new("SRV2", Suffix::MESSENGER, CodePage::DEFAULT).unwrap();
        let calling = Name::new("SRV1", Suffix::WORKSTATION, CodePage::DEFAULT).unwrap();
        let request = Packet::Request { called, calling }.encode(Framing::NetbiosSession);
        assert!(request.starts_with(b"\x81\0\0\x44\x20FDFCFGDCCACA"));
        assert_eq!(request.len(), HEADER_BYTES + 0x44);
        assert_eq!(Packet::Positive.encode(Framing::NetbiosSession), [0x82, 0, 0, 0]);
        assert_eq!(Packet::KeepAlive.encode(Framing::NetbiosSession), [0x85, 0, 0, 0]);
        let refusal = Packet::Negative(NegativeReason::CalledNotPresent);
        assert_eq!(refusal.encode(Framing::NetbiosSession), [0x83, 0, 0, 1, 0x82]);
        let retarget = Packet::Retarget { address: Ipv4Addr::new(10, 77, 0, 3), port: 139 };
        assert_eq!(retarget.encode(Framing::NetbiosSession), [0x84, 0, 0, 6, 10, 77, 0, 3, 0, 139]);
    }

    #[test]
    fn a_message_longer_than_the_length_field_is_cut() {
        let packet = Packet::Message(vec![0; 0x2_0000]).encode(Framing::NetbiosSession);
        assert_eq!(packet[..4], [0, 1, 0xff, 0xff]);
        assert_eq!(packet.len(), HEADER_BYTES + 0x1_ffff);
    }

    #[test]
    fn every_reason_keeps_its_code() {
        for code in 0..=u8::MAX {
            assert_eq!(NegativeReason::from_code(code).code(), code);
        }
    }
}
