//! A server of calls, on captured traffic and on what spammers and lossy networks make of it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::receiver::Answer;
use netbios::rpc::Uuid;
use netbios::rpc::ndr::ByteOrder;
use netbios::rpc::pdu::{Header, Kind, flag, status};
use netbios::rpc::send_message::{INTERFACE, INTERFACE_VERSION, Request};
use netbios::rpc::server::{Event, Limits, Server};
use proptest::prelude::*;

const BOOT: u32 = 0x6b00_1000;
const RANDOM: [u8; 16] = [7; 16];

struct Fixture {
    server: Server,
    address: SocketAddr,
    now: Instant,
    /// How many bytes came that were not answered.
    credit: usize,
}

impl Fixture {
    fn new() -> Self {
        let limits =
            Limits { activities_max: 8, activities_per_address_max: 4, unproved_max: 6, ..Limits::default() };
        let server = Server::new(CodePage::DEFAULT, limits, BOOT);
        Self { server, address: SocketAddr::from(([10, 77, 0, 1], 42203)), now: Instant::now(), credit: 0 }
    }

    /// What is answered to a datagram: never more than came.
    fn ask(&mut self, datagram: &[u8]) -> Vec<(Header, Vec<u8>)> {
        self.server.receive(datagram, self.address, RANDOM, self.now);
        let answers = self.answers();
        let sizes: usize = answers.iter().map(|(_, body)| 80 + body.len()).sum();
        self.credit = (self.credit + datagram.len()).checked_sub(sizes).expect("no more than came");
        answers
    }

    fn answers(&mut self) -> Vec<(Header, Vec<u8>)> {
        let mut answers = Vec::new();
        while let Some((address, datagram)) = self.server.poll_transmit() {
            assert_eq!(address, self.address);
            let (header, body) = Header::decode(&datagram).unwrap_or_else(|error| panic!("{error}"));
            answers.push((header, body.to_vec()));
        }
        answers
    }

    fn kinds(&mut self, datagram: &[u8]) -> Vec<Kind> {
        self.ask(datagram).into_iter().map(|(header, _)| header.kind).collect()
    }

    fn prove(&mut self, sequence: u32) -> Vec<Kind> {
        self.kinds(&proof(sequence))
    }

    fn answer(&mut self, event: &Event, answer: Answer) -> Vec<(Header, Vec<u8>)> {
        self.server.answer(event.call, answer, self.now);
        self.answers()
    }
}

fn header(sequence: u32, flags: u8) -> Header {
    let header = Header::new(Kind::Request, INTERFACE, INTERFACE_VERSION, Uuid([1; 16]));
    Header { sequence, flags, ..header }
}

fn stub() -> Vec<u8> {
    Request { from: b"ALICE", to: b"SRV2", text: b"Gr\x81\xe1e\x14line 2" }.encode(ByteOrder::Little)
}

fn request(sequence: u32, flags: u8) -> Vec<u8> {
    header(sequence, flags).encode(&stub())
}

/// The answer of the caller to `conv_who_are_you2`.
fn proof(sequence: u32) -> Vec<u8> {
    let header = Header::new(Kind::Response, Uuid::NIL, 0, Uuid(RANDOM));
    let body = [&sequence.to_le_bytes()[..], &[0; 20]].concat();
    header.encode(&body)
}

#[test]
fn a_message_comes_once_the_caller_has_proved_its_address_and_is_answered_once_it_is_kept() {
    let mut fixture = Fixture::new();
    let [(callback, body)] = &fixture.ask(&request(0, 0))[..] else { panic!("expected a callback") };
    assert_eq!(callback.interface.to_string(), "333a2276-0000-0000-0d00-00809c000000");
    assert_eq!((callback.interface_version, callback.operation, callback.activity), (3, 1, Uuid(RANDOM)));
    assert_eq!(body[16..], BOOT.to_le_bytes());
    assert_eq!(fixture.server.poll(), None);
    assert_eq!(fixture.prove(0), [Kind::Working]);
    let event = fixture.server.poll().expect("a message");
    let message = [&event.message.from, &event.message.to, &event.message.text];
    assert_eq!(message, ["ALICE", "SRV2", "Grüße\nline 2"]);
    assert_eq!(fixture.kinds(&request(0, 0)), [Kind::Working]);
    let answers = fixture.answer(&event, Answer::Accepted);
    assert_eq!((answers[0].0.kind, &answers[0].1[..]), (Kind::Response, &[0; 4][..]));
    // The response was lost: it is said again, and the message does not come again.
    assert_eq!(fixture.kinds(&request(0, 0)), [Kind::Response]);
    let ping = Header { kind: Kind::Ping, ..header(0, 0) }.encode(&[0; 4]);
    assert_eq!(fixture.kinds(&ping), [Kind::Response]);
    assert_eq!(fixture.kinds(&Header { kind: Kind::Ack, ..header(0, 0) }.encode(&[])), []);
    assert_eq!(fixture.kinds(&request(0, 0)), []);
    // The next call of the same caller needs no proof, and an older one is not executed.
    assert_eq!(fixture.kinds(&request(1, 0)), [Kind::Working]);
    let event = fixture.server.poll().expect("another message");
    let answers = fixture.answer(&event, Answer::NoSuchName);
    assert_eq!(answers[0].1, 2273u32.to_le_bytes());
    assert_eq!(fixture.kinds(&request(0, 0)), []);
    assert_eq!(fixture.server.poll(), None);
}

#[test]
fn calls_that_need_no_proof_are_not_executed() {
    for (flags, answers) in [
        (flag::IDEMPOTENT, &[status::PROTOCOL][..]),
        (flag::IDEMPOTENT | flag::BROADCAST, &[]),
        (flag::MAYBE, &[]),
        (0x2e, &[status::PROTOCOL]),
    ] {
        let mut fixture = Fixture::new();
        let seen: Vec<u32> = fixture
            .ask(&request(0, flags))
            .into_iter()
            .map(|(header, body)| {
                assert_eq!(header.kind, Kind::Reject);
                u32::from_le_bytes(body.try_into().expect("a status"))
            })
            .collect();
        assert_eq!(seen, answers, "{flags:#x}");
        assert_eq!((fixture.server.poll(), fixture.server.activities()), (None, 0));
    }
}

#[test]
fn a_proof_from_elsewhere_or_for_an_older_call_proves_nothing() {
    let mut fixture = Fixture::new();
    fixture.ask(&request(5, 0));
    let elsewhere = SocketAddr::from(([10, 77, 0, 9], 1));
    fixture.server.receive(&proof(5), elsewhere, RANDOM, fixture.now);
    assert_eq!((fixture.server.poll(), fixture.server.poll_transmit()), (None, None));
    assert_eq!(fixture.prove(6), []);
    assert_eq!((fixture.server.poll(), fixture.server.activities()), (None, 0));
}

#[test]
fn what_is_not_served_is_rejected() {
    let mut fixture = Fixture::new();
    let mut expect = |header: Header, expected: u32| {
        let answers = fixture.ask(&header.encode(&stub()));
        assert_eq!(answers[0].0.kind, Kind::Reject);
        assert_eq!(answers[0].1, expected.to_le_bytes());
    };
    expect(Header { interface: Uuid([9; 16]), ..header(0, 0) }, status::UNKNOWN_INTERFACE);
    expect(Header { operation: 1, ..header(0, 0) }, status::OPERATION_RANGE);
    expect(Header { server_boot: 1, ..header(0, 0) }, status::WRONG_BOOT_TIME);
    // An answer would be larger than the question.
    assert_eq!(fixture.kinds(&Header { operation: 1, ..header(0, 0) }.encode(&[])), []);
}

#[test]
fn arguments_that_cannot_be_read_are_a_fault() {
    let mut fixture = Fixture::new();
    fixture.ask(&header(0, 0).encode(&[0xff; 40]));
    assert_eq!(fixture.prove(0), [Kind::Fault]);
    assert_eq!(fixture.server.poll(), None);
}

#[test]
fn fragments_in_any_order_and_twice_make_one_message() {
    let stub = stub();
    let pieces: Vec<Vec<u8>> = stub.chunks(30).map(<[u8]>::to_vec).collect();
    let fragment = |number: usize| {
        let last = if number + 1 == pieces.len() { flag::LAST_FRAGMENT } else { 0 };
        let fragment = u16::try_from(number).expect("few");
        Header { fragment, ..header(0, flag::FRAGMENT | last) }.encode(&pieces[number])
    };
    let mut fixture = Fixture::new();
    let mut last = Vec::new();
    for number in (0..pieces.len()).rev().chain(1..pieces.len()).chain([0]) {
        last = fixture.kinds(&fragment(number));
    }
    assert_eq!(last, [Kind::Request]);
    assert_eq!(fixture.prove(0), [Kind::Working]);
    assert_eq!(fixture.server.poll().map(|event| event.message.to), Some("SRV2".to_owned()));
    assert_eq!(fixture.server.poll(), None);
}

#[test]
fn the_pieces_of_a_call_pay_together_for_the_callback_that_its_last_is_too_small_for() {
    let stub = stub();
    let (first, last) = stub.split_at(stub.len() - 5);
    let mut fixture = Fixture::new();
    let first = header(0, flag::FRAGMENT | flag::NO_FRAGMENT_ACK).encode(first);
    assert_eq!(fixture.kinds(&first), []);
    let last = Header { fragment: 1, ..header(0, flag::FRAGMENT | flag::LAST_FRAGMENT) }.encode(last);
    assert_eq!(fixture.kinds(&last), [Kind::Request]);
    // Copies of the small piece are answered only until everything is paid back.
    let answered: usize = (0..20).map(|_| fixture.kinds(&last).len()).sum();
    assert!((10..20).contains(&answered), "{answered}");
    assert_eq!(fixture.prove(0), [Kind::Working]);
    assert_eq!(fixture.server.poll().map(|event| event.message.from), Some("ALICE".to_owned()));
}

#[test]
fn a_caller_that_does_not_count_its_calls_is_believed_and_one_that_does_not_know_the_call_is_not() {
    let mut fixture = Fixture::new();
    fixture.ask(&request(5, 0));
    assert_eq!(fixture.prove(0), [Kind::Working]);
    assert!(fixture.server.poll().is_some());
    let mut fixture = Fixture::new();
    fixture.ask(&request(5, 0));
    let mut unknown = proof(5);
    *unknown.last_mut().expect("a status") = 0x1c;
    assert_eq!(fixture.kinds(&unknown), []);
    assert_eq!((fixture.server.poll(), fixture.server.activities()), (None, 0));
}

/// A call of its own activity from an address.
fn call(fixture: &mut Fixture, address: [u8; 4], port: u16, caller: u8) {
    fixture.now += Duration::from_millis(1);
    let activity = Uuid([caller; 16]);
    let datagram = Header { activity, ..header(0, 0) }.encode(&stub());
    fixture.server.receive(&datagram, SocketAddr::from((address, port)), [caller; 16], fixture.now);
    while fixture.server.poll_transmit().is_some() {}
}

/// The message of a caller that began before, if it is believed when it proves its address now.
fn prove(fixture: &mut Fixture, address: [u8; 4], port: u16, caller: u8) -> Option<Event> {
    let answer = Header::new(Kind::Response, Uuid::NIL, 0, Uuid([caller; 16])).encode(&[0; 24]);
    fixture.server.receive(&answer, SocketAddr::from((address, port)), RANDOM, fixture.now);
    while fixture.server.poll_transmit().is_some() {}
    fixture.server.poll()
}

const HONEST: [u8; 4] = [10, 77, 0, 1];
const FLOODER: [u8; 4] = [10, 77, 0, 2];

#[test]
fn callers_are_bounded_by_their_address_whatever_their_port_and_forgotten() {
    let mut fixture = Fixture::new();
    for caller in 0..20 {
        call(&mut fixture, HONEST, 1000 + u16::from(caller), caller);
    }
    assert_eq!(fixture.server.activities(), 4);
    assert!(fixture.server.deadline().is_some_and(|deadline| deadline > fixture.now));
    fixture.now += Limits::default().unproved_timeout;
    fixture.server.handle_timeout(fixture.now);
    assert_eq!((fixture.server.activities(), fixture.server.deadline()), (0, None));
}

#[test]
fn who_pretends_to_be_at_many_addresses_keeps_nobody_out() {
    let mut fixture = Fixture::new();
    // One real caller is at work, and its message is decided on.
    call(&mut fixture, HONEST, 1, 200);
    assert!(prove(&mut fixture, HONEST, 1, 200).is_some());
    for host in 2..100 {
        call(&mut fixture, [10, 77, 0, host], 1, host);
        assert!(fixture.server.activities() <= 1 + 6, "no more than their share");
    }
    // Another one comes in the middle of it, and a flooder with an address of its own pushes nobody out.
    call(&mut fixture, HONEST, 2, 201);
    for caller in 100..120 {
        call(&mut fixture, FLOODER, u16::from(caller), caller);
    }
    assert!(prove(&mut fixture, HONEST, 2, 201).is_some());
}

#[test]
fn who_has_most_of_the_places_of_the_unproved_makes_room() {
    let limits = Limits { unproved_max: 3, ..Limits::default() };
    let server = Server::new(CodePage::DEFAULT, limits, BOOT);
    let mut fixture = Fixture { server, ..Fixture::new() };
    call(&mut fixture, HONEST, 1, 200);
    for caller in 0..10 {
        call(&mut fixture, FLOODER, u16::from(caller), caller);
    }
    assert_eq!(fixture.server.activities(), 3);
    assert!(prove(&mut fixture, HONEST, 1, 200).is_some(), "it came first, and has one place");
}

#[test]
fn who_calls_again_and_again_is_let_in_as_long_as_it_says_that_it_has_its_answers() {
    for (acknowledges, messages) in [(true, 50), (false, 4)] {
        let mut fixture = Fixture::new();
        let mut taken = 0;
        for caller in 0..50 {
            call(&mut fixture, HONEST, 1, caller);
            let Some(event) = prove(&mut fixture, HONEST, 1, caller) else { continue };
            taken += 1;
            fixture.server.answer(event.call, Answer::Accepted, fixture.now);
            if acknowledges {
                let activity = Uuid([caller; 16]);
                let acknowledgement = Header { kind: Kind::Ack, activity, ..header(0, 0) }.encode(&[]);
                let from = SocketAddr::from((HONEST, 1));
                fixture.server.receive(&acknowledgement, from, RANDOM, fixture.now);
            }
        }
        assert_eq!(taken, messages);
    }
}

proptest! {
    #[test]
    fn nothing_makes_the_server_panic_or_answer_more_than_it_was_asked(
        changes in prop::collection::vec((0usize..160, any::<u8>(), any::<bool>()), 0..40),
    ) {
        let mut fixture = Fixture::new();
        for (place, byte, proves) in changes {
            let mut datagram = if proves { proof(0) } else { request(0, 0) };
            if let Some(changed) = datagram.get_mut(place) {
                *changed = byte;
            }
            fixture.ask(&datagram);
            prop_assert!(fixture.server.activities() <= 4);
        }
    }
}
