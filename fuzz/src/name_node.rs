//! An end node of the name service among others who mean it no good. The first byte says what kind of node it is; then
//! comes one thing after the other: its kind, its length, its bytes.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::name::{Name, Suffix};
use netbios::name_service::node::{Claim, Interface, InterfaceId, Node, Settings};
use netbios::name_service::{NodeType, PACKET_BYTES_MAX, PORT, Packet, RecordData};

const HERE: InterfaceId = InterfaceId(1);
const SERVERS: [Ipv4Addr; 2] = [Ipv4Addr::new(198, 51, 100, 1), Ipv4Addr::new(198, 51, 100, 2)];
const OTHERS: [Ipv4Addr; 8] = [
    Ipv4Addr::new(10, 77, 0, 2),
    Ipv4Addr::new(10, 77, 0, 200),
    SERVERS[0],
    SERVERS[1],
    Ipv4Addr::new(192, 0, 2, 1),
    Ipv4Addr::new(10, 77, 0, 1),
    Ipv4Addr::new(10, 77, 0, 255),
    Ipv4Addr::UNSPECIFIED,
];
/// More than the steps of all names and lookups of this test in one moment.
const STEPS_MAX: usize = 1000;

struct World {
    node: Node,
    now: Instant,
    /// What the node said last.
    last: Vec<u8>,
}

pub(crate) fn run(data: &[u8]) {
    let [kind, rest @ ..] = data else { return };
    let kinds = [NodeType::Broadcast, NodeType::PointToPoint, NodeType::Mixed, NodeType::Hybrid];
    let node_type = kinds[usize::from(kind & 3)];
    let servers = SERVERS[..usize::from(kind >> 2 & 3).min(2)].to_vec();
    let now = Instant::now();
    let settings = Settings { node_type, servers, ..Settings::default() };
    let mut world = World { node: Node::new(settings, [*kind; 32], now), now, last: Vec::new() };
    world.node.set_interface(Interface {
        id: HERE,
        addresses: vec![Ipv4Addr::new(10, 77, 0, 1)],
        netmask: Ipv4Addr::new(255, 255, 255, 0),
        broadcast: Ipv4Addr::new(10, 77, 0, 255),
    });
    for (text, claim) in
        [("ANNA", Claim::UNIQUE), ("OFFICE", Claim::GROUP), ("SECRET", Claim::UNIQUE.hidden())]
    {
        world.node.claim(name(text), claim).expect("a name");
    }
    let mut rest = rest;
    while let [what, length, following @ ..] = rest {
        let (bytes, following) = following.split_at(usize::from(*length).min(following.len()));
        world.happen(*what, bytes);
        rest = following;
    }
    world.node.release_all();
    world.pass(Duration::from_secs(60));
    assert!(world.node.is_idle(), "a name is never given up");
}

fn name(text: &str) -> Name {
    Name::new(text, Suffix::MESSENGER, CodePage::DEFAULT).expect("a name")
}

impl World {
    fn happen(&mut self, what: u8, bytes: &[u8]) {
        let from = OTHERS[usize::from(what >> 5)];
        let number = bytes.first().copied().unwrap_or_default();
        match what & 7 {
            0 | 1 => self.hear(from, bytes),
            // An answer that has the right number, and perhaps the right name.
            2 | 3 => {
                let mut answer = bytes.to_vec();
                let id = self.last.len().min(2).min(answer.len());
                answer[..id].copy_from_slice(&self.last[..id]);
                self.hear(from, &answer);
            }
            // What it said itself comes back, a bit changed.
            4 => {
                let mut echo = self.last.clone();
                for change in bytes.chunks_exact(2) {
                    if let Some(byte) = echo.get_mut(usize::from(change[0])) {
                        *byte = change[1];
                    }
                }
                self.hear(from, &echo);
            }
            5 => self.pass(Duration::from_millis(u64::from(number) * u64::from(number))),
            6 => {
                let text = ["ANNA", "OFFICE", "SECRET", "BERT"][usize::from(number & 3)];
                if number & 4 == 0 {
                    self.node.release(name(text));
                } else {
                    let claim = if number & 8 == 0 { Claim::UNIQUE } else { Claim::GROUP };
                    // What may never be told stays so.
                    let claim = if text == "SECRET" { claim.hidden() } else { claim };
                    self.node.claim(name(text), claim).expect("a name");
                }
            }
            _ => {
                let lookup = match number & 1 {
                    0 => self.node.resolve(name("CLARA"), self.now),
                    _ => self.node.node_status_of(from, self.now),
                };
                lookup.ok();
            }
        }
        self.sent();
        self.pass(Duration::ZERO);
    }

    fn hear(&mut self, from: Ipv4Addr, bytes: &[u8]) {
        self.node.receive(HERE, SocketAddrV4::new(from, PORT), bytes, self.now);
        let answers = self.sent();
        assert!(answers <= 2, "one packet makes the node send {answers}");
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        let mut steps = 0;
        while let Some(deadline) = self.node.deadline().filter(|deadline| *deadline <= end) {
            if deadline > self.now {
                (self.now, steps) = (deadline, 0);
            }
            self.node.expire(self.now);
            self.sent();
            steps += 1;
            assert!(steps < STEPS_MAX, "it never comes to rest");
        }
        self.now = end;
    }

    /// How many packets were sent.
    fn sent(&mut self) -> usize {
        let mut count = 0;
        while let Some(transmit) = self.node.poll_transmit() {
            count += 1;
            assert!(transmit.bytes.len() <= PACKET_BYTES_MAX);
            let packet = Packet::decode(&transmit.bytes).expect("we send packets");
            let told = packet.answer.as_ref().filter(|_| packet.flags.code.0 == 0);
            let names = match told.map(|record| (&record.name, &record.data)) {
                Some((_, RecordData::NodeStatus(status))) => {
                    status.names.iter().map(|told| told.name).collect()
                }
                Some((name, _)) => vec![name.name],
                None => Vec::new(),
            };
            assert!(!names.contains(&name("SECRET")), "what is hidden is told");
            self.last = transmit.bytes;
        }
        while self.node.poll().is_some() {}
        count
    }
}
