//! An end node of the name service: it claims, defends, refreshes and releases names, answers for them, and finds
//! those of others (RFC 1001 §10, §15; RFC 1002 §5.1).
//!
//! The owner says which interfaces there are ([`Node::set_interface`]), feeds [`Node::receive`], sends what
//! [`Node::poll_transmit`] gives, reacts to [`Node::poll`], and calls [`Node::expire`] at [`Node::deadline`]. Each
//! name is claimed on each interface for itself.
//!
//! The protocol proves nothing. What it offers is used. An answer counts if it names an open transaction, whose number
//! nobody can guess, and the right name, and if it comes from the right port of whoever was asked: of one address, or
//! of somebody on a subnet where everybody was. Only those on the subnet get answers, and name servers, which look
//! whether a name is still in use. A name of ours is given up when the server that has registered it says so, or
//! somebody who has just asked for it and may have had two answers; a release by anybody else is not obeyed.

mod answers;
mod cache;
mod claims;
mod event;
mod held;
mod lookups;
mod pace;
mod responses;
mod servers;
mod settings;
mod timers;
mod transaction;

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Instant;

use super::{Opcode, Packet, ResponseCode};
use crate::name::{Name, ScopedName};

use answers::Answered;
use cache::Cache;
pub use event::{Claim, Event, LookupId, NodeError, Transmit};
use held::{Held, Key};
use lookups::Lookup;
use pace::{AnswerLimit, Pace};
use servers::Servers;
pub use settings::{Interface, InterfaceId, Limits, Settings, Timing};
use timers::Timers;
use transaction::Transactions;

/// The state of an end node.
#[derive(Debug)]
pub struct Node {
    settings: Settings,
    interfaces: BTreeMap<InterfaceId, Attached>,
    names: BTreeMap<Name, Claim>,
    /// The names on each interface, those too that are being given up.
    held: BTreeMap<Key, Held>,
    /// Those whose turn comes when there is time.
    waiting: VecDeque<Key>,
    claim_timers: Timers<Key>,
    pace: Pace,
    lookups: BTreeMap<LookupId, Lookup>,
    lookups_begun: u64,
    timers: Timers<Timer>,
    transactions: Transactions<Subject>,
    cache: Cache,
    answer_limit: AnswerLimit,
    /// Apart from answers: who asks for many names must not keep us from defending ours.
    objection_limit: AnswerLimit,
    answered: Answered,
    transmit: VecDeque<Transmit>,
    events: VecDeque<Event>,
    /// The latest moment that the owner has told.
    now: Instant,
}

#[derive(Debug)]
struct Attached {
    interface: Interface,
    servers: Servers,
}

/// What a transaction is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Claim(Key),
    Lookup(LookupId),
}

/// What happens at some moment, other than to a name of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Lookup(LookupId),
    /// A server that did not answer is asked again.
    Server(InterfaceId),
}

impl Node {
    /// A node without interfaces and names. `seed` is random, new for each node, and kept secret.
    pub fn new(settings: Settings, seed: [u8; 32], now: Instant) -> Self {
        let limits = &settings.limits;
        Self {
            pace: Pace::new(limits.packets_per_second, limits.packets_at_once),
            cache: Cache::new(limits.cache_max),
            answer_limit: AnswerLimit::new(limits.answers_per_second, limits.answers_per_second_each),
            objection_limit: AnswerLimit::new(
                limits.objections_per_second,
                limits.objections_per_second_each,
            ),
            settings,
            interfaces: BTreeMap::new(),
            names: BTreeMap::new(),
            held: BTreeMap::new(),
            waiting: VecDeque::new(),
            claim_timers: Timers::new(),
            lookups: BTreeMap::new(),
            lookups_begun: 0,
            timers: Timers::new(),
            transactions: Transactions::new(seed),
            answered: Answered::default(),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
            now,
        }
    }

    /// There is an interface, or it has changed: all names are claimed on it. One that has not changed is left alone.
    /// Without addresses it is removed.
    pub fn set_interface(&mut self, interface: Interface) {
        let id = interface.id;
        if self.interfaces.get(&id).is_some_and(|attached| attached.interface == interface) {
            return;
        }
        self.remove_interface(id);
        if interface.addresses.is_empty() {
            return;
        }
        let servers = Servers::new(&self.settings.servers);
        self.interfaces.insert(id, Attached { interface, servers });
        let names: Vec<Name> = self.names.keys().copied().collect();
        for name in names {
            self.hold(Key { name, interface: id });
        }
    }

    /// There is an interface no longer. Nobody can be told there that names are given up.
    pub fn remove_interface(&mut self, id: InterfaceId) {
        self.interfaces.remove(&id);
        self.timers.clear(Timer::Server(id));
        let keys: Vec<Key> = self.held.keys().filter(|key| key.interface == id).copied().collect();
        for key in keys {
            self.drop_held(key);
        }
    }

    /// Claims a name on each interface, now and on those that come, until [`Node::release`]. A name that only one may
    /// have and that becomes a group, or the other way round, is claimed anew.
    pub fn claim(&mut self, name: Name, claim: Claim) -> Result<(), NodeError> {
        if name.as_bytes()[0] == b'*' {
            return Err(NodeError::Wildcard(name));
        }
        match self.names.insert(name, claim) {
            Some(before) if before.group == claim.group => return Ok(()),
            None if self.names.len() > self.settings.limits.names_max => {
                self.names.remove(&name);
                return Err(NodeError::TooMany(self.settings.limits.names_max));
            }
            _ => {}
        }
        let interfaces: Vec<InterfaceId> = self.interfaces.keys().copied().collect();
        for interface in interfaces {
            self.hold(Key { name, interface });
        }
        Ok(())
    }

    /// Gives a name up, and tells everybody who was told that it is ours. [`Event::Released`] says for each interface
    /// when that is done.
    pub fn release(&mut self, name: Name) {
        if self.names.remove(&name).is_some() {
            let keys: Vec<Key> = self.interfaces.keys().map(|id| Key { name, interface: *id }).collect();
            for key in keys {
                self.let_go(key);
            }
        }
    }

    /// Gives all names up, as before the end. [`Node::is_idle`] says when that is done.
    pub fn release_all(&mut self) {
        let names: Vec<Name> = self.names.keys().copied().collect();
        for name in names {
            self.release(name);
        }
    }

    /// Whether no name is claimed or being given up.
    pub fn is_idle(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether the name is ours on some interface.
    pub fn owns(&self, name: &Name) -> bool {
        self.interfaces.keys().any(|id| self.is_owned(Key { name: *name, interface: *id }))
    }

    /// Takes a packet that arrived on an interface at `now`. What is malformed, or not for us, is ignored.
    pub fn receive(&mut self, interface: InterfaceId, from: SocketAddrV4, bytes: &[u8], now: Instant) {
        self.now = now;
        let Some(attached) = self.interfaces.get(&interface) else { return };
        let on_link = attached.interface.is_on_link(*from.ip());
        if self.is_own_address(*from.ip()) || !settings::is_host(*from.ip()) {
            return;
        }
        let Ok(packet) = Packet::decode(bytes) else { return };
        let in_scope = packet.name().is_some_and(|name| name.scope.is_same(&self.settings.scope));
        if !in_scope {
            return;
        }
        if !packet.flags.response {
            // Servers ask whether names are still in use (RFC 1001 §15.1.3.3); nobody else far away gets an answer.
            if on_link || self.settings.servers.contains(from.ip()) {
                self.request(interface, from, on_link, &packet, now);
            }
        } else if from.port() == self.settings.port {
            self.response(interface, *from.ip(), &packet, now);
        }
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmit.pop_front()
    }

    /// The next thing that happened.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Node::expire`] must be called, if nothing happens before; a moment that has passed means at once.
    /// Changes with every call.
    pub fn deadline(&self) -> Option<Instant> {
        let waiting = (!self.waiting.is_empty()).then_some(self.now);
        let claim = waiting.or_else(|| self.claim_timers.first()).map(|wanted| self.pace.ready_at(wanted));
        [claim, self.timers.first()].into_iter().flatten().min()
    }

    /// Does what time brings: names are claimed, what was not answered is sent again or given up.
    pub fn expire(&mut self, now: Instant) {
        self.now = now;
        while let Some(timer) = self.timers.due(now) {
            match timer {
                Timer::Lookup(id) => self.lookup_timeout(id, now),
                Timer::Server(interface) => self.ask_server_again(interface, now),
            }
        }
        // What has begun comes before what waits.
        while let Some(key) = self.claim_timers.first_due(now) {
            if self.sends_next(key) && !self.pace.take(now) {
                break;
            }
            self.claim_timers.clear(key);
            self.step(key, now);
        }
        while let Some(key) = self.next_waiting()
            && self.pace.take(now)
        {
            self.begin(key, now);
        }
    }

    fn is_own_address(&self, address: Ipv4Addr) -> bool {
        self.interfaces.values().any(|attached| attached.interface.addresses.contains(&address))
    }

    fn scoped(&self, name: Name) -> ScopedName {
        ScopedName { name, scope: self.settings.scope.clone() }
    }

    /// Whether the packet answers a claim.
    fn answers_claim(packet: &Packet) -> bool {
        let opcode = packet.flags.opcode;
        opcode == Opcode::REGISTRATION
            || opcode == Opcode::MULTI_HOMED_REGISTRATION
            || opcode == Opcode::REFRESH
            || opcode == Opcode::REFRESH_ALTERNATIVE
    }

    fn response(&mut self, interface: InterfaceId, from: Ipv4Addr, packet: &Packet, now: Instant) {
        match self.transactions.get(packet.id) {
            Some(Subject::Claim(key)) if key.interface == interface => {
                self.claim_response(key, from, packet, now);
            }
            Some(Subject::Lookup(id)) => self.lookup_response(id, interface, from, packet, now),
            _ if packet.flags.code == ResponseCode::CONFLICT && Self::answers_claim(packet) => {
                self.conflict_demand(interface, from, packet, now);
            }
            _ => {}
        }
    }

    fn send(&mut self, interface: InterfaceId, to: Ipv4Addr, packet: &Packet) {
        self.send_to(interface, SocketAddrV4::new(to, self.settings.port), packet);
    }

    fn send_to(&mut self, interface: InterfaceId, to: SocketAddrV4, packet: &Packet) {
        if self.transmit.len() < self.settings.limits.transmit_max {
            self.transmit.push_back(Transmit { interface, to, bytes: packet.encode() });
        }
    }

    fn broadcast(&mut self, interface: InterfaceId, packet: &Packet) {
        if let Some(attached) = self.interfaces.get(&interface) {
            let to = attached.interface.broadcast;
            self.send(interface, to, packet);
        }
    }
}
