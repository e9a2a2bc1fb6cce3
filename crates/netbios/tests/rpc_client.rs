//! A client of calls against the server and the mapper, over networks that lose, repeat and reorder.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::receiver::{Answer, Message};
use netbios::rpc::Uuid;
use netbios::rpc::client::{CallError, Client, ClientOptions, Port, Step};
use netbios::rpc::conversation::{self, Question};
use netbios::rpc::endpoint::{self, MapResponse, NOT_REGISTERED};
use netbios::rpc::ndr::ByteOrder;
use netbios::rpc::pdu::{Header, Kind, flag, status};
use netbios::rpc::send_message;
use netbios::rpc::server::{Call, Limits, Server};
use netbios::sender::{Outgoing, Sent};

const RECIPIENT: [u8; 4] = [10, 77, 0, 2];
const MESSAGES: u16 = 1027;
const RANDOM: [[u8; 16]; 2] = [[1; 16], [2; 16]];

fn recipient(port: u16) -> SocketAddr {
    SocketAddr::from((RECIPIENT, port))
}

fn sender() -> SocketAddr {
    ([10, 77, 0, 1], 1031).into()
}

fn outgoing(text: &str) -> Outgoing {
    Outgoing { called: "SRV2".into(), from: "alice".into(), to: "SRV2".into(), text: text.into() }
}

fn client(text: &str, port: Port, now: Instant) -> Client {
    let options = ClientOptions { port, ..ClientOptions::default() };
    Client::new(&outgoing(text), IpAddr::from(RECIPIENT), options, RANDOM, now).expect("a client")
}

/// What the network does with datagrams.
#[derive(Debug, Clone, Copy, Default)]
struct Faults {
    lost_percent: u64,
    repeated_percent: u64,
    /// Up to how many milliseconds a datagram takes.
    delay: u64,
}

/// Both ends, the network between them and the time of all.
struct World {
    now: Instant,
    client: Client,
    servers: BTreeMap<u16, Server>,
    /// By when they arrive: to, from and what.
    underway: BTreeMap<(Instant, u64), (SocketAddr, SocketAddr, Vec<u8>)>,
    /// What the owner of a server still thinks about.
    undecided: Vec<(Instant, u16, Call)>,
    thinks: Duration,
    answer: Answer,
    messages: Vec<Message>,
    kinds: Vec<Kind>,
    faults: Faults,
    random: u64,
    count: u64,
}

impl World {
    fn new(text: &str, port: Port, faults: Faults, seed: u64) -> Self {
        let now = Instant::now();
        let server = || Server::new(CodePage::DEFAULT, Limits::default(), 7);
        let mut mapper = server();
        mapper.map_messages_to(SocketAddrV4::new(RECIPIENT.into(), MESSAGES));
        Self {
            now,
            client: client(text, port, now),
            servers: BTreeMap::from([(endpoint::PORT, mapper), (MESSAGES, server())]),
            underway: BTreeMap::new(),
            undecided: Vec::new(),
            thinks: Duration::ZERO,
            answer: Answer::Accepted,
            messages: Vec::new(),
            kinds: Vec::new(),
            faults,
            random: seed,
            count: 0,
        }
    }

    /// A number below the limit, from a generator of splitmix64.
    fn random(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn transmit(&mut self, to: SocketAddr, from: SocketAddr, datagram: &[u8]) {
        self.kinds.push(Header::decode(datagram).expect("a packet").0.kind);
        let copies = 1 + u64::from(self.random(100) < self.faults.repeated_percent);
        for _ in 0..copies {
            if self.random(100) >= self.faults.lost_percent {
                let delay = Duration::from_millis(1 + self.random(self.faults.delay + 1));
                self.count += 1;
                self.underway.insert((self.now + delay, self.count), (to, from, datagram.to_vec()));
            }
        }
    }

    /// Takes everything that the ends want to send, and lets owners begin to think.
    fn collect(&mut self) {
        while let Some((to, datagram)) = self.client.poll_transmit() {
            self.transmit(to, sender(), &datagram);
        }
        let mut sent = Vec::new();
        for (port, server) in &mut self.servers {
            while let Some(event) = server.poll() {
                self.messages.push(event.message);
                self.undecided.push((self.now + self.thinks, *port, event.call));
            }
            sent.extend(std::iter::from_fn(|| server.poll_transmit()).map(|sent| (*port, sent)));
        }
        for (port, (to, datagram)) in sent {
            self.transmit(to, recipient(port), &datagram);
        }
    }

    /// Until the outcome is known and what was sent last has arrived.
    fn run(&mut self) -> Result<Sent, CallError> {
        loop {
            self.collect();
            let arrival = self.underway.keys().next().map(|key| key.0);
            let decision = self.undecided.iter().map(|undecided| undecided.0).min();
            let Some(now) = [arrival, decision, self.client.deadline()].into_iter().flatten().min() else {
                return self.client.outcome().expect("an outcome").clone();
            };
            self.now = now;
            let (decided, undecided) = self.undecided.drain(..).partition(|undecided| undecided.0 <= now);
            self.undecided = undecided;
            let decided: Vec<(Instant, u16, Call)> = decided;
            for (_, port, call) in decided {
                self.servers.get_mut(&port).expect("a server").answer(call, self.answer, now);
            }
            if let Some(key) = self.underway.keys().next().copied().filter(|key| key.0 <= now) {
                let (to, from, datagram) = self.underway.remove(&key).expect("it was there");
                if to == sender() {
                    self.client.receive(from, &datagram, now);
                } else if let Some(server) = self.servers.get_mut(&to.port()) {
                    let mut random = [9; 16];
                    random[..8].copy_from_slice(&key.1.to_le_bytes());
                    server.receive(&datagram, from, random, now);
                }
            }
            self.client.handle_timeout(now);
        }
    }
}

fn long() -> String {
    "All work and no play makes Jack a dull boy. ".repeat(100).chars().take(4095).collect()
}

#[test]
fn a_message_is_delivered_by_way_of_the_mapper_or_straight() {
    use Kind::{Ack, Request, Response, Working};
    let mapped = [Request, Response];
    let sent = [Request, Request, Response, Working, Response, Ack];
    for (port, kinds) in [
        (Port::MappedBy(endpoint::PORT), [&mapped[..], &sent].concat()),
        (Port::Known(MESSAGES), sent.to_vec()),
        (Port::Known(endpoint::PORT), sent.to_vec()),
    ] {
        let mut world = World::new("Grüße €", port, Faults::default(), 1);
        assert_eq!(world.run(), Ok(Sent { replaced: vec!['€'] }));
        assert_eq!(world.kinds, kinds);
        let [message] = &world.messages[..] else { panic!("expected one message") };
        assert_eq!([&message.from, &message.to, &message.text], ["ALICE", "SRV2", "Grüße EUR"]);
    }
}

#[test]
fn a_long_message_goes_in_pieces() {
    let mut world = World::new(&long(), Port::MappedBy(endpoint::PORT), Faults::default(), 1);
    assert!(world.run().is_ok());
    assert_eq!(world.messages[0].text, long());
    assert!(world.kinds.contains(&Kind::FragmentAck), "{:?}", world.kinds);
}

#[test]
fn a_recipient_that_thinks_for_long_is_asked_whether_it_still_works() {
    let mut world = World::new("hello", Port::Known(MESSAGES), Faults::default(), 1);
    world.thinks = Duration::from_secs(20);
    assert!(world.run().is_ok());
    let pings = world.kinds.iter().filter(|kind| **kind == Kind::Ping).count();
    assert_eq!((world.messages.len(), pings), (1, 4), "{:?}", world.kinds);
    let mut world = World::new("hello", Port::Known(MESSAGES), Faults::default(), 1);
    world.thinks = Duration::from_secs(40);
    let error = world.run().expect_err("nobody thinks for so long");
    assert_eq!(error, CallError::StillWorking { step: Step::Send });
    assert!(error.may_have_arrived());
}

#[test]
fn what_the_recipient_refuses_is_told() {
    let mut world = World::new("hello", Port::Known(MESSAGES), Faults::default(), 1);
    world.answer = Answer::NoSuchName;
    let refused = CallError::Refused { result: send_message::result::NAME_NOT_FOUND };
    assert!(!refused.may_have_arrived());
    assert_eq!(world.run(), Err(refused));
}

#[test]
fn every_message_comes_once_or_its_sender_knows_better_whatever_the_network_does() {
    let mut delivered = 0;
    const RUNS: u64 = 400;
    for seed in 0..RUNS {
        let faults = Faults {
            lost_percent: 5 * (seed % 6),
            repeated_percent: 7 * (seed % 5),
            delay: [0, 50, 700, 2500][(seed % 4) as usize],
        };
        let text = if seed % 3 == 0 { long() } else { "hello".to_owned() };
        let mut world = World::new(&text, Port::MappedBy(endpoint::PORT), faults, seed * 1000);
        world.thinks = Duration::from_millis(if seed % 7 == 0 { 5000 } else { 3 });
        let outcome = world.run();
        let told = (outcome.is_ok(), world.messages.len());
        match outcome {
            Ok(_) => delivered += 1,
            Err(error) if error.may_have_arrived() => assert!(told.1 <= 1, "{seed}: {error}"),
            Err(error) => assert_eq!(told.1, 0, "{seed}: {error}"),
        }
        assert!(told.1 == 1 || !told.0, "{seed}: {told:?}");
        assert!(world.messages.iter().all(|message| message.text == text), "{seed}");
    }
    assert!(delivered * 100 >= RUNS * 95, "only {delivered} of {RUNS}");
}

/// What the client sends now.
fn sent(client: &mut Client) -> Vec<(SocketAddr, Header, Vec<u8>)> {
    std::iter::from_fn(|| client.poll_transmit())
        .map(|(to, datagram)| {
            let (header, body) = Header::decode(&datagram).expect("a packet");
            (to, header, body.to_vec())
        })
        .collect()
}

/// An answer to a packet.
fn answer(question: &Header, kind: Kind, body: &[u8]) -> Vec<u8> {
    Header { kind, flags: 0, server_boot: 7, ..*question }.encode(body)
}

#[test]
fn a_recipient_that_is_not_there_is_asked_less_and_less_often_and_given_up() {
    let now = Instant::now();
    let mut client = client("hello", Port::Known(MESSAGES), now);
    let mut moments = vec![];
    while let Some(deadline) = client.deadline() {
        moments.push((deadline - now).as_secs());
        client.handle_timeout(deadline);
    }
    assert_eq!(moments, [1, 3, 7, 15, 23, 30]);
    assert_eq!(sent(&mut client).len(), 6);
    assert_eq!(client.outcome(), Some(&Err(CallError::TimedOut { step: Step::Send })));
}

#[test]
fn every_answer_of_a_server_that_does_not_deliver_has_its_own_error() {
    let status = status::UNKNOWN_INTERFACE.to_le_bytes();
    let outcome = |port: Port, kinds: &[(Kind, &[u8])]| {
        let now = Instant::now();
        let mut client = client("hello", port, now);
        let (to, question, _) = sent(&mut client).remove(0);
        for (kind, body) in kinds {
            client.receive(to, &answer(&question, *kind, body), now);
        }
        client.outcome().cloned().map(|outcome| outcome.expect_err("it is not delivered"))
    };
    let (map, send) = (Port::MappedBy(135), Port::Known(MESSAGES));
    let (step, code) = (Step::Send, status::UNKNOWN_INTERFACE);
    let rejected = CallError::Rejected { step, status: code };
    assert!(rejected.is_absent() && !rejected.may_have_arrived());
    assert_eq!(outcome(send, &[(Kind::Reject, &status)]), Some(rejected));
    assert_eq!(outcome(send, &[(Kind::Fault, &status)]), Some(CallError::Failed { step, status: code }));
    assert_eq!(outcome(send, &[(Kind::NoCall, &[])]), None);
    let forgotten = [(Kind::Working, &[][..]), (Kind::NoCall, &[])];
    assert_eq!(outcome(send, &forgotten), Some(CallError::Forgotten { step }));
    assert!(matches!(outcome(send, &[(Kind::Response, &[])]), Some(CallError::Results { .. })));
    assert!(matches!(outcome(map, &[(Kind::Response, &[])]), Some(CallError::Results { .. })));
    let nothing = MapResponse { towers: vec![], status: NOT_REGISTERED }.encode(1, [1, 2], ByteOrder::Little);
    let absent = outcome(map, &[(Kind::Response, &nothing)]).expect("an outcome");
    assert_eq!(absent, CallError::NotMapped { status: NOT_REGISTERED });
    assert!(absent.is_absent());
}

#[test]
fn only_the_recipients_computer_is_believed_and_answered() {
    let now = Instant::now();
    let mut client = client("hello", Port::Known(MESSAGES), now);
    let (to, question, _) = sent(&mut client).remove(0);
    let elsewhere = SocketAddr::from(([10, 77, 0, 9], MESSAGES));
    let taken = answer(&question, Kind::Response, &[0; 4]);
    client.receive(elsewhere, &taken, now);
    let other = Header { activity: Uuid([9; 16]), ..question };
    client.receive(to, &answer(&other, Kind::Response, &[0; 4]), now);
    client.receive(to, &answer(&Header { sequence: 1, ..question }, Kind::Response, &[0; 4]), now);
    assert_eq!(client.outcome(), None);
    let asks = |activity: Uuid, operation: u16, interface: Uuid| {
        let header = Header::new(Kind::Request, interface, conversation::INTERFACE_VERSION, Uuid([5; 16]));
        let body = Question { activity, server_boot: 7 }.encode(ByteOrder::Big);
        Header { operation, order: ByteOrder::Big, flags: flag::IDEMPOTENT, ..header }.encode(&body)
    };
    client.receive(elsewhere, &asks(question.activity, 1, conversation::INTERFACE), now);
    client.receive(to, &asks(Uuid([9; 16]), 1, conversation::INTERFACE), now);
    client.receive(to, &asks(question.activity, 2, conversation::INTERFACE), now);
    client.receive(to, &asks(question.activity, 1, send_message::INTERFACE), now);
    assert_eq!(sent(&mut client), []);
    // Both ways to ask, from another port, in the other order of bytes.
    let port = recipient(1);
    for (operation, length) in [(0, 8), (1, 24)] {
        client.receive(port, &asks(question.activity, operation, conversation::INTERFACE), now);
        let answers = sent(&mut client);
        assert_eq!((answers.len(), answers[0].0, answers[0].2.len()), (1, port, length));
        assert_eq!((answers[0].1.kind, answers[0].1.activity), (Kind::Response, Uuid([5; 16])));
    }
    // A call that is sent again is not a new one for a server that was started anew.
    client.handle_timeout(client.deadline().expect("a deadline"));
    assert_eq!(sent(&mut client)[0].1.server_boot, 7);
    client.receive(port, &taken, now);
    assert_eq!(client.outcome(), Some(&Ok(Sent { replaced: vec![] })));
}

#[test]
fn what_cannot_be_sent_is_refused_before_anything_is() {
    let new = |outgoing: Outgoing| {
        let options = ClientOptions::default();
        Client::new(&outgoing, IpAddr::from(RECIPIENT), options, RANDOM, Instant::now()).map(drop)
    };
    let long = "a".repeat(4096);
    assert_eq!(new(outgoing(&long)), Err(CallError::TextTooLong { max: 4095, got: 4096 }));
    let nameless = Outgoing { to: String::new(), ..outgoing("hello") };
    assert!(matches!(new(nameless), Err(CallError::Name(_))));
}
