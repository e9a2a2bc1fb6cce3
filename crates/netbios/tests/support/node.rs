//! One node of the name service on simulated time, and a name server for it to talk to.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::name::{Name, Suffix};
use netbios::name_service::node::{Event, Interface, InterfaceId, Node, Settings};
use netbios::name_service::{
    NameEntry, NameFlags, NodeType, Opcode, PORT, Packet, Registration, ResponseCode,
};

pub const HERE: InterfaceId = InterfaceId(1);
pub const OURS: Ipv4Addr = host(10);
pub const NEIGHBOUR: Ipv4Addr = host(20);
pub const EVERYBODY: Ipv4Addr = host(255);
pub const FAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
pub const PRIMARY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
pub const SECONDARY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);

pub const fn host(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 77, 0, number)
}

pub fn name(text: &str) -> Name {
    Name::new(text, Suffix::MESSENGER, CodePage::DEFAULT).expect("a name")
}

pub fn interface(id: InterfaceId, address: Ipv4Addr) -> Interface {
    let [a, b, c, _] = address.octets();
    Interface {
        id,
        addresses: vec![address],
        netmask: Ipv4Addr::new(255, 255, 255, 0),
        broadcast: Ipv4Addr::new(a, b, c, 255),
    }
}

pub fn settings(node_type: NodeType) -> Settings {
    let servers = if node_type.asks_servers() { vec![PRIMARY, SECONDARY] } else { Vec::new() };
    Settings { node_type, servers, ..Settings::default() }
}

/// What somebody says of a name.
pub fn registration(text: &str, address: Ipv4Addr, group: bool) -> Registration {
    let flags = NameFlags { group, node_type: NodeType::Broadcast };
    Registration { name: name(text).into(), flags, address, ttl: 0 }
}

pub fn entry(address: Ipv4Addr, group: bool) -> NameEntry {
    NameEntry { flags: NameFlags { group, node_type: NodeType::Broadcast }, address }
}

/// A packet that the node sent, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub at: Duration,
    pub to: SocketAddrV4,
    pub packet: Packet,
}

impl Sent {
    /// The bits of its header.
    pub fn bits(&self) -> u16 {
        let bytes = self.packet.encode();
        u16::from_be_bytes([bytes[2], bytes[3]])
    }

    /// Milliseconds from the beginning on, who gets it, and the bits of its header.
    pub fn brief(&self) -> (u128, Ipv4Addr, u16) {
        (self.at.as_millis(), *self.to.ip(), self.bits())
    }
}

/// A node on simulated time.
pub struct Driven {
    pub node: Node,
    pub start: Instant,
    pub now: Instant,
}

impl Driven {
    pub fn new(settings: Settings) -> Self {
        let now = Instant::now();
        let mut node = Node::new(settings, [7; 32], now);
        node.set_interface(interface(HERE, OURS));
        Self { node, start: now, now }
    }

    /// What is sent in this time when nobody answers.
    pub fn pass(&mut self, time: Duration) -> Vec<Sent> {
        self.pass_with(time, |_| Vec::new())
    }

    /// What is sent in this time when these answers come at once, each with whom it comes from.
    pub fn pass_with(
        &mut self,
        time: Duration,
        mut answer: impl FnMut(&Sent) -> Vec<(Ipv4Addr, Packet)>,
    ) -> Vec<Sent> {
        let end = self.now + time;
        let mut all = Vec::new();
        loop {
            let sent = self.sent();
            for packet in &sent {
                for (from, answer) in answer(packet) {
                    self.hear(from, &answer);
                }
            }
            let quiet = sent.is_empty();
            all.extend(sent);
            match self.node.deadline() {
                _ if !quiet => {}
                Some(deadline) if deadline <= end => {
                    self.now = self.now.max(deadline);
                    self.node.expire(self.now);
                }
                _ => break,
            }
        }
        self.now = end;
        all
    }

    /// What waits to be sent.
    pub fn sent(&mut self) -> Vec<Sent> {
        let at = self.now - self.start;
        let transmits = std::iter::from_fn(|| self.node.poll_transmit());
        transmits
            .map(|transmit| {
                let packet = Packet::decode(&transmit.bytes).expect("we send packets");
                assert_eq!(packet.encode(), transmit.bytes);
                Sent { at, to: transmit.to, packet }
            })
            .collect()
    }

    pub fn hear(&mut self, from: Ipv4Addr, packet: &Packet) {
        self.hear_from(SocketAddrV4::new(from, PORT), packet);
    }

    pub fn hear_from(&mut self, from: SocketAddrV4, packet: &Packet) {
        self.node.receive(HERE, from, &packet.encode(), self.now);
    }

    /// What the node answers at once to a packet.
    pub fn reply(&mut self, from: Ipv4Addr, packet: &Packet) -> Option<Sent> {
        self.hear(from, packet);
        let mut sent = self.sent();
        assert!(sent.len() <= 1, "{sent:?}");
        sent.pop()
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.node.poll()).collect()
    }
}

/// A name server that gives a name to whoever asks first.
pub struct NameServer {
    pub address: Ipv4Addr,
    pub ttl: u32,
    pub alive: bool,
    pub names: BTreeMap<Name, NameEntry>,
}

impl NameServer {
    pub fn new(address: Ipv4Addr) -> Self {
        Self { address, ttl: 1000, alive: true, names: BTreeMap::new() }
    }

    /// What it answers to what the node sent.
    pub fn answer(&mut self, sent: &Sent) -> Vec<(Ipv4Addr, Packet)> {
        if !self.alive || *sent.to.ip() != self.address {
            return Vec::new();
        }
        let (id, request) = (sent.packet.id, &sent.packet);
        let question = request.question.as_ref().expect("a question");
        let asked = question.name.name;
        let record = request.additional.as_ref().and_then(|record| record.entries().first()).copied();
        let known = self.names.get(&asked).copied();
        let response = match (request.flags.opcode, record) {
            (Opcode::QUERY, _) => match known {
                Some(entry) => Packet::query_response(id, question.name.clone(), self.ttl, vec![entry]),
                None => {
                    Packet::negative_query_response(id, question.name.clone(), ResponseCode::NO_SUCH_NAME)
                }
            },
            (opcode, Some(entry)) => {
                let free = known.is_none_or(|known| known.address == entry.address || known.flags.group);
                let forgotten = opcode == Opcode::REFRESH && known.is_none();
                let code = match (free, forgotten) {
                    (_, true) => ResponseCode::NO_SUCH_NAME,
                    (true, _) => ResponseCode::SUCCESS,
                    _ => ResponseCode::ACTIVE,
                };
                let claim = Registration {
                    name: question.name.clone(),
                    flags: entry.flags,
                    address: entry.address,
                    ttl: self.ttl,
                };
                if opcode == Opcode::RELEASE {
                    self.names.remove(&asked);
                    Packet::release_response(id, &claim, ResponseCode::SUCCESS)
                } else {
                    if code == ResponseCode::SUCCESS {
                        self.names.insert(asked, entry);
                    }
                    Packet::registration_response(id, &claim, code)
                }
            }
            _ => return Vec::new(),
        };
        vec![(self.address, response)]
    }
}
