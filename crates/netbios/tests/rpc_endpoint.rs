//! The endpoint mapper: it tells where messages are taken, and nothing else to nobody.

use std::net::{SocketAddr, SocketAddrV4};
use std::time::Instant;

use netbios::code_page::CodePage;
use netbios::rpc::Uuid;
use netbios::rpc::endpoint::{self, MapRequest, MapResponse, NOT_REGISTERED};
use netbios::rpc::ndr::ByteOrder;
use netbios::rpc::pdu::{Header, Kind, flag, status};
use netbios::rpc::send_message::{self, Request};
use netbios::rpc::server::{Limits, Server};

const RANDOM: [u8; 16] = [7; 16];
const ORDER: ByteOrder = ByteOrder::Little;

fn endpoint() -> SocketAddrV4 {
    SocketAddrV4::new([10, 77, 0, 2].into(), 1027)
}

fn caller() -> SocketAddr {
    ([10, 77, 0, 1], 1031).into()
}

fn mapper() -> Server {
    let mut server = Server::new(CodePage::DEFAULT, Limits::default(), 1);
    server.map_messages_to(endpoint());
    server
}

fn header(flags: u8) -> Header {
    let header = Header::new(Kind::Request, endpoint::INTERFACE, endpoint::INTERFACE_VERSION, Uuid([1; 16]));
    Header { flags, operation: endpoint::MAP, ..header }
}

fn question() -> Vec<u8> {
    MapRequest::encode(send_message::INTERFACE, send_message::INTERFACE_VERSION, ORDER)
}

/// The question of a caller that names no object: it is shorter than the answer.
fn short_question() -> Vec<u8> {
    let question = question();
    [&[0; 4], &question[20..]].concat()
}

fn ask(server: &mut Server, datagram: &[u8]) -> Vec<(Header, Vec<u8>)> {
    server.receive(datagram, caller(), RANDOM, Instant::now());
    std::iter::from_fn(|| server.poll_transmit())
        .map(|(to, datagram)| {
            assert_eq!(to, caller());
            let (header, body) = Header::decode(&datagram).expect("a packet");
            (header, body.to_vec())
        })
        .collect()
}

fn results(answers: &[(Header, Vec<u8>)]) -> MapResponse {
    let [(header, body)] = answers else { panic!("expected one answer, got {answers:?}") };
    assert_eq!(header.kind, Kind::Response);
    MapResponse::decode(body, header.order).expect("results")
}

#[test]
fn a_caller_learns_where_messages_are_taken_without_a_proof() {
    for flags in [0, flag::IDEMPOTENT, flag::FRAGMENT | flag::LAST_FRAGMENT] {
        let mut server = mapper();
        let datagram = header(flags).encode(&question());
        let answers = ask(&mut server, &datagram);
        assert!(80 + answers[0].1.len() <= datagram.len());
        let results = results(&answers);
        assert_eq!((results.status, results.towers.len()), (0, 1));
        assert_eq!(results.towers[0].endpoint, endpoint());
        assert_eq!(results.towers[0].interface, send_message::INTERFACE);
        assert_eq!(server.activities(), 0);
    }
}

#[test]
fn a_caller_whose_question_is_shorter_than_the_answer_proves_its_address_first() {
    for flags in [0, flag::IDEMPOTENT] {
        let mut server = mapper();
        let datagram = header(flags).encode(&short_question());
        let [(callback, _)] = &ask(&mut server, &datagram)[..] else { panic!("expected a callback") };
        assert_eq!((callback.kind, callback.activity), (Kind::Request, Uuid(RANDOM)));
        let proof = Header::new(Kind::Response, Uuid::NIL, 0, Uuid(RANDOM)).encode(&[0; 24]);
        assert_eq!(results(&ask(&mut server, &proof)).towers[0].endpoint, endpoint());
        assert_eq!(results(&ask(&mut server, &datagram)).towers[0].endpoint, endpoint(), "said again");
        assert_eq!(server.poll(), None);
    }
}

#[test]
fn nothing_else_is_registered() {
    let tower = |interface, version| MapRequest::encode(interface, version, ORDER);
    let changed = |place: usize, value: u8| {
        let mut question = question();
        question[place] = value;
        question
    };
    let questions = [
        tower(Uuid([9; 16]), 1),
        tower(send_message::INTERFACE, 2),
        tower(send_message::INTERFACE, 0x0001_0001),
        // Connection-oriented calls, a search that goes on, and no answer wanted.
        changed(32 + 2 + 25 + 25 + 2, 0x0b),
        changed(32 + 75 + 1 + 4, 1),
        changed(32 + 75 + 1 + 20, 0),
    ];
    for question in questions {
        let results = results(&ask(&mut mapper(), &header(0).encode(&question)));
        assert_eq!((results.status, results.towers), (NOT_REGISTERED, vec![]), "{question:02x?}");
    }
}

#[test]
fn other_calls_are_rejected_and_questions_to_everybody_are_not_answered() {
    let status = |header: Header| {
        let answers = ask(&mut mapper(), &header.encode(&question()));
        answers.first().map(|(header, body)| (header.kind, u32::from_le_bytes(body[..4].try_into().unwrap())))
    };
    let rejected = |status| Some((Kind::Reject, status));
    assert_eq!(status(Header { operation: 2, ..header(0) }), rejected(status::OPERATION_RANGE));
    assert_eq!(status(Header { interface_version: 4, ..header(0) }), rejected(status::UNKNOWN_INTERFACE));
    assert_eq!(status(Header { server_boot: 7, ..header(0) }), rejected(status::WRONG_BOOT_TIME));
    assert_eq!(status(header(flag::BROADCAST | flag::IDEMPOTENT)), None);
    assert_eq!(status(header(flag::MAYBE)), None);
    let garbage = header(0).encode(&[0xff; 40]);
    assert_eq!(ask(&mut mapper(), &garbage)[0].0.kind, Kind::Fault);
    // A server that is no mapper knows nothing of it.
    let mut server = Server::new(CodePage::DEFAULT, Limits::default(), 1);
    let answers = ask(&mut server, &header(0).encode(&question()));
    assert_eq!(answers[0].1, status::UNKNOWN_INTERFACE.to_le_bytes());
}

#[test]
fn messages_that_come_straight_to_the_mapper_are_taken() {
    let mut server = mapper();
    let header = Header::new(Kind::Request, send_message::INTERFACE, 1, Uuid([1; 16]));
    let stub = Request { from: b"ALICE", to: b"SRV2", text: b"hello" }.encode(ORDER);
    assert_eq!(ask(&mut server, &header.encode(&stub))[0].0.kind, Kind::Request);
    assert_eq!(server.poll(), None);
    ask(&mut server, &Header::new(Kind::Response, Uuid::NIL, 0, Uuid(RANDOM)).encode(&[0; 24]));
    assert_eq!(server.poll().map(|event| event.message.text), Some("hello".to_owned()));
}
