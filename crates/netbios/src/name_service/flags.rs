//! The bits of a packet's header and of a name.

use std::fmt;

/// What a packet is about (RFC 1002 §4.2.1.1). Only the lower four bits travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Opcode(pub u8);

/// What became of a request (RFC 1002 §4.2.6, §4.2.11, §4.2.14). Only the lower four bits travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResponseCode(pub u8);

/// The second field of a packet's header. The two reserved bits are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flags {
    /// Whether it answers a request.
    pub response: bool,
    /// What it is about.
    pub opcode: Opcode,
    /// Whether who answers speaks for the name.
    pub authoritative: bool,
    /// Whether there was more to say than fits.
    pub truncated: bool,
    /// Whether a name server shall go to the end: a request without it overwrites what is there.
    pub recursion_desired: bool,
    /// Whether a name server does.
    pub recursion_available: bool,
    /// Whether it goes to everybody.
    pub broadcast: bool,
    /// What became of the request.
    pub code: ResponseCode,
}

/// How a node finds names (RFC 1001 §10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeType {
    /// B: by broadcast.
    Broadcast,
    /// P: by asking name servers (WINS).
    PointToPoint,
    /// M: by broadcast, then by asking name servers.
    Mixed,
    /// H: by asking name servers, then by broadcast. Windows added it to those of the RFC.
    Hybrid,
}

/// What comes with the address of a name (RFC 1002 §4.2.2, NB_FLAGS). Reserved bits are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameFlags {
    /// Whether many may have the name.
    pub group: bool,
    /// The kind of node that has it.
    pub node_type: NodeType,
}

impl Opcode {
    /// Who has a name, or which names a node has.
    pub const QUERY: Self = Self(0);
    /// A name is claimed.
    pub const REGISTRATION: Self = Self(5);
    /// A name is given up.
    pub const RELEASE: Self = Self(6);
    /// An answer will take a while.
    pub const WAIT: Self = Self(7);
    /// A name is still in use.
    pub const REFRESH: Self = Self(8);
    /// The same, as the packet layout of the RFC has it and its table of codes has not.
    pub const REFRESH_ALTERNATIVE: Self = Self(9);
    /// A name is claimed by a computer with several addresses. Windows added it.
    pub const MULTI_HOMED_REGISTRATION: Self = Self(15);
}

impl ResponseCode {
    /// It was done.
    pub const SUCCESS: Self = Self(0);
    /// The request was malformed.
    pub const FORMAT: Self = Self(1);
    /// The server has a problem.
    pub const SERVER_FAILURE: Self = Self(2);
    /// Nobody has the name.
    pub const NO_SUCH_NAME: Self = Self(3);
    /// The server does not know this kind of request.
    pub const NOT_IMPLEMENTED: Self = Self(4);
    /// The server will not do it for this node.
    pub const REFUSED: Self = Self(5);
    /// Another node has the name.
    pub const ACTIVE: Self = Self(6);
    /// Several nodes have a name that only one may have.
    pub const CONFLICT: Self = Self(7);
}

impl Flags {
    pub(super) fn from_bits(bits: u16) -> Self {
        let is_set = |bit: u16| bits & bit != 0;
        Self {
            response: is_set(0x8000),
            opcode: Opcode((bits >> 11) as u8 & 0x0f),
            authoritative: is_set(0x0400),
            truncated: is_set(0x0200),
            recursion_desired: is_set(0x0100),
            recursion_available: is_set(0x0080),
            broadcast: is_set(0x0010),
            code: ResponseCode(bits as u8 & 0x0f),
        }
    }

    pub(super) fn bits(self) -> u16 {
        let bit = |set: bool, bit: u16| if set { bit } else { 0 };
        bit(self.response, 0x8000)
            | u16::from(self.opcode.0 & 0x0f) << 11
            | bit(self.authoritative, 0x0400)
            | bit(self.truncated, 0x0200)
            | bit(self.recursion_desired, 0x0100)
            | bit(self.recursion_available, 0x0080)
            | bit(self.broadcast, 0x0010)
            | u16::from(self.code.0 & 0x0f)
    }
}

impl NodeType {
    /// Whether nodes of this type broadcast at all.
    pub fn broadcasts(self) -> bool {
        self != Self::PointToPoint
    }

    /// Whether nodes of this type ask name servers.
    pub fn asks_servers(self) -> bool {
        self != Self::Broadcast
    }
}

impl NameFlags {
    pub(super) fn from_bits(bits: u16) -> Self {
        let node_type = match bits >> 13 & 3 {
            0 => NodeType::Broadcast,
            1 => NodeType::PointToPoint,
            2 => NodeType::Mixed,
            _ => NodeType::Hybrid,
        };
        Self { group: bits & 0x8000 != 0, node_type }
    }

    pub(super) fn bits(self) -> u16 {
        let node_type = match self.node_type {
            NodeType::Broadcast => 0,
            NodeType::PointToPoint => 1,
            NodeType::Mixed => 2,
            NodeType::Hybrid => 3,
        };
        u16::from(self.group) << 15 | node_type << 13
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match *self {
            Self::SUCCESS => "success",
            Self::FORMAT => "the request is malformed",
            Self::SERVER_FAILURE => "the name server has a problem",
            Self::NO_SUCH_NAME => "nobody has the name",
            Self::NOT_IMPLEMENTED => "the name server does not know the request",
            Self::REFUSED => "the name server refuses it",
            Self::ACTIVE => "another computer has the name",
            Self::CONFLICT => "several computers have the name",
            Self(code) => return write!(formatter, "code {code}"),
        };
        formatter.write_str(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bits_but_the_reserved_ones_are_kept() {
        for bits in 0..=u16::MAX {
            assert_eq!(Flags::from_bits(bits).bits(), bits & !0x0060);
            assert_eq!(NameFlags::from_bits(bits).bits(), bits & 0xe000);
        }
    }
}
