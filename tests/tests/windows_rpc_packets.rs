//! Calls of the messenger, as Wireshark reads them and as impacket makes them.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use end_to_end::{Datagram, Dissection, package_path, peers_folder};
use netbios::code_page::CodePage;
use netbios::receiver::{Answer, Message};
use netbios::rpc::Uuid;
use netbios::rpc::client::{Client, ClientOptions, Port};
use netbios::rpc::conversation::{self, Question};
use netbios::rpc::endpoint::{self, MapRequest};
use netbios::rpc::ndr::ByteOrder;
use netbios::rpc::pdu::{Header, Kind, flag, status};
use netbios::rpc::send_message;
use netbios::rpc::server::{Limits, Server};
use netbios::sender::Outgoing;

const HERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 77, 0, 1), 1031);
const MAPPER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 77, 0, 2), endpoint::PORT);
const MESSAGES: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 77, 0, 2), 1027);
/// The number of packets that ask whether the server still works.
const PING: u8 = 1;
const BOOT: u32 = 0x6b00_1000;

fn server() -> Server {
    let mut server = Server::new(CodePage::DEFAULT, Limits::default(), BOOT);
    server.map_messages_to(MESSAGES);
    server
}

fn v4(address: SocketAddr) -> SocketAddrV4 {
    let SocketAddr::V4(address) = address else { panic!("expected IPv4, got {address}") };
    address
}

/// All packets of a message from our client to our server, which thinks until it was asked again.
fn conversation(text: &str) -> Vec<Datagram> {
    let mut now = Instant::now();
    let outgoing =
        Outgoing { called: "SRV2".into(), from: "ALICE".into(), to: "SRV2".into(), text: text.into() };
    let options = ClientOptions { port: Port::MappedBy(endpoint::PORT), ..ClientOptions::default() };
    let random = [[1; 16], [2; 16]];
    let mut client = Client::new(&outgoing, (*MAPPER.ip()).into(), options, random, now).expect("a client");
    let (mut server, mut calls, mut packets) = (server(), Vec::new(), Vec::new());
    while client.outcome().is_none() {
        while let Some((to, datagram)) = client.poll_transmit() {
            server.receive(&datagram, HERE.into(), [9; 16], now);
            packets.push((HERE, v4(to), datagram));
            calls.extend(std::iter::from_fn(|| server.poll()).map(|event| event.call));
            let asked_again = packets.iter().filter(|(_, _, datagram)| datagram[1] == PING).count();
            if asked_again == 2 {
                calls.drain(..).for_each(|call| server.answer(call, Answer::Accepted, now));
            }
            while let Some((_, answer)) = server.poll_transmit() {
                client.receive(to, &answer, now);
                packets.push((v4(to), HERE, answer));
            }
        }
        now = client.deadline().unwrap_or(now);
        client.handle_timeout(now);
    }
    assert!(client.outcome().is_some_and(Result::is_ok), "{:?}", client.outcome());
    packets.extend(std::iter::from_fn(|| client.poll_transmit()).map(|(to, sent)| (HERE, v4(to), sent)));
    packets
}

/// What the server answers to packets of a caller that it does not take.
fn refusals() -> Vec<Datagram> {
    let call = Header::new(Kind::Request, send_message::INTERFACE, 1, Uuid([3; 16]));
    let map = Header::new(Kind::Request, endpoint::INTERFACE, endpoint::INTERFACE_VERSION, Uuid([4; 16]));
    let map = Header { operation: endpoint::MAP, ..map };
    let stub = send_message::Request { from: b"ALICE", to: b"SRV2", text: b"hello" };
    let big = Header { order: ByteOrder::Big, ..call };
    let questions = [
        Header { flags: flag::IDEMPOTENT, ..call }.encode(&stub.encode(ByteOrder::Little)),
        Header { flags: flag::IDEMPOTENT, ..big }.encode(&stub.encode(ByteOrder::Big)),
        Header { kind: Kind::Ping, ..call }.encode(&[]),
        map.encode(&MapRequest::encode(Uuid([9; 16]), 1, ByteOrder::Little)),
        map.encode(&[0xff; 40]),
    ];
    let mut server = server();
    let mut packets = Vec::new();
    for question in questions {
        server.receive(&question, HERE.into(), [9; 16], Instant::now());
        packets.extend(std::iter::from_fn(|| server.poll_transmit()).map(|sent| (MAPPER, HERE, sent.1)));
    }
    assert_eq!(packets.len(), 5);
    packets
}

/// Wireshark finds no fault with these packets, and takes every one for a call.
fn dissect(packets: &[Datagram]) -> Dissection {
    let dissection = Dissection::of(packets);
    let faults = dissection.text("_ws.malformed || _ws.expert || _ws.short || !dcerpc");
    assert!(faults.is_empty(), "{faults}");
    dissection
}

/// The kinds of packets by their numbers, with a `<` before what the server sends.
fn kinds(packets: &[Datagram], dissection: &Dissection) -> Vec<String> {
    let seen = dissection.fields(&["dcerpc.pkt_type", "udp.dstport"]);
    assert_eq!(seen.len(), packets.len());
    let spell = |seen: Vec<String>| format!("{}{}", if seen[1] == "1031" { "<" } else { "" }, seen[0]);
    seen.into_iter().map(spell).collect()
}

#[test]
fn wireshark_reads_a_whole_conversation_as_it_is_meant() {
    let packets = conversation("Gr\u{fc}\u{df}e");
    let dissection = dissect(&packets);
    let expected = ["0", "<2", "0", "<0", "2", "<4", "1", "<4", "1", "<4", "<2", "7"];
    assert_eq!(kinds(&packets, &dissection), expected);
    let fields = [
        "epm.opnum",
        "epm.proto.udp_port",
        "epm.proto.ip",
        "epm.rc",
        "conv.opnum",
        "conv.who_are_you2_resp_seq",
        "messenger.server",
        "messenger.client",
        "messenger.rc",
        "dcerpc.dg_server_boot",
    ];
    let seen = dissection.fields(&fields);
    assert_eq!(seen[0][..3], ["3", "0", "0.0.0.0"]);
    assert_eq!(seen[1][..4], ["3", "1027", "10.77.0.2", "0x00000000"]);
    assert_eq!(seen[3][4], "1");
    assert_eq!(seen[4][4..6], ["1", "0"]);
    assert_eq!(seen[2][6..8], ["ALICE", "SRV2"]);
    assert_eq!(seen[10][8], "0x00000000");
    let asked = dissection.text("conv.who_are_you2_rqst_actuid == 02020202-0202-0202-0202-020202020202");
    assert!(asked.contains("Operation: who_are_you2 (1)"), "{asked}");
    let mapped = dissection.text("epm.num_towers == 1");
    assert!(mapped.contains("5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc"), "{mapped}");
}

#[test]
fn wireshark_puts_the_pieces_of_a_long_message_together() {
    let text = "All work and no play makes Jack a dull boy. ".repeat(60);
    let packets = conversation(&text);
    let dissection = dissect(&packets);
    let seen = kinds(&packets, &dissection);
    // Two acknowledgements of fragments; the last one is answered by the callback.
    assert_eq!(seen.iter().filter(|kind| *kind == "<9").count(), 2, "{seen:?}");
    let messages = dissection.fields(&["messenger.message"]);
    let whole: Vec<&String> = messages.iter().flatten().filter(|message| !message.is_empty()).collect();
    assert_eq!(whole, [&text]);
}

#[test]
fn wireshark_reads_refusals_as_they_are_meant() {
    let packets = refusals();
    let dissection = Dissection::of(&packets);
    assert_eq!(kinds(&packets, &dissection), ["<6", "<6", "<5", "<2", "<3"]);
    let seen = dissection.fields(&["dcerpc.dg_status", "epm.num_towers", "epm.rc", "dcerpc.dg_server_boot"]);
    let protocol = format!("0x{:08x}", status::PROTOCOL);
    assert_eq!([&seen[0][0], &seen[1][0]], [&protocol, &protocol]);
    assert_eq!(seen[3][1..3], ["0".to_owned(), format!("0x{:08x}", endpoint::NOT_REGISTERED)]);
    assert_eq!(seen[4][0], format!("0x{:08x}", status::BAD_STUB));
    let faults = dissection.text("_ws.malformed || _ws.short || !dcerpc");
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn wireshark_reads_both_ways_to_ask_who_calls() {
    let question = Question { activity: Uuid([2; 16]), server_boot: BOOT };
    let header =
        Header::new(Kind::Request, conversation::INTERFACE, conversation::INTERFACE_VERSION, Uuid([9; 16]));
    let answer = conversation::Answer { sequence: 5, status: 0 };
    let mut packets = Vec::new();
    for (operation, address_space) in [(0, None), (1, Some(Uuid::NIL))] {
        let activity = Uuid([operation as u8 + 9; 16]);
        let asks = Header { operation, activity, ..header };
        packets.push((MESSAGES, HERE, asks.encode(&question.encode(header.order))));
        let reply =
            Header { kind: Kind::Response, ..asks }.encode(&answer.encode(address_space, header.order));
        packets.push((HERE, MESSAGES, reply));
    }
    let dissection = dissect(&packets);
    let seen = dissection.fields(&["conv.who_are_you_resp_seq", "conv.who_are_you2_resp_seq", "conv.status"]);
    assert_eq!([&seen[1][0], &seen[3][1]], ["5", "5"]);
    assert_eq!([&seen[1][2], &seen[3][2]], ["0", "0"]);
}

/// Python 2.7 with impacket 0.9.11, where `cargo xtask test` found one.
fn impacket() -> Option<PathBuf> {
    let python = peers_folder().join("impacket-0.9.11/python2.7");
    if !python.exists() {
        println!("no Python 2.7 on this computer: impacket 0.9.11 is not tried, only its captures are");
    }
    python.exists().then_some(python)
}

/// Serves messages on this computer until impacket is done with its call.
fn serve(python: &PathBuf, arguments: &[&str]) -> (Output, Vec<Message>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a time limit");
    let port = socket.local_addr().expect("an address").port().to_string();
    let mut call = Command::new(python);
    call.arg(package_path("peers/impacket_call.py")).arg(port).args(arguments);
    call.env("PYTHONPATH", peers_folder().join("impacket-0.9.11/packages")).env_remove("PYTHONHOME");
    call.env("PYTHONDONTWRITEBYTECODE", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = call.spawn().expect("Python 2.7 starts");
    let (mut server, mut messages, mut count) = (server(), Vec::new(), 0);
    let mut buffer = [0; 65536];
    while child.try_wait().expect("a child").is_none() {
        let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
        count += 1;
        server.receive(&buffer[..length], from, [count; 16], Instant::now());
        while let Some(event) = server.poll() {
            messages.push(event.message);
            server.answer(event.call, Answer::Accepted, Instant::now());
        }
        while let Some((to, datagram)) = server.poll_transmit() {
            socket.send_to(&datagram, to).expect("it is sent");
        }
    }
    (child.wait_with_output().expect("its output"), messages)
}

fn printed(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn impacket_proves_its_address_and_delivers_a_message() {
    let Some(python) = impacket() else { return };
    let text = "hello over ncadg\u{14}line2";
    let (output, messages) = serve(&python, &["plain", "send", "IMPACKET", "SRV2", text]);
    assert_eq!(printed(&output), "00000000");
    let [message] = &messages[..] else { panic!("expected one message, got {messages:?}") };
    let seen = [&message.from, &message.to, &message.text];
    assert_eq!(seen, ["IMPACKET", "SRV2", "hello over ncadg\nline2"]);
}

#[test]
fn impacket_is_refused_where_it_wants_to_prove_nothing() {
    let Some(python) = impacket() else { return };
    let (output, messages) = serve(&python, &["idempotent", "send", "IMPACKET", "SRV2", "hello"]);
    assert_eq!(printed(&output), "0b00011c");
    assert_eq!(messages, []);
}

#[test]
fn impacket_learns_from_the_mapper_where_messages_are_taken() {
    let Some(python) = impacket() else { return };
    let (output, _) = serve(&python, &["idempotent", "map"]);
    assert_eq!(printed(&output), "0 1027 10.77.0.2");
}
