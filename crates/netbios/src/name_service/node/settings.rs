//! How a node behaves, and where it is.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::name::Scope;
use crate::name_service::{NodeType, PORT};

/// How a node behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How it claims and finds names. Default [`NodeType::Broadcast`].
    pub node_type: NodeType,
    /// Name servers (WINS), the preferred one first. Default none.
    pub servers: Vec<Ipv4Addr>,
    /// The scope of all names. Default none.
    pub scope: Scope,
    /// The port of everybody. Default 137; anything else is for tests.
    pub port: u16,
    /// For how long names are claimed of servers, and others may remember our answers. Default three days, as
    /// Samba has it.
    pub ttl: Duration,
    /// How long it waits, and how often it asks.
    pub timing: Timing,
    /// What others can make it do.
    pub limits: Limits,
}

/// How long a node waits, and how often it asks (RFC 1002 §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Between two broadcasts of the same. Default 250 ms.
    pub broadcast_timeout: Duration,
    /// How often the same is broadcast. Default 3.
    pub broadcast_attempts: u32,
    /// Between two packets of the same to one address. Default 5 s; Windows takes 1.5 s.
    pub unicast_timeout: Duration,
    /// How often the same is sent to one address. Default 3.
    pub unicast_attempts: u32,
    /// How long others have for objections, and members of a group for their answers. Default 1 s.
    pub conflict: Duration,
    /// The longest that a server may have us wait at once, and three times at most. Default 60 s.
    pub wait_max: Duration,
    /// Until a server that did not answer is asked again. Default 60 s.
    pub server_retry: Duration,
    /// Until a name that another computer has is claimed again, and up to a quarter more. Default 5 minutes.
    pub taken_retry: Duration,
    /// Names are not refreshed more often, whatever a server says. Default 10 s.
    pub refresh_min: Duration,
    /// The longest that an answer is remembered. Default 10 minutes, as in Windows.
    pub cache_max: Duration,
}

/// What others can make a node do, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How many names it has. Default 16,384.
    pub names_max: usize,
    /// How many packets a second it sends to claim, refresh and release names. Default 100.
    pub packets_per_second: u32,
    /// How many of those at once. Default 20.
    pub packets_at_once: u32,
    /// How many answers to queries it gives a second. Default 200.
    pub answers_per_second: u32,
    /// How many answers to queries it gives a second to one address. Default 20.
    pub answers_per_second_each: u32,
    /// How many objections it raises a second against claims of its names. Default 200.
    pub objections_per_second: u32,
    /// How many objections it raises a second against claims of one address. Default 20.
    pub objections_per_second_each: u32,
    /// How many names a node status tells. Default 26, as many as fit into [`PACKET_BYTES_MAX`].
    ///
    /// [`PACKET_BYTES_MAX`]: crate::name_service::PACKET_BYTES_MAX
    pub status_names_max: usize,
    /// How many lookups are under way. Default 256.
    pub lookups_max: usize,
    /// How many found names are remembered. Default 1,024.
    pub cache_max: usize,
    /// How many addresses a found name may have. Default 64.
    pub addresses_max: usize,
    /// How many packets may wait to be sent. Default 1,024; answers beyond are dropped.
    pub transmit_max: usize,
}

/// Which network interface: a number that the owner gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InterfaceId(pub u32);

/// A network interface that names are claimed and found on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Which.
    pub id: InterfaceId,
    /// Our addresses there. Names are claimed with the first; queries are answered with all.
    pub addresses: Vec<Ipv4Addr>,
    /// Which part of an address says that somebody is on the same subnet.
    pub netmask: Ipv4Addr,
    /// Where everybody on the subnet hears it.
    pub broadcast: Ipv4Addr,
}

impl Interface {
    /// Whether somebody with this address is on the same subnet.
    pub fn is_on_link(&self, address: Ipv4Addr) -> bool {
        let subnet = |address: Ipv4Addr| u32::from(address) & u32::from(self.netmask);
        self.addresses.iter().any(|own| subnet(*own) == subnet(address))
            && address != self.broadcast
            && is_host(address)
    }
}

/// Whether the address can be that of a single computer on a network.
pub(super) fn is_host(address: Ipv4Addr) -> bool {
    let nowhere = address.is_unspecified() || address.is_broadcast() || address.is_multicast();
    !nowhere && address.octets()[0] != 0
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            node_type: NodeType::Broadcast,
            servers: Vec::new(),
            scope: Scope::NONE,
            port: PORT,
            ttl: Duration::from_secs(3 * 24 * 60 * 60),
            timing: Timing::default(),
            limits: Limits::default(),
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            broadcast_timeout: Duration::from_millis(250),
            broadcast_attempts: 3,
            unicast_timeout: Duration::from_secs(5),
            unicast_attempts: 3,
            conflict: Duration::from_secs(1),
            wait_max: Duration::from_secs(60),
            server_retry: Duration::from_secs(60),
            taken_retry: Duration::from_secs(300),
            refresh_min: Duration::from_secs(10),
            cache_max: Duration::from_secs(600),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            names_max: 16_384,
            packets_per_second: 100,
            packets_at_once: 20,
            answers_per_second: 200,
            answers_per_second_each: 20,
            objections_per_second: 200,
            objections_per_second_each: 20,
            status_names_max: 26,
            lookups_max: 256,
            cache_max: 1024,
            addresses_max: 64,
            transmit_max: 1024,
        }
    }
}
