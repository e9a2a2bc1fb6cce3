//! What others ask of us: where our names are, and whether they may have them (RFC 1002 §5.1.1.5).

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use super::held::{Key, Step};
use super::{InterfaceId, Node};
use crate::name::Name;
use crate::name_service::{
    NameEntry, NameFlags, NodeStatus, Opcode, PACKET_BYTES_MAX, Packet, Question, Record, RecordType,
    Registration, ResponseCode, STATISTICS_BYTES, StatusName,
};

/// How long a question is remembered that was answered, and how many of them.
const ANSWERED_FOR: Duration = Duration::from_secs(5);
const ANSWERED_MAX: usize = 64;
const STATUS_NAME_BYTES: usize = 18;

/// Who has asked for what a moment ago.
#[derive(Debug, Default)]
pub(super) struct Answered {
    questions: VecDeque<(Instant, Ipv4Addr, u16, Name)>,
}

impl Answered {
    fn push(&mut self, from: Ipv4Addr, id: u16, name: Name, now: Instant) {
        if self.questions.len() >= ANSWERED_MAX {
            self.questions.pop_front();
        }
        self.questions.push_back((now, from, id, name));
    }

    pub(super) fn contains(&self, from: Ipv4Addr, id: u16, name: Name, now: Instant) -> bool {
        self.questions.iter().any(|(since, asked_by, asked_id, asked)| {
            now.duration_since(*since) < ANSWERED_FOR && (*asked_by, *asked_id, *asked) == (from, id, name)
        })
    }
}

impl Node {
    /// A request of somebody on the subnet, or of a name server. Only those on the subnet get answers that are much
    /// longer than the question.
    pub(super) fn request(
        &mut self,
        interface: InterfaceId,
        from: SocketAddrV4,
        on_link: bool,
        packet: &Packet,
        now: Instant,
    ) {
        let Some(question) = &packet.question else { return };
        let opcode = packet.flags.opcode;
        if opcode == Opcode::QUERY {
            // To look for any name to tell may take a while, where most are hidden.
            let anybody = question.name.name == Name::ANY;
            if anybody && !self.answer_limit.take(*from.ip(), now) {
                return;
            }
            let answer = match question.kind {
                RecordType::ADDRESSES => self.query_answer(interface, packet.id, question),
                RecordType::NODE_STATUS if on_link => self.node_status(interface, packet.id, question),
                _ => None,
            };
            if let Some(answer) = answer
                && (anybody || self.answer_limit.take(*from.ip(), now))
            {
                self.answered.push(*from.ip(), packet.id, question.name.name, now);
                self.send_to(interface, from, &answer);
            }
        } else if Self::answers_claim(packet) {
            if on_link {
                self.defend(interface, from, question, packet, now);
            }
        } else if opcode == Opcode::RELEASE
            && let Some(entry) = packet.additional.as_ref().and_then(|record| record.entries().first())
            && entry.address == *from.ip()
        {
            self.cache.forget(&question.name.name, entry.address);
        }
    }

    fn query_answer(&self, interface: InterfaceId, id: u16, question: &Question) -> Option<Packet> {
        let addresses = &self.interfaces.get(&interface)?.interface.addresses;
        let group = if question.name.name == Name::ANY {
            self.told_names(interface).next()?;
            false
        } else {
            self.told(interface, question.name.name)?
        };
        let flags = NameFlags { group, node_type: self.settings.node_type };
        let room = (PACKET_BYTES_MAX - 100) / 6;
        let entries = addresses.iter().take(room).map(|address| NameEntry { flags, address: *address });
        let ttl = u32::try_from(self.settings.ttl.as_secs()).unwrap_or(u32::MAX);
        Some(Packet::query_response(id, question.name.clone(), ttl, entries.collect()))
    }

    /// The names that we tell, as many as fit (RFC 1002 §4.2.18).
    fn node_status(&self, interface: InterfaceId, id: u16, question: &Question) -> Option<Packet> {
        if question.name.name == Name::ANY {
            self.told_names(interface).next()?;
        } else {
            self.told(interface, question.name.name)?;
        }
        let empty = NodeStatus { names: Vec::new(), statistics: vec![0; STATISTICS_BYTES] };
        let around = Packet::node_status_response(id, question.name.clone(), empty, false).encode().len();
        let room = PACKET_BYTES_MAX.saturating_sub(around) / STATUS_NAME_BYTES;
        let names_max = room.min(self.settings.limits.status_names_max);
        let node_type = self.settings.node_type;
        let mut told = self.told_names(interface);
        let names = told.by_ref().take(names_max).map(|(name, group)| StatusName {
            name,
            flags: NameFlags { group, node_type },
            deregistering: false,
            conflict: false,
            active: true,
            permanent: false,
        });
        let status = NodeStatus { names: names.collect(), statistics: vec![0; STATISTICS_BYTES] };
        let truncated = told.next().is_some();
        Some(Packet::node_status_response(id, question.name.clone(), status, truncated))
    }

    /// Whether a name that we tell is a group.
    fn told(&self, interface: InterfaceId, name: Name) -> Option<bool> {
        let claim = self.names.get(&name).filter(|claim| !claim.hidden)?;
        self.is_owned(Key { name, interface }).then_some(claim.group)
    }

    /// The names that we tell, and whether each is a group.
    fn told_names(&self, interface: InterfaceId) -> impl Iterator<Item = (Name, bool)> {
        self.names.keys().filter_map(move |name| Some((*name, self.told(interface, *name)?)))
    }

    /// Objects if somebody claims a name of ours. Two nodes that claim it at the same time go by their addresses:
    /// the lower one objects.
    fn defend(
        &mut self,
        interface: InterfaceId,
        from: SocketAddrV4,
        question: &Question,
        packet: &Packet,
        now: Instant,
    ) {
        // What is claimed is in the question, whose scope is ours; the record must be about the same.
        let is_same = |claim: &&Record| claim.name.is_same(&question.name);
        let Some(claim) = packet.additional.as_ref().filter(is_same) else { return };
        let Some(entry) = claim.entries().first() else { return };
        let Some(attached) = self.interfaces.get(&interface) else { return };
        let Some(held) = self.held.get(&Key { name: claim.name.name, interface }) else { return };
        let claiming = matches!(held.step, Step::Announcing { .. })
            && attached.interface.addresses.first().is_some_and(|own| own < from.ip());
        let both_groups = held.group && entry.flags.group;
        if both_groups || !(held.owned || claiming) {
            return;
        }
        let claim =
            Registration { name: claim.name.clone(), flags: entry.flags, address: entry.address, ttl: 0 };
        if self.objection_limit.take(*from.ip(), now) {
            let objection = Packet::registration_response(packet.id, &claim, ResponseCode::ACTIVE);
            self.send_to(interface, from, &objection);
        }
    }
}
