//! What others answer to our claims.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use super::held::{Key, Request, Step};
use super::{InterfaceId, Node};
use crate::name_service::{Opcode, Packet, ResponseCode};

/// How often a server may have us wait for one answer.
const WAITS_MAX: u32 = 3;

impl Node {
    /// An answer to an open transaction of a name of ours.
    pub(super) fn claim_response(&mut self, key: Key, from: Ipv4Addr, packet: &Packet, now: Instant) {
        let (Some(held), Some(attached)) = (self.held.get(&key), self.interfaces.get(&key.interface)) else {
            return;
        };
        if packet.name().is_none_or(|name| name.name != key.name) {
            return;
        }
        let on_link = attached.interface.is_on_link(from);
        let code = packet.flags.code;
        match held.step {
            Step::Announcing { .. } | Step::Settling
                if on_link && Self::answers_claim(packet) && code != ResponseCode::SUCCESS =>
            {
                self.now_taken(key, from, code, now);
            }
            Step::Registering { server, request, .. } if from == server => {
                if packet.flags.opcode == Opcode::WAIT {
                    self.server_has_us_wait(key, packet, now);
                } else if Self::answers_claim(packet) {
                    self.server_answers(server, key.interface);
                    self.server_response(key, server, request, packet, now);
                }
            }
            Step::Challenging { owner, server, .. }
                if from == owner && packet.flags.opcode == Opcode::QUERY =>
            {
                let has_it = packet.answer.as_ref().is_some_and(|answer| !answer.entries().is_empty());
                if code == ResponseCode::SUCCESS && has_it {
                    self.now_taken(key, owner, ResponseCode::ACTIVE, now);
                } else {
                    let sent = self.settings.timing.unicast_attempts;
                    self.proceed(key, Step::Challenging { server, owner, sent }, now);
                }
            }
            Step::Releasing { to_all, .. }
                if Some(from) == held.server && packet.flags.opcode == Opcode::RELEASE =>
            {
                self.proceed(key, Step::Releasing { to_server: 0, to_all }, now);
            }
            _ => {}
        }
    }

    fn server_response(
        &mut self,
        key: Key,
        server: Ipv4Addr,
        request: Request,
        packet: &Packet,
        now: Instant,
    ) {
        let answer = packet.answer.as_ref();
        match packet.flags.code {
            ResponseCode::SUCCESS => {
                let other = answer.and_then(|answer| answer.entries().first()).map(|entry| entry.address);
                let other = other.filter(|address| !self.is_own_address(*address));
                // RFC 1002 §4.2.7: without recursion, the one who claims shall ask who has the name.
                match other.filter(|_| !packet.flags.recursion_available && request == Request::Register) {
                    Some(owner) => self.proceed(key, Step::Challenging { server, owner, sent: 0 }, now),
                    None => {
                        let ttl = answer.map_or(0, |answer| answer.ttl);
                        self.registered(key, server, Duration::from_secs(ttl.into()), now);
                    }
                }
            }
            code @ (ResponseCode::ACTIVE | ResponseCode::CONFLICT) => self.now_taken(key, server, code, now),
            // The server has forgotten the name.
            _ if request == Request::Refresh => {
                if let Some(held) = self.held.get_mut(&key) {
                    held.server = None;
                }
                self.proceed(key, Step::Resting, now);
            }
            code => self.refused(key, server, code, now),
        }
    }

    fn server_has_us_wait(&mut self, key: Key, packet: &Packet, now: Instant) {
        let seconds = packet.answer.as_ref().map_or(0, |answer| answer.ttl);
        let wait = Duration::from_secs(seconds.into()).min(self.settings.timing.wait_max);
        let Some(held) = self.held.get_mut(&key).filter(|held| held.waits < WAITS_MAX) else { return };
        held.waits += 1;
        let step = held.step;
        self.proceed(key, step, now + wait.max(self.settings.timing.unicast_timeout));
    }

    /// Somebody says that a name of ours is in conflict (RFC 1001 §15.1.3.5). That is believed of the server that has
    /// registered it, and of who has just asked for the name and may have had two answers.
    pub(super) fn conflict_demand(
        &mut self,
        interface: InterfaceId,
        from: Ipv4Addr,
        packet: &Packet,
        now: Instant,
    ) {
        let Some(name) = packet.name().map(|name| name.name) else { return };
        let key = Key { name, interface };
        let Some(held) = self.held.get(&key).filter(|held| held.owned && !held.group) else { return };
        if held.server == Some(from) || self.answered.contains(from, packet.id, name, now) {
            self.now_taken(key, from, ResponseCode::CONFLICT, now);
        }
    }
}
