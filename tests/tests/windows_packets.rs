//! Every kind of packet that we build for names and datagrams, as Samba and Wireshark read it.

use std::net::{Ipv4Addr, SocketAddrV4};

use end_to_end::{Datagram, Dissection, hexadecimal, samba_packets};
use netbios::code_page::CodePage;
use netbios::datagram::{self, Delivery, ErrorCode, Header, Query, QueryKind, SenderNodeType};
use netbios::mailslot::Message;
use netbios::name::{Name, Scope, ScopedName, Suffix};
use netbios::name_service::{
    NameEntry, NameFlags, NodeStatus, NodeType, Opcode, Packet, RecordType, Registration, ResponseCode,
    STATISTICS_BYTES, StatusName,
};
use serde_json::{Value, json};

const ID: u16 = 0x4711;
const HERE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
const THERE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

fn name(text: &str) -> ScopedName {
    Name::new(text, Suffix::MESSENGER, CodePage::DEFAULT).expect("a name").into()
}

fn entry(group: bool, node_type: NodeType, address: Ipv4Addr) -> NameEntry {
    NameEntry { flags: NameFlags { group, node_type }, address }
}

fn status() -> NodeStatus {
    let told = |text, group| StatusName {
        name: name(text).name,
        flags: NameFlags { group, node_type: NodeType::Hybrid },
        deregistering: false,
        conflict: false,
        active: true,
        permanent: false,
    };
    NodeStatus {
        names: vec![told("ANNA", false), told("OFFICE", true)],
        statistics: vec![0; STATISTICS_BYTES],
    }
}

/// Every kind of packet of the name service, with the bits of its header and its counts.
fn name_packets() -> Vec<(Packet, u16, [u16; 4])> {
    const REQUEST: [u16; 4] = [1, 0, 0, 1];
    const QUESTION: [u16; 4] = [1, 0, 0, 0];
    const ANSWER: [u16; 4] = [0, 1, 0, 0];
    let flags = NameFlags { group: false, node_type: NodeType::Hybrid };
    let anna = Registration { name: name("ANNA"), flags, address: HERE, ttl: 259_200 };
    let group = NameFlags { group: true, node_type: NodeType::Mixed };
    let office = Registration { name: name("OFFICE"), flags: group, ..anna.clone() };
    let scope = Scope::new("OFFICE.EXAMPLE").expect("a scope");
    let scoped = Registration { name: ScopedName { scope, ..name("ANNA") }, ..anna.clone() };
    let entries = vec![entry(false, NodeType::Broadcast, HERE), entry(true, NodeType::PointToPoint, THERE)];
    let claim = Packet::registration(ID, &anna, false);
    let any = || ScopedName::from(Name::ANY);
    vec![
        (Packet::registration(ID, &anna, true), 0x2910, REQUEST),
        (Packet::registration(ID, &office, false), 0x2900, REQUEST),
        (Packet::registration(ID, &scoped, true), 0x2910, REQUEST),
        (Packet::multi_homed_registration(ID, &anna), 0x7900, REQUEST),
        (Packet::overwrite(ID, &anna, true), 0x2810, REQUEST),
        (Packet::overwrite(ID, &anna, false), 0x2800, REQUEST),
        (Packet::refresh(ID, &anna), 0x4000, REQUEST),
        (Packet::release(ID, &anna, true), 0x3010, REQUEST),
        (Packet::release(ID, &office, false), 0x3000, REQUEST),
        (Packet::registration_response(ID, &anna, ResponseCode::SUCCESS), 0xad80, ANSWER),
        (Packet::registration_response(ID, &anna, ResponseCode::ACTIVE), 0xad86, ANSWER),
        (Packet::challenge_registration_response(ID, &anna), 0xad00, ANSWER),
        (Packet::conflict_demand(ID, &anna), 0xad87, ANSWER),
        (Packet::release_response(ID, &anna, ResponseCode::SUCCESS), 0xb400, ANSWER),
        (Packet::release_response(ID, &anna, ResponseCode::ACTIVE), 0xb406, ANSWER),
        (Packet::query(ID, name("ANNA"), true), 0x0110, QUESTION),
        (Packet::query(ID, any(), false), 0x0100, QUESTION),
        (Packet::query_response(ID, name("ANNA"), 300, entries), 0x8500, ANSWER),
        (Packet::negative_query_response(ID, name("ANNA"), ResponseCode::NO_SUCH_NAME), 0x8583, ANSWER),
        (Packet::node_status_request(ID, any()), 0x0000, QUESTION),
        (Packet::node_status_response(ID, any(), status(), false), 0x8400, ANSWER),
        (Packet::node_status_response(ID, any(), status(), true), 0x8600, ANSWER),
        (Packet::wait(ID, name("ANNA"), 20, claim.flags), 0xbc00, ANSWER),
        (Packet::redirect(ID, name("ANNA"), &name("NBNS"), THERE, 60), 0x8100, [0, 0, 1, 1]),
    ]
}

/// What Samba says of the name, without the padding that it may keep.
fn spelled(name: &ScopedName) -> String {
    format!("{name:?}").replace("\\x00", "")
}

/// The bits of an entry of an address.
fn bits(flags: NameFlags) -> u16 {
    let node_type = [NodeType::Broadcast, NodeType::PointToPoint, NodeType::Mixed, NodeType::Hybrid]
        .into_iter()
        .position(|node_type| node_type == flags.node_type);
    u16::from(flags.group) << 15 | (node_type.unwrap_or_default() as u16) << 13
}

#[test]
fn samba_reads_packets_of_the_name_service_as_they_are_meant_and_writes_them_the_same() {
    let packets = name_packets();
    let bytes: Vec<_> = packets.iter().map(|(packet, ..)| ("name", packet.encode())).collect();
    for ((packet, flags, counts), (seen, (_, bytes))) in
        packets.iter().zip(samba_packets(&bytes).iter().zip(&bytes))
    {
        assert_eq!((&seen["id"], &seen["flags"]), (&json!(ID), &json!(flags)), "{packet:?}");
        let sections = ["questions", "answers", "authorities", "additional"];
        assert_eq!(sections.map(|section| seen[section].as_array().expect("a list").len() as u16), *counts);
        if let Some(question) = &packet.question {
            assert_eq!(seen["questions"], json!([[spelled(&question.name), question.kind.0]]));
        }
        for (section, record) in [("answers", &packet.answer), ("additional", &packet.additional)] {
            let Some(record) = record else { continue };
            let seen = &seen[section][0];
            assert_eq!(seen["name"], json!(spelled(&record.name)), "{packet:?}");
            assert_eq!((&seen["type"], &seen["ttl"]), (&json!(record.data.kind().0), &json!(record.ttl)));
            if !record.entries().is_empty() {
                let entries = record.entries().iter();
                let entries: Vec<Value> =
                    entries.map(|entry| json!([bits(entry.flags), entry.address.to_string()])).collect();
                assert_eq!(seen["entries"], json!(entries), "{packet:?}");
            }
            if record.data.kind() == RecordType::NODE_STATUS {
                assert_eq!(seen["names"], json!([["ANNA", 3, 0x6400], ["OFFICE", 3, 0xe400]]));
            }
        }
        // Samba reads the data of a request to wait as it is, but writes something else.
        if packet.flags.opcode != Opcode::WAIT {
            assert_eq!(seen["again"], json!(hexadecimal(bytes)), "{packet:?}");
        }
    }
}

/// Wireshark finds no fault with these packets.
fn assert_faultless(dissection: &Dissection) {
    let faults = dissection.text("_ws.malformed || _ws.expert || _ws.short");
    assert!(faults.is_empty(), "{faults}");
}

fn at(port: u16, address: Ipv4Addr) -> SocketAddrV4 {
    SocketAddrV4::new(address, port)
}

#[test]
fn wireshark_reads_packets_of_the_name_service_as_they_are_meant() {
    let packets = name_packets();
    let datagrams: Vec<Datagram> =
        packets.iter().map(|(packet, ..)| (at(137, HERE), at(137, THERE), packet.encode())).collect();
    let dissection = Dissection::of(&datagrams);
    assert_faultless(&dissection);
    let counts = ["nbns.count.queries", "nbns.count.answers", "nbns.count.auth_rr", "nbns.count.add_rr"];
    let fields = [
        &["nbns.id", "nbns.flags"],
        &counts[..],
        &["nbns.name", "nbns.addr", "nbns.ttl", "nbns.number_of_names"],
    ];
    let seen = dissection.fields(&fields.concat());
    assert_eq!(seen.len(), packets.len());
    for ((packet, flags, expected), seen) in packets.iter().zip(seen) {
        // A request to wait says which request it answers.
        let answered = if packet.flags.opcode == Opcode::WAIT { ",0x2900" } else { "" };
        assert_eq!(seen[..2], ["0x4711".to_owned(), format!("0x{flags:04x}{answered}")], "{packet:?}");
        assert_eq!(seen[2..6], expected.map(|count| count.to_string()), "{packet:?}");
        let Some(name) = packet.name() else { continue };
        let text = name.name.text(CodePage::DEFAULT);
        assert!(seen[6].starts_with(&text), "{packet:?}: {}", seen[6]);
        assert!(seen[6].contains(&format!("<{:02x}>", name.name.suffix().0)), "{packet:?}: {}", seen[6]);
        let record = packet.additional.as_ref().or(packet.answer.as_ref());
        let entries = record.map(|record| record.entries()).unwrap_or_default();
        let addresses: Vec<String> = entries.iter().map(|entry| entry.address.to_string()).collect();
        assert_eq!(seen[7], addresses.join(","), "{packet:?}");
        assert_eq!(seen[8], record.map(|record| record.ttl.to_string()).unwrap_or_default());
        let is_status = record.is_some_and(|record| record.data.kind() == RecordType::NODE_STATUS);
        assert_eq!(seen[9], if is_status { "2" } else { "" }, "{packet:?}");
    }
}

fn message() -> Message {
    Message { from: "ALICE".into(), to: "OFFICE".into(), text: "Grüße an alle\nbye".into() }
}

fn header(node_type: SenderNodeType) -> Header {
    Header { node_type, id: ID, source: at(138, HERE) }
}

fn datagram(delivery: Delivery, to: ScopedName) -> datagram::Datagram {
    let data = message().encode(CodePage::DEFAULT).expect("a message").data;
    let header = header(SenderNodeType::Mixed);
    datagram::Datagram {
        delivery,
        header,
        first: true,
        more: false,
        offset: 0,
        from: name("ALICE"),
        to,
        data,
    }
}

/// Every kind of packet of the datagram service, with the number of its kind.
fn datagram_packets() -> Vec<(datagram::Packet, u8)> {
    let query =
        |kind| Query { kind, first: true, header: header(SenderNodeType::PointToPoint), to: name("OFFICE") };
    let error = |code| datagram::Packet::Error { header: header(SenderNodeType::Broadcast), code };
    vec![
        (datagram::Packet::Datagram(datagram(Delivery::Unique, name("OFFICE"))), 0x10),
        (datagram::Packet::Datagram(datagram(Delivery::Group, name("OFFICE"))), 0x11),
        (datagram::Packet::Datagram(datagram(Delivery::Broadcast, Name::ANY.into())), 0x12),
        (error(ErrorCode::NO_SUCH_NAME), 0x13),
        (error(ErrorCode::SOURCE_NAME), 0x13),
        (error(ErrorCode::DESTINATION_NAME), 0x13),
        (datagram::Packet::Query(query(QueryKind::Request)), 0x14),
        (datagram::Packet::Query(query(QueryKind::Positive)), 0x15),
        (datagram::Packet::Query(query(QueryKind::Negative)), 0x16),
    ]
}

#[test]
fn samba_reads_datagrams_as_they_are_meant_and_writes_them_the_same() {
    // Samba knows no data in what is for everybody.
    let packets: Vec<_> = datagram_packets().into_iter().filter(|(_, kind)| *kind != 0x12).collect();
    let bytes: Vec<_> = packets.iter().map(|(packet, _)| ("datagram", packet.encode())).collect();
    let data = b"ALICE\0OFFICE\0Gr\x81\xe1e an alle\x14bye\0";
    for ((packet, kind), (seen, (_, bytes))) in packets.iter().zip(samba_packets(&bytes).iter().zip(&bytes)) {
        assert_eq!((&seen["type"], &seen["id"]), (&json!(kind), &json!(ID)), "{packet:?}");
        assert_eq!(seen["source"], json!(["10.77.0.1", 138]));
        match packet {
            datagram::Packet::Datagram(_) => {
                assert_eq!(seen["flags"], json!(0x0a), "first, and of a mixed node");
                assert_eq!((&seen["from"], &seen["to"]), (&json!("ALICE<03>"), &json!("OFFICE<03>")));
                assert_eq!((&seen["length"], &seen["offset"]), (&json!(bytes.len() - 14), &json!(0)));
                assert_eq!(seen["mailslot"], json!(r"\MAILSLOT\MESSNGR"));
                assert_eq!(seen["setup"], json!([1, 1, 2]), "write, priority, class");
                assert_eq!(seen["data"], json!(hexadecimal(data)));
            }
            datagram::Packet::Error { code, .. } => assert_eq!(seen["code"], json!(code.0)),
            datagram::Packet::Query(_) => assert_eq!(seen["to"], json!("OFFICE<03>")),
        }
        assert_eq!(seen["again"], json!(hexadecimal(bytes)), "{packet:?}");
    }
}

#[test]
fn wireshark_reads_datagrams_as_they_are_meant() {
    let packets = datagram_packets();
    let datagrams: Vec<Datagram> =
        packets.iter().map(|(packet, _)| (at(138, HERE), at(138, THERE), packet.encode())).collect();
    let dissection = Dissection::of(&datagrams);
    assert_faultless(&dissection);
    let fields = [
        "nbdgm.type",
        "nbdgm.dgram_id",
        "nbdgm.src.ip",
        "nbdgm.first",
        "nbdgm.next",
        "nbdgm.source_name",
        "nbdgm.destination_name",
        "nbdgm.error_code",
        "mailslot.name",
        "mailslot.opcode",
        "mailslot.class",
        "smb.cmd",
    ];
    for ((packet, kind), seen) in packets.iter().zip(dissection.fields(&fields)) {
        assert_eq!(seen[..3], [kind.to_string(), "0x4711".into(), "10.77.0.1".into()], "{packet:?}");
        assert_eq!(seen[3..5], ["1", "0"], "{packet:?}");
        match packet {
            datagram::Packet::Datagram(datagram) => {
                assert_eq!(seen[5], "ALICE<03>", "{packet:?}");
                let to = if datagram.delivery == Delivery::Broadcast { "*" } else { "OFFICE<03>" };
                assert!(seen[6].starts_with(to), "{packet:?}: {}", seen[6]);
                assert_eq!(seen[8..], [r"\MAILSLOT\MESSNGR", "1", "2", "0x25"], "{packet:?}");
            }
            datagram::Packet::Error { code, .. } => assert_eq!(seen[7], format!("0x{:02x}", code.0)),
            datagram::Packet::Query(_) => assert_eq!(seen[6], "OFFICE<03>"),
        }
    }
}

#[test]
fn wireshark_reads_where_our_fragments_belong() {
    let data: Vec<u8> = (0..1200u16).map(|number| number as u8).collect();
    let whole = datagram::Datagram { data, ..datagram(Delivery::Unique, name("OFFICE")) };
    let fragments = whole.fragments(datagram::PACKET_BYTES_MAX);
    let datagrams: Vec<Datagram> =
        fragments.iter().map(|bytes| (at(138, HERE), at(138, THERE), bytes.clone())).collect();
    let seen = Dissection::of(&datagrams).fields(&["nbdgm.first", "nbdgm.next", "nbdgm.pkt_offset"]);
    let expected = [["1", "1", "0"], ["0", "1", "512"], ["0", "0", "1024"]];
    assert_eq!(seen, expected);
}
