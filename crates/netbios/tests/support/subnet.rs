//! A simulated subnet: nodes of the name service, and a network that loses, delays and doubles packets.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use netbios::name_service::PORT;
use netbios::name_service::node::{Event, Node, Settings};

use super::node::{EVERYBODY, HERE, interface};

/// How the network treats packets, in percent and milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    pub delay_max: u64,
}

impl Weather {
    pub const FINE: Self = Self { lost: 0, doubled: 0, delay_max: 1 };
}

pub struct Subnet {
    pub now: Instant,
    weather: Weather,
    random: u64,
    nodes: BTreeMap<Ipv4Addr, Node>,
    events: BTreeMap<Ipv4Addr, Vec<Event>>,
    /// By when they arrive, and in which order they were sent.
    in_flight: BTreeMap<(Instant, u64), (Ipv4Addr, Ipv4Addr, Vec<u8>)>,
    pub packets: u64,
}

impl Subnet {
    pub fn new(weather: Weather, seed: u64) -> Self {
        Self {
            now: Instant::now(),
            weather,
            random: seed | 1,
            nodes: BTreeMap::new(),
            events: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            packets: 0,
        }
    }

    pub fn join(&mut self, address: Ipv4Addr, settings: Settings) -> &mut Node {
        let seed = [address.octets()[3]; 32];
        let node = self.nodes.entry(address).or_insert_with(|| Node::new(settings, seed, self.now));
        node.set_interface(interface(HERE, address));
        node
    }

    pub fn node(&mut self, address: Ipv4Addr) -> &mut Node {
        self.nodes.get_mut(&address).expect("it has joined")
    }

    /// The computer is switched off.
    pub fn leave(&mut self, address: Ipv4Addr) {
        self.nodes.remove(&address);
    }

    pub fn events(&mut self, address: Ipv4Addr) -> Vec<Event> {
        self.events.remove(&address).unwrap_or_default()
    }

    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.send();
            let arrival = self.in_flight.first_key_value().map(|((moment, _), _)| *moment);
            let deadlines = self.nodes.values().filter_map(Node::deadline);
            let Some(next) = deadlines.chain(arrival).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            self.deliver();
            for node in self.nodes.values_mut() {
                if node.deadline().is_some_and(|deadline| deadline <= self.now) {
                    node.expire(self.now);
                }
            }
        }
        self.now = end;
    }

    fn send(&mut self) {
        let mut sent = Vec::new();
        for (address, node) in &mut self.nodes {
            sent.extend(std::iter::from_fn(|| node.poll_transmit()).map(|transmit| (*address, transmit)));
            let events = std::iter::from_fn(|| node.poll());
            self.events.entry(*address).or_default().extend(events);
        }
        for (from, transmit) in sent {
            let to: Vec<Ipv4Addr> = match *transmit.to.ip() {
                // Whoever broadcasts hears it too.
                EVERYBODY => self.nodes.keys().copied().collect(),
                one => vec![one],
            };
            for to in to {
                let copies = if self.chance(self.weather.doubled) { 2 } else { 1 };
                for _ in 0..copies {
                    if !self.chance(self.weather.lost) {
                        let delay = Duration::from_millis(self.draw() % (self.weather.delay_max + 1));
                        self.packets += 1;
                        let flight = (from, to, transmit.bytes.clone());
                        self.in_flight.insert((self.now + delay, self.packets), flight);
                    }
                }
            }
        }
    }

    fn deliver(&mut self) {
        while let Some(flight) = self.in_flight.first_entry().filter(|flight| flight.key().0 <= self.now) {
            let (from, to, bytes) = flight.remove();
            if let Some(node) = self.nodes.get_mut(&to) {
                node.receive(HERE, SocketAddrV4::new(from, PORT), &bytes, self.now);
            }
        }
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.draw() % 100 < percent
    }

    /// Xorshift: the same numbers for the same seed.
    fn draw(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 11
    }
}
