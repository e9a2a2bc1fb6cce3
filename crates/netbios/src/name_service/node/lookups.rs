//! How names of others are found, and which names they have (RFC 1001 §15.3, §15.6).

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use super::cache::Found;
use super::held::Key;
use super::{Event, InterfaceId, LookupId, Node, NodeError, Subject, Timer, settings};
use crate::name::Name;
use crate::name_service::{NameEntry, NodeType, Opcode, Packet, Record, RecordData, ResponseCode};

/// How often a server may have us wait for one answer.
const WAITS_MAX: u32 = 3;

/// A question that is under way.
#[derive(Debug)]
pub(super) struct Lookup {
    /// What is asked for; [`Name::ANY`] where it is the names of a node.
    name: Name,
    transaction: u16,
    stage: Stage,
    sent: u32,
    waits: u32,
    found: Option<Found>,
    ttl: Duration,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Everybody.
    All,
    /// Everybody; some have answered, and others may.
    Gathering,
    Server {
        server: Ipv4Addr,
        interface: InterfaceId,
    },
    /// One node for its names.
    Node {
        address: Ipv4Addr,
        interface: InterfaceId,
    },
}

impl Node {
    /// Looks for a name. [`Event::Found`] or [`Event::NotFound`] tells how that went, at once if it is known.
    pub fn resolve(&mut self, name: Name, now: Instant) -> Result<LookupId, NodeError> {
        if name.as_bytes()[0] == b'*' {
            return Err(NodeError::Wildcard(name));
        }
        let known = self.own(name).or_else(|| self.cache.get(&name, now).cloned());
        let stage = match self.settings.node_type {
            NodeType::Broadcast | NodeType::Mixed => Some(Stage::All),
            NodeType::PointToPoint => self.first_server(now),
            NodeType::Hybrid => self.first_server(now).or(Some(Stage::All)),
        };
        let id = self.new_lookup()?;
        if let Some(Found { addresses, group }) = known {
            self.events.push_back(Event::Found { lookup: id, addresses, group });
        } else if let Some(stage) = stage {
            self.begin_lookup(id, name, stage, now);
        } else {
            self.events.push_back(Event::NotFound { lookup: id });
        }
        Ok(id)
    }

    /// Asks a node which names it has, as tools that look for mistakes do. [`Event::Status`] or [`Event::NotFound`] tells how that went.
    pub fn node_status_of(&mut self, address: Ipv4Addr, now: Instant) -> Result<LookupId, NodeError> {
        let id = self.new_lookup()?;
        match self.interface_towards(address).filter(|_| settings::is_host(address)) {
            Some(interface) => self.begin_lookup(id, Name::ANY, Stage::Node { address, interface }, now),
            None => self.events.push_back(Event::NotFound { lookup: id }),
        }
        Ok(id)
    }

    fn new_lookup(&mut self) -> Result<LookupId, NodeError> {
        let max = self.settings.limits.lookups_max;
        if self.lookups.len() >= max {
            return Err(NodeError::TooMany(max));
        }
        self.lookups_begun += 1;
        Ok(LookupId(self.lookups_begun))
    }

    fn begin_lookup(&mut self, id: LookupId, name: Name, stage: Stage, now: Instant) {
        let transaction = self.transactions.open(Subject::Lookup(id));
        let (ttl, found) = (self.settings.timing.cache_max, None);
        self.lookups.insert(id, Lookup { name, transaction, stage, sent: 0, waits: 0, found, ttl });
        self.lookup_timeout(id, now);
    }

    /// The next packet, or what follows when there was no answer.
    pub(super) fn lookup_timeout(&mut self, id: LookupId, now: Instant) {
        let Some(lookup) = self.lookups.get(&id) else { return };
        let timing = &self.settings.timing;
        let (attempts, timeout) = match lookup.stage {
            Stage::Gathering => return self.finish_lookup(id, now),
            Stage::All => (timing.broadcast_attempts, timing.broadcast_timeout),
            Stage::Server { server, interface } if self.is_silent(server, interface, now) => {
                (0, Duration::ZERO)
            }
            Stage::Server { .. } | Stage::Node { .. } => (timing.unicast_attempts, timing.unicast_timeout),
        };
        if lookup.sent >= attempts {
            if let Stage::Server { server, interface } = lookup.stage
                && attempts > 0
            {
                self.server_is_silent(server, interface, now);
            }
            return self.next_stage(id, false, now);
        }
        let (name, transaction) = (self.scoped(lookup.name), lookup.transaction);
        match lookup.stage {
            Stage::All | Stage::Gathering => {
                let packet = Packet::query(transaction, name, true);
                let interfaces: Vec<InterfaceId> = self.interfaces.keys().copied().collect();
                for interface in interfaces {
                    self.broadcast(interface, &packet);
                }
            }
            Stage::Server { server, interface } => {
                self.send(interface, server, &Packet::query(transaction, name, false));
            }
            Stage::Node { address, interface } => {
                self.send(interface, address, &Packet::node_status_request(transaction, name));
            }
        }
        if let Some(lookup) = self.lookups.get_mut(&id) {
            lookup.sent += 1;
        }
        self.timers.set(Timer::Lookup(id), now + timeout);
    }

    /// Nobody has answered, or a server has said that there is no such name: whom to ask next.
    fn next_stage(&mut self, id: LookupId, denied: bool, now: Instant) {
        let Some(lookup) = self.lookups.get(&id) else { return };
        let node_type = self.settings.node_type;
        let next = match lookup.stage {
            Stage::Gathering | Stage::Node { .. } => None,
            Stage::All if node_type == NodeType::Mixed => self.first_server(now),
            Stage::All => None,
            Stage::Server { server, interface } => {
                let servers = self.interfaces.get(&interface).map(|attached| &attached.servers);
                let other =
                    servers.filter(|_| !denied).and_then(|servers| servers.available_after(server, now));
                let other = other.and_then(|server| self.server_stage(server));
                other.or((node_type == NodeType::Hybrid).then_some(Stage::All))
            }
        };
        match (next, self.lookups.get_mut(&id)) {
            (Some(stage), Some(lookup)) => {
                (lookup.stage, lookup.sent) = (stage, 0);
                self.lookup_timeout(id, now);
            }
            _ => self.finish_lookup(id, now),
        }
    }

    /// An answer to a question that is under way.
    pub(super) fn lookup_response(
        &mut self,
        id: LookupId,
        interface: InterfaceId,
        from: Ipv4Addr,
        packet: &Packet,
        now: Instant,
    ) {
        let Some(lookup) = self.lookups.get_mut(&id) else { return };
        if packet.name().is_none_or(|name| name.name != lookup.name) {
            return;
        }
        let answer = packet.answer.as_ref();
        let positive = packet.flags.code == ResponseCode::SUCCESS;
        match (lookup.stage, packet.flags.opcode) {
            (Stage::All | Stage::Gathering, Opcode::QUERY) if positive => {
                let on_link = self
                    .interfaces
                    .get(&interface)
                    .is_some_and(|attached| attached.interface.is_on_link(from));
                if let Some(answer) = answer.filter(|_| on_link) {
                    self.found(id, answer, true, now);
                }
            }
            (Stage::Server { server, interface: asked_on }, _) if from == server && interface == asked_on => {
                if packet.flags.opcode == Opcode::WAIT && lookup.waits < WAITS_MAX {
                    lookup.waits += 1;
                    let seconds = answer.map_or(0, |answer| answer.ttl);
                    let wait = Duration::from_secs(seconds.into()).min(self.settings.timing.wait_max);
                    let wait = wait.max(self.settings.timing.unicast_timeout);
                    self.timers.set(Timer::Lookup(id), now + wait);
                } else if packet.flags.opcode == Opcode::QUERY {
                    match answer {
                        Some(answer) if positive && self.told_of(answer).next().is_some() => {
                            self.server_answers(server, interface);
                            self.found(id, answer, false, now);
                        }
                        Some(_) => {
                            self.server_answers(server, interface);
                            self.next_stage(id, true, now);
                        }
                        // It sends us to another server, which is not followed.
                        None => {}
                    }
                }
            }
            (Stage::Node { address, interface: asked_on }, Opcode::QUERY)
                if from == address && interface == asked_on && positive =>
            {
                if let Some(RecordData::NodeStatus(status)) = answer.map(|answer| &answer.data) {
                    self.events.push_back(Event::Status { lookup: id, status: status.clone() });
                    self.end_lookup(id);
                }
            }
            _ => {}
        }
    }

    /// Somebody, or a server, says where the name is. Members of a group answer each for themselves.
    fn found(&mut self, id: LookupId, answer: &Record, gather: bool, now: Instant) {
        let addresses_max = self.settings.limits.addresses_max;
        let (cache_max, conflict) = (self.settings.timing.cache_max, self.settings.timing.conflict);
        let entries: Vec<NameEntry> = self.told_of(answer).collect();
        let (Some(lookup), Some(first)) = (self.lookups.get_mut(&id), entries.first()) else { return };
        let group = first.flags.group;
        let found = lookup.found.get_or_insert_with(|| Found { addresses: Vec::new(), group });
        // The first answer decides what kind of name it is.
        if found.group != group {
            return;
        }
        for entry in entries {
            if !found.addresses.contains(&entry.address) && found.addresses.len() < addresses_max {
                found.addresses.push(entry.address);
            }
        }
        if answer.ttl != 0 {
            lookup.ttl = lookup.ttl.min(Duration::from_secs(answer.ttl.into())).min(cache_max);
        }
        if gather && group {
            if lookup.stage != Stage::Gathering {
                lookup.stage = Stage::Gathering;
                self.timers.set(Timer::Lookup(id), now + conflict);
            }
        } else {
            self.finish_lookup(id, now);
        }
    }

    /// Where an answer says that others are. Of most groups a server says no more than that they are everywhere,
    /// 255.255.255.255; and of a group that we are in it tells us too, who are not looked for.
    fn told_of<'a>(&'a self, answer: &'a Record) -> impl Iterator<Item = NameEntry> + 'a {
        let is_other = |entry: &NameEntry| {
            settings::is_host(entry.address) && !(entry.flags.group && self.is_own_address(entry.address))
        };
        answer.entries().iter().copied().filter(is_other)
    }

    fn finish_lookup(&mut self, id: LookupId, now: Instant) {
        let Some(mut lookup) = self.end_lookup(id) else { return };
        let Some(mut found) = lookup.found.take() else {
            self.events.push_back(Event::NotFound { lookup: id });
            return;
        };
        let far = |address: &Ipv4Addr| {
            !self.interfaces.values().any(|attached| attached.interface.is_on_link(*address))
        };
        found.addresses.sort_by_key(far);
        self.cache.insert(lookup.name, found.clone(), now + lookup.ttl, now);
        self.events.push_back(Event::Found { lookup: id, addresses: found.addresses, group: found.group });
    }

    fn end_lookup(&mut self, id: LookupId) -> Option<Lookup> {
        let lookup = self.lookups.remove(&id)?;
        self.timers.clear(Timer::Lookup(id));
        self.transactions.close(lookup.transaction);
        Some(lookup)
    }

    /// A name of ours; of a group, others are members too.
    fn own(&self, name: Name) -> Option<Found> {
        self.names.get(&name).filter(|claim| !claim.group)?;
        let ours = self.interfaces.iter().filter(|(id, _)| self.is_owned(Key { name, interface: **id }));
        let addresses: Vec<Ipv4Addr> =
            ours.flat_map(|(_, attached)| attached.interface.addresses.iter().copied()).collect();
        (!addresses.is_empty()).then_some(Found { addresses, group: false })
    }

    /// From which interface to send: that of the subnet, or else the first, whose routes the system knows.
    fn interface_towards(&self, address: Ipv4Addr) -> Option<InterfaceId> {
        let on_link = self.interfaces.iter().find(|(_, attached)| attached.interface.is_on_link(address));
        on_link.or_else(|| self.interfaces.first_key_value()).map(|(id, _)| *id)
    }

    fn server_stage(&self, server: Ipv4Addr) -> Option<Stage> {
        Some(Stage::Server { server, interface: self.interface_towards(server)? })
    }

    fn first_server(&self, now: Instant) -> Option<Stage> {
        let stages = self.settings.servers.iter().filter_map(|server| self.server_stage(*server));
        let mut answering = stages.filter(|stage| match stage {
            Stage::Server { server, interface } => !self.is_silent(*server, *interface, now),
            _ => false,
        });
        answering.next()
    }

    fn is_silent(&self, server: Ipv4Addr, interface: InterfaceId, now: Instant) -> bool {
        self.interfaces.get(&interface).is_none_or(|attached| attached.servers.is_silent(server, now))
    }
}
