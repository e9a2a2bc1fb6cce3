//! Packets of the name service between `nmbd`, `nmblookup` and `nbtscan`: read, written and built anew.

mod support;

use std::net::Ipv4Addr;

use netbios::code_page::CodePage;
use netbios::name::{Name, NameDecodeError, Scope, ScopedName, Suffix};
use netbios::name_service::{
    Flags, NameEntry, NameFlags, NodeStatus, NodeType, Opcode, Packet, PacketError, Record, RecordData,
    RecordType, Registration, ResponseCode, STATISTICS_BYTES, StatusName,
};
use support::capture::datagrams;

const ALL: [&str; 11] = [
    "nbns-node-status",
    "nbns-query-03",
    "nbns-query-1b-1d",
    "nbns-query-1e",
    "nbns-query-bcast",
    "nbns-query-neg",
    "nbns-query-star",
    "nbns-query-wins-unicast",
    "nbns-register-bnode-release",
    "nbns-register-conflict",
    "nbns-register-wins-release",
];
const TTL: u32 = 0x3_f480;

fn scoped(text: &str, suffix: u8) -> ScopedName {
    Name::new(text, Suffix(suffix), CodePage::DEFAULT).expect("a name").into()
}

fn flags(group: bool, node_type: NodeType) -> NameFlags {
    NameFlags { group, node_type }
}

fn claim(name: ScopedName, flags: NameFlags, host: u8, ttl: u32) -> Registration {
    Registration { name, flags, address: Ipv4Addr::new(10, 77, 0, host), ttl }
}

/// The packets of a capture.
fn packets(name: &str) -> Vec<Vec<u8>> {
    datagrams(name, 137).into_iter().map(|datagram| datagram.bytes).collect()
}

/// The first packet of a capture with that transaction, as an answer or not, and what it says.
fn packet(name: &str, id: u16, response: bool) -> (Vec<u8>, Packet) {
    let decoded = packets(name).into_iter().map(|bytes| (Packet::decode(&bytes).expect("a packet"), bytes));
    let mut wanted = decoded.filter(|(packet, _)| packet.id == id && packet.flags.response == response);
    wanted.next().map(|(packet, bytes)| (bytes, packet)).expect("it was captured")
}

#[test]
fn every_captured_packet_is_written_as_it_was_read() {
    for name in ALL {
        for bytes in packets(name) {
            let packet = Packet::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            // nmbd's node answers claim recursion; the packet keeps that.
            assert_eq!(packet.encode(), bytes, "{name}: {packet:?}");
        }
    }
}

#[test]
fn queries_are_built_as_captured() {
    let (broadcast, _) = packet("nbns-query-03", 0x7a22, false);
    assert_eq!(Packet::query(0x7a22, scoped("SRV3", 0x03), true).encode(), broadcast);
    let (server, _) = packet("nbns-query-wins-unicast", 0x54a2, false);
    assert_eq!(Packet::query(0x54a2, scoped("SRV2", 0x03), false).encode(), server);
    let (anybody, _) = packet("nbns-query-star", 0x0d16, false);
    assert_eq!(Packet::query(0x0d16, Name::ANY.into(), true).encode(), anybody);
    let (negative, asked) = packet("nbns-query-neg", 0x5bf7, true);
    let name = asked.name().unwrap().clone();
    assert_eq!(Packet::negative_query_response(0x5bf7, name, ResponseCode::NO_SUCH_NAME).encode(), negative);
}

#[test]
fn an_answer_is_built_as_captured_but_for_the_recursion_that_only_servers_offer() {
    let (bytes, captured) = packet("nbns-query-03", 0x7a22, true);
    let entry = NameEntry { flags: flags(false, NodeType::Broadcast), address: Ipv4Addr::new(10, 77, 0, 3) };
    let mut built = Packet::query_response(0x7a22, scoped("SRV3", 0x03), TTL, vec![entry]);
    assert!(captured.flags.recursion_available && !built.flags.recursion_available);
    built.flags.recursion_available = true;
    assert_eq!(built.encode(), bytes);
}

#[test]
fn claims_are_built_as_captured() {
    let srv1 = claim(scoped("SRV1", 0x20), flags(false, NodeType::Broadcast), 1, 0);
    let (broadcast, _) = packet("nbns-register-bnode-release", 0x7186, false);
    assert_eq!(Packet::registration(0x7186, &srv1, true).encode(), broadcast);
    let hybrid = claim(scoped("SRV1", 0x20), flags(false, NodeType::Hybrid), 1, TTL);
    let (multi_homed, _) = packet("nbns-register-wins-release", 0x7195, false);
    assert_eq!(Packet::multi_homed_registration(0x7195, &hybrid).encode(), multi_homed);
    let (granted, _) = packet("nbns-register-wins-release", 0x7195, true);
    assert_eq!(Packet::registration_response(0x7195, &hybrid, ResponseCode::SUCCESS).encode(), granted);
    let group = claim(scoped("TESTGRP", 0x00), flags(true, NodeType::Hybrid), 1, TTL);
    let (grouped, _) = packet("nbns-register-wins-release", 0x7198, false);
    assert_eq!(Packet::registration(0x7198, &group, false).encode(), grouped);
}

#[test]
fn a_defence_and_a_release_are_built_as_captured() {
    let claimed = claim(scoped("SRV3", 0x20), flags(false, NodeType::Broadcast), 1, 0);
    let (defence, _) = packet("nbns-register-conflict", 0x71ea, true);
    assert_eq!(Packet::registration_response(0x71ea, &claimed, ResponseCode::ACTIVE).encode(), defence);
    let group = |ttl| claim(scoped("TESTGRP", 0x1e), flags(true, NodeType::Hybrid), 1, ttl);
    let (release, _) = packet("nbns-register-wins-release", 0x719c, false);
    assert_eq!(Packet::release(0x719c, &group(TTL), false).encode(), release);
    let (released, _) = packet("nbns-register-wins-release", 0x719c, true);
    assert_eq!(Packet::release_response(0x719c, &group(0), ResponseCode::SUCCESS).encode(), released);
}

#[test]
fn a_node_status_is_built_as_captured() {
    let (request, _) = packet("nbns-node-status", 0x089c, false);
    assert_eq!(Packet::node_status_request(0x089c, Name::ANY.into()).encode(), request);
    let name = |name: Name, bits: (bool, NodeType)| StatusName {
        name,
        flags: flags(bits.0, bits.1),
        deregistering: false,
        conflict: false,
        active: true,
        permanent: false,
    };
    let unique = |text, suffix| name(scoped(text, suffix).name, (false, NodeType::Hybrid));
    let group = |name_| name(name_, (true, NodeType::Hybrid));
    let status = NodeStatus {
        names: vec![
            unique("SRV2", 0x00),
            unique("SRV2", 0x03),
            unique("SRV2", 0x20),
            group(Name::from_bytes(*b"\x01\x02__MSBROWSE__\x02\x01")),
            group(scoped("TESTGRP", 0x00).name),
            unique("TESTGRP", 0x1d),
            group(scoped("TESTGRP", 0x1e).name),
        ],
        statistics: vec![0; STATISTICS_BYTES],
    };
    assert!(status.statistics.starts_with(&[0; 6]), "its hardware address");
    let (captured, _) = packet("nbns-node-status", 0x089c, true);
    let built = Packet::node_status_response(0x089c, Name::ANY.into(), status, false);
    assert_eq!(Packet::decode(&captured), Ok(built.clone()));
    assert_eq!(built.encode(), captured);
}

#[test]
fn packets_that_were_not_captured_have_the_flags_of_the_specification() {
    let owner = claim(scoped("SRV1", 0x03), flags(false, NodeType::Mixed), 1, 0);
    let bits = |packet: &Packet| {
        let bytes = packet.encode();
        assert_eq!(Packet::decode(&bytes).as_ref(), Ok(packet));
        (u16::from_be_bytes([bytes[2], bytes[3]]), [5, 7, 9, 11].map(|low| bytes[low]))
    };
    let request = [1, 0, 0, 1];
    let answer = [0, 1, 0, 0];
    assert_eq!(bits(&Packet::overwrite(1, &owner, true)), (0x2810, request));
    assert_eq!(bits(&Packet::overwrite(1, &owner, false)), (0x2800, request));
    assert_eq!(bits(&Packet::refresh(1, &owner)), (0x4000, request));
    assert_eq!(bits(&Packet::release(1, &owner, true)), (0x3010, request));
    assert_eq!(bits(&Packet::conflict_demand(1, &owner)), (0xad87, answer));
    assert_eq!(bits(&Packet::challenge_registration_response(1, &owner)), (0xad00, answer));
    let asked = Packet::registration(1, &owner, false).flags;
    let wait = Packet::wait(1, owner.name.clone(), 20, asked);
    assert_eq!(bits(&wait), (0xbc00, answer));
    assert!(wait.encode().ends_with(b"\0\0\0\x14\0\x02\x29\0"));
    let server = ScopedName { scope: Scope::new("EXAMPLE").unwrap(), ..scoped("NBNS", 0x00) };
    let redirect = Packet::redirect(1, owner.name.clone(), &server, Ipv4Addr::new(10, 77, 0, 9), 60);
    assert_eq!(bits(&redirect), (0x8100, [0, 0, 1, 1]));
}

#[test]
fn the_second_code_for_refreshes_is_read() {
    let mut bytes = Packet::refresh(1, &claim(scoped("A", 3), NameFlags::default(), 1, 0)).encode();
    bytes[2] = 0x48;
    assert_eq!(Packet::decode(&bytes).unwrap().flags.opcode, Opcode::REFRESH_ALTERNATIVE);
}

/// A header with these counts, and what follows.
fn with_counts(counts: [u8; 4], rest: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 1, 0, 0];
    bytes.extend(counts.iter().flat_map(|count| [0, *count]));
    bytes.extend(rest);
    bytes
}

#[test]
fn malformed_packets_are_refused() {
    let whole = Packet::registration(1, &claim(scoped("A", 3), NameFlags::default(), 1, 0), true).encode();
    for length in 0..whole.len() {
        let error = Packet::decode(&whole[..length]).unwrap_err();
        let truncated =
            matches!(error, PacketError::Truncated | PacketError::Name(NameDecodeError::Truncated));
        assert!(truncated, "{length}: {error}");
    }
    let name = Name::ANY.encode();
    let question = |rest: &[u8]| with_counts([1, 0, 0, 0], &[&name, rest].concat());
    let answer = |rest: &[u8]| with_counts([0, 1, 0, 0], &[&name, rest].concat());
    let refused = [
        (with_counts([2, 0, 0, 0], &[]), PacketError::Entries(2)),
        (with_counts([0, 0, 0, 255], &[]), PacketError::Entries(255)),
        (question(b"\0\x20\0\x03"), PacketError::Class(3)),
        (answer(b"\0\x20\0\x01\0\0\0\0\0\x07abcdef"), PacketError::Truncated),
        (answer(b"\0\x21\0\x01\0\0\0\0\0\0"), PacketError::RecordLength(0)),
        (answer(b"\0\x21\0\x01\0\0\0\0\0\x05\xffabcd"), PacketError::RecordLength(5)),
        (with_counts([0, 1, 0, 0], b"\xc0\x0c\0\x20"), PacketError::Name(NameDecodeError::PointerTarget(12))),
        (
            with_counts([0, 1, 0, 0], b"\xff\xff\0\x20"),
            PacketError::Name(NameDecodeError::PointerTarget(0x3fff)),
        ),
        (with_counts([0, 1, 0, 0], b"\x40\0\x20"), PacketError::Name(NameDecodeError::LabelLength(0x40))),
        (
            with_counts([1, 0, 0, 0], b"\x03www\0\0\x20\0\x01"),
            PacketError::Name(NameDecodeError::LabelLength(3)),
        ),
    ];
    for (bytes, error) in refused {
        assert_eq!(Packet::decode(&bytes), Err(error));
    }
}

#[test]
fn data_of_an_unusual_length_is_kept_but_says_nothing() {
    let bytes =
        with_counts([0, 1, 0, 0], &[&Name::ANY.encode()[..], b"\0\x20\0\x01\0\0\0\0\0\x02\x29\0"].concat());
    let packet = Packet::decode(&bytes).unwrap();
    let data = RecordData::Other { kind: RecordType::ADDRESSES, bytes: vec![0x29, 0] };
    let expected = Record { name: Name::ANY.into(), ttl: 0, data };
    assert_eq!(expected.entries(), []);
    assert_eq!(packet.answer, Some(expected));
    assert_eq!(packet.encode(), bytes);
}

#[test]
fn bytes_after_a_packet_are_ignored() {
    let packet = Packet::query(7, scoped("A", 3), true);
    let bytes = [packet.encode(), b"more".to_vec()].concat();
    assert_eq!(Packet::decode(&bytes), Ok(packet));
}

#[test]
fn codes_that_are_not_named_are_kept() {
    let flags =
        Flags { opcode: Opcode(3), code: ResponseCode(9), ..Packet::query(1, scoped("A", 3), false).flags };
    let packet = Packet { flags, ..Packet::query(1, scoped("A", 3), false) };
    assert_eq!(Packet::decode(&packet.encode()), Ok(packet));
    assert_eq!(ResponseCode(9).to_string(), "code 9");
}
