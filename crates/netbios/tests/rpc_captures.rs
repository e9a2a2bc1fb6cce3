//! Calls between real programs: every packet is read and written again byte for byte, and so are their arguments.

use std::path::Path;
use std::time::Instant;

use netbios::code_page::CodePage;
use netbios::rpc::ndr::ByteOrder;
use netbios::rpc::pdu::{Header, Kind, PduError};
use netbios::rpc::send_message::{INTERFACE, INTERFACE_VERSION, Request};
use netbios::rpc::server::{Limits, Server};

const CAPTURES: [&str; 4] =
    ["rpc-cl-epm-dump", "rpc-cl-impacket-idem0", "rpc-cl-impacket-idem1", "rpc-cl-netrsendmessage-scapy"];
const UDP: u8 = 17;

/// The payloads of the UDP datagrams of a capture, in order.
fn datagrams(name: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name).with_extension("pcap");
    let capture = std::fs::read(&path).expect("a readable capture");
    let mut rest = &capture[24..];
    let mut datagrams = Vec::new();
    while let Some((record, after)) = rest.split_at_checked(16) {
        let captured = u32::from_le_bytes(record[8..12].try_into().expect("four bytes")) as usize;
        let (frame, after) = after.split_at(captured);
        rest = after;
        let packet = &frame[14..];
        if frame[12..14] == [0x08, 0x00] && packet[9] == UDP {
            let total = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
            datagrams.push(packet[usize::from(packet[0] & 0x0f) * 4 + 8..total].to_vec());
        }
    }
    datagrams
}

#[test]
fn every_captured_packet_is_written_as_it_was_read() {
    let mut seen = 0;
    for name in CAPTURES {
        for datagram in datagrams(name) {
            let (header, body) = Header::decode(&datagram).unwrap();
            assert_eq!(header.encode(body), datagram, "{name}");
            seen += 1;
        }
    }
    assert_eq!(seen, 10);
}

#[test]
fn captured_calls_are_read_and_written_the_same() {
    for (name, message) in [
        ("rpc-cl-impacket-idem0", ("IMPACKET", "SRV2", "hello over ncadg\nline2")),
        ("rpc-cl-impacket-idem1", ("IMPACKET", "SRV2", "hello over ncadg\nline2")),
        ("rpc-cl-netrsendmessage-scapy", ("ALICE", "SRV2", "Grüße, hello\nline2")),
    ] {
        let datagram = datagrams(name).remove(0);
        let (header, body) = Header::decode(&datagram).unwrap();
        assert_eq!((header.kind, header.interface), (Kind::Request, INTERFACE));
        assert_eq!((header.interface_version, header.order), (INTERFACE_VERSION, ByteOrder::Little));
        let request = Request::decode(body, header.order, 1000).unwrap();
        let read = [request.from, request.to, request.text].map(|bytes| CodePage::DEFAULT.decode(bytes));
        assert_eq!((&*read[0], &*read[1], &*read[2]), message, "{name}");
        // The hand-made one has one superfluous byte at its end.
        let written = request.encode(header.order);
        assert_eq!(written, body[..written.len()], "{name}");
        assert!(body.len() - written.len() <= 1, "{name}");
    }
}

#[test]
fn a_packet_survives_in_the_other_order_of_bytes() {
    let (mut header, body) = (Header::decode(&datagrams(CAPTURES[1])[1]).unwrap().0, b"body");
    header.order = ByteOrder::Big;
    header.serial = 0x1234;
    let packet = header.encode(body);
    assert_eq!(Header::decode(&packet), Ok((header, &body[..])));
}

#[test]
fn every_shorter_packet_is_refused() {
    let whole = datagrams(CAPTURES[1]).remove(0);
    for length in 0..whole.len() {
        let refused = Header::decode(&whole[..length]);
        assert!(matches!(refused, Err(PduError::Truncated { .. })), "{length}");
    }
}

#[test]
fn a_captured_conversation_passes_the_server() {
    let [request, callback, proof, ..] = &datagrams("rpc-cl-impacket-idem0")[..] else {
        panic!("expected a call, a callback and an answer to it");
    };
    let (asked, body) = Header::decode(callback).unwrap();
    let boot = u32::from_le_bytes(body[16..].try_into().expect("the start of the server"));
    let mut server = Server::new(CodePage::DEFAULT, Limits::default(), boot);
    let (caller, now) = (([10, 77, 0, 1], 42203).into(), Instant::now());
    server.receive(request, caller, asked.activity.0, now);
    assert_eq!(server.poll_transmit(), Some((caller, callback.clone())));
    assert_eq!(server.poll(), None);
    server.receive(proof, caller, [0; 16], now);
    let event = server.poll().expect("the message");
    assert_eq!(event.message.text, "hello over ncadg\nline2");
}
