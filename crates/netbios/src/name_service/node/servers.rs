//! Which name servers answer, as seen from one interface.

use std::net::Ipv4Addr;
use std::time::Instant;

use super::held::Step;
use super::{Event, InterfaceId, Node, Timer};

/// The name servers, the preferred one first.
#[derive(Debug)]
pub(super) struct Servers {
    states: Vec<(Ipv4Addr, Option<Instant>)>,
}

impl Servers {
    pub(super) fn new(addresses: &[Ipv4Addr]) -> Self {
        Self { states: addresses.iter().map(|address| (*address, None)).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// The first that is not known to be silent.
    pub(super) fn available(&self, now: Instant) -> Option<Ipv4Addr> {
        let answers = |(_, silent): &&(Ipv4Addr, Option<Instant>)| silent.is_none_or(|until| until <= now);
        self.states.iter().find(answers).map(|(address, _)| *address)
    }

    /// The first after this one that is not known to be silent.
    pub(super) fn available_after(&self, server: Ipv4Addr, now: Instant) -> Option<Ipv4Addr> {
        let mut rest = self.states.iter().skip_while(|(address, _)| *address != server).skip(1);
        rest.find(|(_, silent)| silent.is_none_or(|until| until <= now)).map(|(address, _)| *address)
    }

    pub(super) fn is_silent(&self, server: Ipv4Addr, now: Instant) -> bool {
        self.states
            .iter()
            .any(|(address, silent)| *address == server && silent.is_some_and(|until| until > now))
    }

    /// When the next one that is silent is asked again.
    fn ask_again_at(&self, now: Instant) -> Option<Instant> {
        self.states.iter().filter_map(|(_, silent)| *silent).filter(|until| *until > now).min()
    }

    /// Notes that a server did not answer; whether that is news.
    fn note_silent(&mut self, server: Ipv4Addr, until: Instant) -> bool {
        let state = self.states.iter_mut().find(|(address, _)| *address == server);
        state.is_some_and(|(_, silent)| silent.replace(until).is_none())
    }

    /// Notes that a server has answered; whether that is news.
    fn note_answer(&mut self, server: Ipv4Addr) -> bool {
        let state = self.states.iter_mut().find(|(address, _)| *address == server);
        state.is_some_and(|(_, silent)| silent.take().is_some())
    }
}

impl Node {
    /// The server did not answer, however often it was asked.
    pub(super) fn server_is_silent(&mut self, server: Ipv4Addr, interface: InterfaceId, now: Instant) {
        let until = now + self.settings.timing.server_retry;
        let Some(attached) = self.interfaces.get_mut(&interface) else { return };
        if attached.servers.note_silent(server, until) {
            self.events.push_back(Event::ServerSilent { server, interface });
        }
        if let Some(moment) = attached.servers.ask_again_at(now) {
            self.timers.set(Timer::Server(interface), moment);
        }
    }

    /// The server has answered: what could not be registered meanwhile can now.
    pub(super) fn server_answers(&mut self, server: Ipv4Addr, interface: InterfaceId) {
        let Some(attached) = self.interfaces.get_mut(&interface) else { return };
        if attached.servers.note_answer(server) {
            self.events.push_back(Event::ServerAnswers { server, interface });
            self.unpark(interface, usize::MAX);
        }
    }

    /// One name is enough to see whether a server answers again. That name may be given up before it knows: as long
    /// as others wait, another one follows.
    pub(super) fn ask_server_again(&mut self, interface: InterfaceId, now: Instant) {
        self.unpark(interface, 1);
        if self.held.iter().any(|(key, held)| key.interface == interface && held.step == Step::Parked) {
            // If no server answers this one, that sets another moment.
            self.timers.set(Timer::Server(interface), now + self.settings.timing.server_retry);
        }
    }
}
