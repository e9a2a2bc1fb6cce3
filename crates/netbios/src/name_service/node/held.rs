//! A name on one interface, and how far it has come.

use std::net::Ipv4Addr;

use super::{InterfaceId, Name};

/// A name on an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) name: Name,
    pub(super) interface: InterfaceId,
}

/// What is known of it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) group: bool,
    /// Whether it is ours: defended and answered for.
    pub(super) owned: bool,
    /// Whether it stands in the queue of those whose turn has not come.
    pub(super) queued: bool,
    /// Whether the owner was told that it cannot be had, and not yet that it can.
    pub(super) lost: bool,
    /// The server that has registered it.
    pub(super) server: Option<Ipv4Addr>,
    pub(super) step: Step,
    /// The transaction that is open.
    pub(super) transaction: Option<u16>,
    /// How often a server had us wait for the answer.
    pub(super) waits: u32,
}

/// What is being done for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Its turn has not come.
    Waiting,
    /// It is claimed by broadcast, so many times until now.
    Announcing { sent: u32 },
    /// Nobody has objected, and everybody was told. Late objections still count.
    Settling,
    /// A server was asked, so many times until now.
    Registering { server: Ipv4Addr, request: Request, sent: u32 },
    /// A server says that somebody has it, and we are to ask them.
    Challenging { server: Ipv4Addr, owner: Ipv4Addr, sent: u32 },
    /// No server answers.
    Parked,
    /// All is done, until it is to be refreshed.
    Resting,
    /// Another computer has it.
    Taken,
    /// It is given up; so many packets are left for the server and for everybody.
    Releasing { to_server: u32, to_all: u32 },
}

/// What is asked of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    Register,
    Refresh,
    /// Who had the name did not answer.
    Overwrite,
}

impl Held {
    pub(super) fn new(group: bool) -> Self {
        Self {
            group,
            owned: false,
            queued: false,
            lost: false,
            server: None,
            step: Step::Waiting,
            transaction: None,
            waits: 0,
        }
    }
}
