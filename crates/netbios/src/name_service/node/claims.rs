//! How names of ours are claimed, kept and given up (RFC 1001 §15.2, §15.4, §15.5; RFC 1002 §5.1).

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use super::held::{Held, Key, Request, Step};
use super::{Event, InterfaceId, Node, Subject};
use crate::name_service::{NameFlags, NodeType, Packet, Registration, ResponseCode};

impl Node {
    pub(super) fn is_owned(&self, key: Key) -> bool {
        self.held.get(&key).is_some_and(|held| held.owned)
    }

    /// Claims a name on an interface, in its turn.
    pub(super) fn hold(&mut self, key: Key) {
        let Some(claim) = self.names.get(&key.name) else { return };
        let group = claim.group;
        self.drop_held(key);
        self.held.insert(key, Held::new(group));
        self.queue(key);
    }

    /// Forgets a name without a word.
    pub(super) fn drop_held(&mut self, key: Key) {
        self.end_transaction(key);
        self.claim_timers.clear(key);
        self.held.remove(&key);
    }

    /// Whether the next step of a name begins with a packet.
    pub(super) fn sends_next(&self, key: Key) -> bool {
        self.held.get(&key).is_some_and(|held| held.step != Step::Settling)
    }

    fn proceed_in_turn(&mut self, key: Key) {
        if let Some(held) = self.held.get_mut(&key) {
            held.step = Step::Waiting;
            self.queue(key);
        }
    }

    fn queue(&mut self, key: Key) {
        if let Some(held) = self.held.get_mut(&key)
            && !std::mem::replace(&mut held.queued, true)
        {
            self.waiting.push_back(key);
        }
    }

    /// The first in the queue that still waits there; it stays in front.
    pub(super) fn next_waiting(&mut self) -> Option<Key> {
        while let Some(key) = self.waiting.front().copied() {
            if self.held.get(&key).is_some_and(|held| held.queued) {
                return Some(key);
            }
            self.waiting.pop_front();
        }
        None
    }

    /// Gives a name up: who knows that it is ours is told so.
    pub(super) fn let_go(&mut self, key: Key) {
        self.end_transaction(key);
        let timing = &self.settings.timing;
        let Some(held) = self.held.get_mut(&key) else { return };
        let known_by_server = held.server.is_some() || matches!(held.step, Step::Registering { .. });
        let known_by_all = self.settings.node_type.broadcasts() && held.owned;
        let to_server = if known_by_server { timing.unicast_attempts } else { 0 };
        let to_all = if known_by_all { timing.broadcast_attempts } else { 0 };
        if let Step::Registering { server, .. } = held.step {
            held.server = Some(server);
        }
        held.owned = false;
        held.step = Step::Releasing { to_server, to_all };
        self.claim_timers.clear(key);
        self.queue(key);
    }

    /// Its turn has come, in the queue or by its time.
    pub(super) fn begin(&mut self, key: Key, now: Instant) {
        let Some(held) = self.held.get_mut(&key) else { return };
        held.queued = false;
        let announces_first = matches!(self.settings.node_type, NodeType::Broadcast | NodeType::Mixed);
        match held.step {
            Step::Releasing { .. } => self.step(key, now),
            _ if announces_first && !held.owned => self.announce(key, now),
            _ => self.register(key, now),
        }
    }

    /// The next packet for a name, or what follows when there was no answer to the last one.
    pub(super) fn step(&mut self, key: Key, now: Instant) {
        let Some(held) = self.held.get(&key) else { return };
        match held.step {
            Step::Waiting | Step::Parked => {}
            Step::Announcing { sent } => self.announce_again(key, sent, now),
            Step::Settling => self.settled(key),
            Step::Registering { server, request, sent } => self.ask(key, server, request, sent, now),
            Step::Challenging { server, owner, sent } => self.challenge(key, server, owner, sent, now),
            Step::Resting => self.register(key, now),
            Step::Taken => self.begin(key, now),
            Step::Releasing { to_server, to_all } => self.tell_release(key, to_server, to_all, now),
        }
    }

    fn announce(&mut self, key: Key, now: Instant) {
        self.open_transaction(key);
        self.announce_again(key, 0, now);
    }

    /// Claims the name of everybody, or tells everybody that it is taken now (RFC 1002 §5.1.1.1).
    fn announce_again(&mut self, key: Key, sent: u32, now: Instant) {
        let (Some(claim), Some(id)) = (self.registration(key, 0), self.transaction(key)) else { return };
        let timing = self.settings.timing.clone();
        if sent < timing.broadcast_attempts {
            self.broadcast(key.interface, &Packet::registration(id, &claim, true));
            self.proceed(key, Step::Announcing { sent: sent + 1 }, now + timing.broadcast_timeout);
            return;
        }
        self.broadcast(key.interface, &Packet::overwrite(id, &claim, true));
        self.proceed(key, Step::Settling, now + timing.conflict);
        self.now_owned(key, None);
    }

    fn settled(&mut self, key: Key) {
        self.end_transaction(key);
        match self.settings.node_type {
            NodeType::Broadcast | NodeType::PointToPoint => self.rest(key),
            NodeType::Mixed | NodeType::Hybrid => self.proceed_in_turn(key),
        }
    }

    /// Asks the first server that may answer.
    pub(super) fn register(&mut self, key: Key, now: Instant) {
        let Some(attached) = self.interfaces.get(&key.interface) else { return };
        if attached.servers.is_empty() || !self.settings.node_type.asks_servers() {
            return self.park(key, now);
        }
        match attached.servers.available(now) {
            Some(server) => {
                let known = self.held.get(&key).is_some_and(|held| held.server == Some(server));
                let request = if known { Request::Refresh } else { Request::Register };
                self.open_transaction(key);
                self.ask(key, server, request, 0, now);
            }
            None => self.park(key, now),
        }
    }

    fn ask(&mut self, key: Key, server: Ipv4Addr, request: Request, sent: u32, now: Instant) {
        let silent = self
            .interfaces
            .get(&key.interface)
            .is_none_or(|attached| attached.servers.is_silent(server, now));
        if silent || sent >= self.settings.timing.unicast_attempts {
            if !silent {
                self.server_is_silent(server, key.interface, now);
            }
            return self.register(key, now);
        }
        let ttl = u32::try_from(self.settings.ttl.as_secs()).unwrap_or(u32::MAX);
        let (Some(claim), Some(id)) = (self.registration(key, ttl), self.transaction(key)) else { return };
        let packet = match request {
            Request::Register if !claim.flags.group && self.interfaces.len() > 1 => {
                Packet::multi_homed_registration(id, &claim)
            }
            Request::Register => Packet::registration(id, &claim, false),
            Request::Refresh => Packet::refresh(id, &claim),
            Request::Overwrite => Packet::overwrite(id, &claim, false),
        };
        self.send(key.interface, server, &packet);
        let step = Step::Registering { server, request, sent: sent + 1 };
        self.proceed(key, step, now + self.settings.timing.unicast_timeout);
    }

    /// Asks who is said to have the name (RFC 1001 §15.2.2.2, RFC 1002 §4.2.7). If they do not answer, it is ours.
    fn challenge(&mut self, key: Key, server: Ipv4Addr, owner: Ipv4Addr, sent: u32, now: Instant) {
        if sent >= self.settings.timing.unicast_attempts {
            return self.ask(key, server, Request::Overwrite, 0, now);
        }
        let Some(id) = self.transaction(key) else { return };
        self.send(key.interface, owner, &Packet::query(id, self.scoped(key.name), false));
        let step = Step::Challenging { server, owner, sent: sent + 1 };
        self.proceed(key, step, now + self.settings.timing.unicast_timeout);
    }

    /// No server answers. A hybrid node does without; any node asks again later.
    fn park(&mut self, key: Key, now: Instant) {
        self.end_transaction(key);
        let Some(held) = self.held.get_mut(&key) else { return };
        if !held.owned && self.settings.node_type == NodeType::Hybrid {
            return self.announce(key, now);
        }
        held.step = Step::Parked;
        self.claim_timers.clear(key);
    }

    /// So many names that no server has answered for are registered, in their turn.
    pub(super) fn unpark(&mut self, interface: InterfaceId, count: usize) {
        let parked = self
            .held
            .iter_mut()
            .filter(|(key, held)| key.interface == interface && held.step == Step::Parked);
        for (key, held) in parked.take(count) {
            held.step = Step::Waiting;
            held.queued = true;
            self.waiting.push_back(*key);
        }
    }

    fn tell_release(&mut self, key: Key, to_server: u32, to_all: u32, now: Instant) {
        let server = self.held.get(&key).and_then(|held| held.server).filter(|_| to_server > 0);
        let ttl = if server.is_some() { self.settings.ttl.as_secs() } else { 0 };
        let claim = self.registration(key, u32::try_from(ttl).unwrap_or(u32::MAX));
        let (Some(claim), true) = (claim, to_server + to_all > 0) else {
            self.drop_held(key);
            self.events.push_back(Event::Released { name: key.name, interface: key.interface });
            return;
        };
        if self.transaction(key).is_none() {
            self.open_transaction(key);
        }
        let id = self.transaction(key).unwrap_or_default();
        let step = if let Some(server) = server {
            self.send(key.interface, server, &Packet::release(id, &claim, false));
            Step::Releasing { to_server: to_server - 1, to_all }
        } else {
            self.broadcast(key.interface, &Packet::release(id, &claim, true));
            Step::Releasing { to_server: 0, to_all: to_all.saturating_sub(1) }
        };
        self.proceed(key, step, now + self.settings.timing.broadcast_timeout);
    }

    /// The name is ours.
    pub(super) fn now_owned(&mut self, key: Key, server: Option<Ipv4Addr>) {
        let Some(held) = self.held.get_mut(&key) else { return };
        let news = !held.owned || (server.is_some() && held.server != server);
        held.owned = true;
        held.lost = false;
        held.server = server.or(held.server);
        if news {
            let Key { name, interface } = key;
            self.events.push_back(Event::Claimed { name, interface, server });
        }
    }

    /// Another computer has the name. It is claimed again later.
    pub(super) fn now_taken(&mut self, key: Key, by: Ipv4Addr, code: ResponseCode, now: Instant) {
        self.end_transaction(key);
        let retry = self.settings.timing.taken_retry;
        let again = now + retry + retry.mul_f64(f64::from(self.transactions.number()) / 262_144.0);
        let Some(held) = self.held.get_mut(&key) else { return };
        let Key { name, interface } = key;
        if held.owned {
            self.events.push_back(Event::Conflict { name, interface, by });
        } else if !held.lost {
            self.events.push_back(Event::Taken { name, interface, by, code });
        }
        (held.owned, held.lost, held.server) = (false, true, None);
        self.proceed(key, Step::Taken, again);
    }

    /// All is done for now; a name that a server has registered is refreshed before its time is over.
    fn rest(&mut self, key: Key) {
        self.end_transaction(key);
        self.claim_timers.clear(key);
        if let Some(held) = self.held.get_mut(&key) {
            held.step = Step::Resting;
        }
    }

    /// A server has registered the name for that long.
    pub(super) fn registered(&mut self, key: Key, server: Ipv4Addr, ttl: Duration, now: Instant) {
        self.now_owned(key, Some(server));
        self.rest(key);
        if !ttl.is_zero() {
            // At half the time, less a bit that differs from name to name.
            let early = ttl.mul_f64(f64::from(self.transactions.number()) / 524_288.0);
            let after = (ttl / 2).saturating_sub(early).max(self.settings.timing.refresh_min);
            self.claim_timers.set(key, now + after);
        }
    }

    /// A server does not register the name, and does not say that another computer has it.
    pub(super) fn refused(&mut self, key: Key, server: Ipv4Addr, code: ResponseCode, now: Instant) {
        let Key { name, interface } = key;
        self.events.push_back(Event::Refused { name, interface, server, code });
        self.end_transaction(key);
        let owned = self.is_owned(key);
        if !owned && self.settings.node_type == NodeType::Hybrid {
            return self.announce(key, now);
        }
        let step = if owned { Step::Resting } else { Step::Taken };
        self.proceed(key, step, now + self.settings.timing.taken_retry);
    }

    /// Sets what is being done, and when it goes on.
    pub(super) fn proceed(&mut self, key: Key, step: Step, at: Instant) {
        if let Some(held) = self.held.get_mut(&key) {
            held.step = step;
            self.claim_timers.set(key, at);
        }
    }

    /// What we say of the name.
    pub(super) fn registration(&self, key: Key, ttl: u32) -> Option<Registration> {
        let held = self.held.get(&key)?;
        let address = *self.interfaces.get(&key.interface)?.interface.addresses.first()?;
        let flags = NameFlags { group: held.group, node_type: self.settings.node_type };
        Some(Registration { name: self.scoped(key.name), flags, address, ttl })
    }

    fn transaction(&self, key: Key) -> Option<u16> {
        self.held.get(&key)?.transaction
    }

    fn open_transaction(&mut self, key: Key) {
        self.end_transaction(key);
        if let Some(held) = self.held.get_mut(&key) {
            held.transaction = Some(self.transactions.open(Subject::Claim(key)));
            held.waits = 0;
        }
    }

    pub(super) fn end_transaction(&mut self, key: Key) {
        let open = self.held.get_mut(&key).and_then(|held| held.transaction.take());
        if let Some(id) = open {
            self.transactions.close(id);
        }
    }
}
