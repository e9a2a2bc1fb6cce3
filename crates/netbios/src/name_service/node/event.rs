//! What a node tells its owner, and has it send.

use std::net::{Ipv4Addr, SocketAddrV4};

use thiserror::Error;

use super::InterfaceId;
use crate::name::Name;
use crate::name_service::{NodeStatus, ResponseCode};

/// A packet to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// From which interface, and so from which address.
    pub interface: InterfaceId,
    /// Where to.
    pub to: SocketAddrV4,
    /// The packet.
    pub bytes: Vec<u8>,
}

/// Which lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LookupId(pub(super) u64);

/// How a name is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Whether others may have it too.
    pub group: bool,
    /// Whether it is kept from those who ask: it is claimed and defended, but neither found nor told.
    pub hidden: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The name is ours on an interface: nobody has objected, or the server has agreed.
    Claimed {
        /// The name.
        name: Name,
        /// Where.
        interface: InterfaceId,
        /// The server that has registered it; none where it was claimed by broadcast. One may follow the other.
        server: Option<Ipv4Addr>,
    },
    /// The name cannot be had for now: whoever has it objects, or a server says so. It is claimed again later.
    Taken {
        /// The name.
        name: Name,
        /// Where.
        interface: InterfaceId,
        /// Who says so: whoever has it, or a server.
        by: Ipv4Addr,
        /// Why.
        code: ResponseCode,
    },
    /// The name was ours, and another computer has it too: it is given up, and claimed again later.
    Conflict {
        /// The name.
        name: Name,
        /// Where.
        interface: InterfaceId,
        /// Who says so.
        by: Ipv4Addr,
    },
    /// A server does not register the name, and does not say that another computer has it. It is asked again later.
    Refused {
        /// The name.
        name: Name,
        /// Where.
        interface: InterfaceId,
        /// The server.
        server: Ipv4Addr,
        /// Why.
        code: ResponseCode,
    },
    /// The name was given up, and everybody told.
    Released {
        /// The name.
        name: Name,
        /// Where.
        interface: InterfaceId,
    },
    /// A server does not answer. It is asked again later.
    ServerSilent {
        /// The server.
        server: Ipv4Addr,
        /// Where from.
        interface: InterfaceId,
    },
    /// A server that did not answer does again; names are registered with it.
    ServerAnswers {
        /// The server.
        server: Ipv4Addr,
        /// Where from.
        interface: InterfaceId,
    },
    /// A name was found.
    Found {
        /// Which lookup.
        lookup: LookupId,
        /// Its addresses, at least one and those of our subnets first. Of a group, those of all others that are in it.
        addresses: Vec<Ipv4Addr>,
        /// Whether many may have it.
        group: bool,
    },
    /// A node told its names.
    Status {
        /// Which lookup.
        lookup: LookupId,
        /// What it told.
        status: NodeStatus,
    },
    /// Nobody has the name, or nobody answered.
    NotFound {
        /// Which lookup.
        lookup: LookupId,
    },
}

/// Why a node does not do what its owner wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The name is that of nobody in particular.
    #[error("expected a name that somebody can have, got {0:?}")]
    Wildcard(Name),
    /// It has as many names, or lookups, as it may.
    #[error("expected at most {0} at once")]
    TooMany(usize),
}

impl Claim {
    /// A name that only one may have.
    pub const UNIQUE: Self = Self { group: false, hidden: false };
    /// A name that many may have.
    pub const GROUP: Self = Self { group: true, hidden: false };

    /// The same, but kept from those who ask.
    pub fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }
}
