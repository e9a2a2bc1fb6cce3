//! Datagrams and the messenger's mailslot: captured ones, ones in pieces, and ones that lie.

mod support;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::datagram::{
    DATA_BYTES_MAX, Datagram, Delivery, ErrorCode, Header, PACKET_BYTES_MAX, Packet, PacketError, Query,
    QueryKind, Reassembler, ReassemblyLimits, SenderNodeType,
};
use netbios::mailslot::{self, Message, MessageError, MessageLimits, Write, WriteError};
use netbios::name::{Name, NameDecodeError, NameError, Scope, ScopedName, Suffix};
use support::capture::datagrams;

const PAGE: CodePage = CodePage::DEFAULT;
const HERE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

fn scoped(text: &str, suffix: Suffix) -> ScopedName {
    Name::new(text, suffix, PAGE).expect("a name").into()
}

fn greeting() -> Message {
    Message { from: "ALICE".into(), to: "TESTGRP".into(), text: "Grüße via mailslot\nline2".into() }
}

fn header() -> Header {
    Header { node_type: SenderNodeType::Broadcast, id: 0x1234, source: SocketAddrV4::new(HERE, 138) }
}

fn datagram(delivery: Delivery, to: ScopedName, data: Vec<u8>) -> Datagram {
    let from = scoped("ALICE", Suffix::MESSENGER);
    Datagram { delivery, header: header(), first: true, more: false, offset: 0, from, to, data }
}

#[test]
fn the_captured_messages_are_read_and_built_byte_for_byte() {
    let captured = datagrams("mailslot-messngr", 138);
    let data = greeting().encode(PAGE).unwrap().data;
    // The captured one for everybody asks for a name that is padded with spaces; ours is padded with NUL.
    let padded = Name::from_bytes(*b"*              \0").into();
    let built = [
        datagram(Delivery::Group, scoped("TESTGRP", Suffix::WORKSTATION), data.clone()),
        datagram(Delivery::Group, scoped("TESTGRP", Suffix::MESSENGER), data.clone()),
        datagram(Delivery::Unique, scoped("SRV2", Suffix::MESSENGER), data.clone()),
        datagram(Delivery::Broadcast, padded, data),
    ];
    assert_eq!(captured.len(), built.len());
    for (captured, built) in captured.into_iter().zip(built) {
        assert_eq!(Packet::decode(&captured.bytes), Ok(Packet::Datagram(built.clone())));
        assert_eq!(built.encode(), captured.bytes);
        assert_eq!(built.fragments(PACKET_BYTES_MAX), [captured.bytes]);
        let write = Write::decode(&built.data).unwrap();
        assert!(write.is_for(mailslot::MESSENGER) && built.is_whole());
        assert_eq!(Message::decode(write.data, PAGE, &MessageLimits::default()), Ok(greeting()));
    }
}

#[test]
fn what_nmbd_announces_is_read_and_written_the_same_and_is_for_another_mailslot() {
    for name in ["nbns-node-status", "nbns-register-bnode-release", "nbns-register-conflict"] {
        for captured in datagrams(name, 138) {
            let packet = Packet::decode(&captured.bytes).unwrap();
            assert_eq!(packet.encode(), captured.bytes, "{name}");
            let Packet::Datagram(datagram) = packet else { panic!("{name}: a datagram") };
            assert_eq!(*datagram.header.source.ip(), *captured.from.ip());
            let write = Write::decode(&datagram.data).unwrap();
            assert_eq!((write.slot, write.priority), (&br"\MAILSLOT\BROWSE"[..], 1));
            assert!(!write.is_for(mailslot::MESSENGER));
            let again = Write { ..write }.encode();
            assert_eq!(Write::decode(&again), Ok(write));
        }
    }
}

#[test]
fn errors_and_queries_survive_the_way_there_and_back() {
    let query =
        |kind| Query { kind, first: true, header: header(), to: scoped("OFFICE", Suffix::WORKSTATION) };
    let packets = [
        (0x13, Packet::Error { header: header(), code: ErrorCode::NO_SUCH_NAME }),
        (0x14, Packet::Query(query(QueryKind::Request))),
        (0x15, Packet::Query(query(QueryKind::Positive))),
        (0x16, Packet::Query(Query { first: false, ..query(QueryKind::Negative) })),
    ];
    for (kind, packet) in packets {
        let bytes = packet.encode();
        assert_eq!(bytes[0], kind);
        assert_eq!(Packet::decode(&bytes), Ok(packet));
        for length in 0..bytes.len() {
            Packet::decode(&bytes[..length]).expect_err("only the beginning");
        }
    }
}

#[test]
fn every_kind_of_sender_and_a_scope_are_kept() {
    let kinds = [
        SenderNodeType::Broadcast,
        SenderNodeType::PointToPoint,
        SenderNodeType::Mixed,
        SenderNodeType::DistributionServer,
    ];
    for node_type in kinds {
        let to =
            ScopedName { scope: Scope::new("OFFICE.EXAMPLE").unwrap(), ..scoped("B", Suffix::MESSENGER) };
        let datagram =
            Datagram { header: Header { node_type, ..header() }, ..datagram(Delivery::Group, to, vec![1]) };
        assert_eq!(Packet::decode(&datagram.encode()), Ok(Packet::Datagram(datagram)));
    }
}

#[test]
fn packets_that_lie_are_refused() {
    let whole = datagram(Delivery::Unique, scoped("SRV2", Suffix::MESSENGER), b"data".to_vec()).encode();
    for length in 0..whole.len() {
        let error = Packet::decode(&whole[..length]).unwrap_err();
        assert!(matches!(error, PacketError::Truncated | PacketError::Length { .. }), "{length}: {error}");
    }
    let with = |position: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[position] = byte;
        Packet::decode(&bytes)
    };
    assert_eq!(with(0, 0x17), Err(PacketError::Kind(0x17)));
    assert_eq!(with(10, 1), Err(PacketError::Length { expected: 0x148, got: 72 }));
    assert_eq!(with(11, 0x10), Err(PacketError::Name(NameDecodeError::Truncated)));
    assert_eq!(with(14, 0xc0), Err(PacketError::Name(NameDecodeError::PointerTarget(0x45))));
    assert!(
        Packet::decode(&[whole.clone(), b"more".to_vec()].concat()).is_ok(),
        "what follows does not matter"
    );
}

/// A datagram of 1,200 bytes, and its pieces.
fn pieces() -> (Datagram, Vec<Datagram>) {
    let data: Vec<u8> = (0..1200u16).map(|number| (number % 251) as u8).collect();
    let whole = datagram(Delivery::Unique, scoped("SRV2", Suffix::MESSENGER), data);
    let packets = whole.fragments(PACKET_BYTES_MAX);
    assert!(packets.len() == 3 && packets.iter().all(|packet| packet.len() <= PACKET_BYTES_MAX));
    let pieces = packets.iter().map(|packet| match Packet::decode(packet) {
        Ok(Packet::Datagram(piece)) => piece,
        other => panic!("expected a piece, got {other:?}"),
    });
    (whole, pieces.collect())
}

fn reassembler() -> Reassembler {
    Reassembler::new(ReassemblyLimits::default())
}

#[test]
fn pieces_come_together_in_any_order_and_twice() {
    let now = Instant::now();
    let (whole, pieces) = pieces();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut reassembler = reassembler();
        for index in &order[..2] {
            assert_eq!(reassembler.receive(HERE, pieces[*index].clone(), now), None);
            assert_eq!(reassembler.receive(HERE, pieces[*index].clone(), now), None);
        }
        assert_eq!(
            reassembler.receive(HERE, pieces[order[2]].clone(), now),
            Some(whole.clone()),
            "{order:?}"
        );
        assert_eq!((reassembler.retained_bytes(), reassembler.deadline()), (0, None));
    }
}

#[test]
fn pieces_of_different_senders_do_not_mix() {
    let now = Instant::now();
    let (_, pieces) = pieces();
    let mut reassembler = reassembler();
    reassembler.receive(HERE, pieces[0].clone(), now);
    reassembler.receive(HERE, pieces[1].clone(), now);
    let elsewhere = Ipv4Addr::new(10, 77, 0, 66);
    assert_eq!(reassembler.receive(elsewhere, pieces[2].clone(), now), None);
    let other = Datagram { from: scoped("EVE", Suffix::MESSENGER), ..pieces[2].clone() };
    assert_eq!(reassembler.receive(HERE, other, now), None);
    assert!(reassembler.receive(HERE, pieces[2].clone(), now).is_some());
}

#[test]
fn pieces_that_come_too_late_come_alone() {
    let start = Instant::now();
    let (_, pieces) = pieces();
    let mut reassembler = reassembler();
    reassembler.receive(HERE, pieces[0].clone(), start);
    reassembler.receive(HERE, pieces[1].clone(), start + Duration::from_secs(1));
    let deadline = reassembler.deadline().unwrap();
    assert_eq!(deadline, start + Duration::from_secs(2), "from the first piece on");
    reassembler.expire(deadline - Duration::from_millis(1));
    assert_ne!(reassembler.retained_bytes(), 0);
    assert_eq!(reassembler.receive(HERE, pieces[2].clone(), deadline), None);
    assert_eq!(reassembler.retained_bytes(), pieces[2].data.len());
}

#[test]
fn pieces_that_overlap_or_contradict_each_other_make_all_void() {
    let now = Instant::now();
    let (_, pieces) = pieces();
    let [first, second, last] = pieces.as_slice() else { panic!("three pieces") };
    let wrong = [
        Datagram { offset: second.offset - 1, ..second.clone() },
        Datagram { offset: second.offset + 1, ..second.clone() },
        Datagram { data: vec![0; 10], ..second.clone() },
        Datagram { first: true, ..second.clone() },
        Datagram { first: false, ..first.clone() },
        Datagram { offset: last.offset + 400, ..last.clone() },
        Datagram { offset: last.offset + 400, more: true, ..last.clone() },
        Datagram { offset: 4096, ..second.clone() },
        Datagram { data: Vec::new(), ..second.clone() },
    ];
    for (number, wrong) in wrong.into_iter().enumerate() {
        let mut reassembler = reassembler();
        for piece in [second.clone(), last.clone(), wrong] {
            assert_eq!(reassembler.receive(HERE, piece, now), None);
        }
        let complete = reassembler.receive(HERE, first.clone(), now);
        assert_eq!(complete, None, "wrong piece {number}");
    }
}

#[test]
fn only_so_much_waits() {
    let now = Instant::now();
    let (_, pieces) = pieces();
    let limits = ReassemblyLimits::default();
    let mut reassembler = reassembler();
    let piece = |id| Datagram { header: Header { id, ..header() }, ..pieces[0].clone() };
    for id in 0..100 {
        reassembler.receive(HERE, piece(id), now);
    }
    let one = pieces[0].data.len();
    assert_eq!(reassembler.retained_bytes(), limits.waiting_of_one_max * one);
    for host in 0..10_000 {
        reassembler.receive(Ipv4Addr::from(0x0a00_0000 + host), piece(0), now);
    }
    assert_eq!(reassembler.retained_bytes(), limits.waiting_max * one);
    let mut many = self::reassembler();
    for offset in 0..100u16 {
        let piece = Datagram { first: offset == 0, offset, data: vec![0], ..pieces[0].clone() };
        many.receive(HERE, Datagram { more: true, ..piece }, now);
    }
    assert!(many.retained_bytes() <= limits.fragments_max);
    let long = Datagram { data: vec![0; limits.data_bytes_max + 1], ..pieces[0].clone() };
    assert_eq!(many.receive(HERE, Datagram { more: false, ..long }, now), None);
}

#[test]
fn a_pad_before_the_data_is_skipped() {
    let mut message = greeting().encode(PAGE).unwrap().data;
    let offset = 32 + 1 + 2 * 12;
    assert_eq!(message[offset..offset + 2], [87, 0], "where the data is");
    message[offset] = 88;
    message.insert(87, 0x42);
    let write = Write::decode(&message).unwrap();
    assert_eq!(Message::decode(write.data, PAGE, &MessageLimits::default()), Ok(greeting()));
}

#[test]
fn transactions_that_lie_are_refused() {
    let whole = greeting().encode(PAGE).unwrap().data;
    for length in 0..whole.len() {
        Write::decode(&whole[..length]).expect_err("only the beginning");
    }
    let word = |index: usize, value: u16| {
        let mut message = whole.clone();
        message[33 + 2 * index..35 + 2 * index].copy_from_slice(&value.to_le_bytes());
        Write::decode(&message).map(|write| write.data.len())
    };
    let count = whole.len() - 87;
    assert_eq!(word(1, 40), Err(WriteError::Data { offset: 87, count }), "a second part is to follow");
    assert_eq!(word(12, 86), Err(WriteError::Data { offset: 86, count }), "the data begins in the name");
    assert_eq!(word(12, 0xffff), Err(WriteError::Data { offset: 0xffff, count }));
    assert_eq!(word(12, 88), Err(WriteError::Data { offset: 88, count }), "a byte too far");
    assert_eq!(word(13, 2), Err(WriteError::Words { words: 17, setup: 2 }));
    assert_eq!(word(14, 2), Err(WriteError::Operation(2)));
    assert_eq!(word(15, 9), Ok(count), "any priority");
    assert_eq!(word(16, 1), Ok(count), "any class: datagrams have but one");
    let with = |position: usize, byte: u8| {
        let mut message = whole.clone();
        message[position] = byte;
        Write::decode(&message).map(|write| write.data.len())
    };
    assert_eq!(with(4, 0x72), Err(WriteError::Command(0x72)));
    assert_eq!(with(9, 0x80), Err(WriteError::Command(0x25)), "an answer");
    assert_eq!(with(32, 16), Err(WriteError::Words { words: 16, setup: 3 }));
    assert!(with(0, 0xfe).is_err());
    let endless = [&whole[..69], &[b'A'; 200]].concat();
    assert_eq!(Write::decode(&endless), Err(WriteError::Name));
}

#[test]
fn messages_of_all_character_sets_are_read() {
    let read = |data: &[u8]| Message::decode(data, PAGE, &MessageLimits::default()).unwrap();
    let message = read(b"WIN98USER\0WORKGROUP\0HELLO WORLD\0");
    assert_eq!((&*message.from, &*message.to, &*message.text), ("WIN98USER", "WORKGROUP", "HELLO WORLD"));
    assert_eq!(read(b"J\x81rgen  \0A\0Gr\x81\xe1e\x14\x14bye\r\nnow").text, "Grüße\n\nbye\nnow");
    assert_eq!(read(b"J\x81rgen  \0A\0\0").from, "Jürgen");
    assert_eq!(read("A\0B\0日本 €\0rest".as_bytes()).text, "日本 €");
}

#[test]
fn what_is_no_message_is_refused() {
    let limits = MessageLimits::default();
    let refusal = |data: &[u8]| Message::decode(data, PAGE, &limits).unwrap_err();
    assert_eq!(refusal(b""), MessageError::Strings(1));
    assert_eq!(refusal(b"ALICE\0BOB"), MessageError::Strings(2));
    let long = "x".repeat(2000);
    let too_long = |max| MessageError::TooLong { max, got: 2000 };
    assert_eq!(refusal(format!("{long}\0B\0t\0").as_bytes()), too_long(limits.name_bytes_max));
    assert_eq!(refusal(format!("A\0{long}\0t\0").as_bytes()), too_long(limits.name_bytes_max));
    assert_eq!(refusal(format!("A\0B\0{long}\0").as_bytes()), too_long(limits.text_bytes_max));
}

#[test]
fn as_much_is_written_as_everybody_reads() {
    let fits = Message { text: "x".repeat(424 - 6 - 8 - 1), ..greeting() };
    let data = fits.encode(PAGE).unwrap().data;
    assert!(data.len() <= DATA_BYTES_MAX);
    let packet = datagram(Delivery::Group, scoped("TESTGRP", Suffix::WORKSTATION), data);
    assert_eq!(packet.fragments(PACKET_BYTES_MAX).len(), 1);
    let more = Message { text: "x".repeat(424 - 6 - 8), ..greeting() };
    assert_eq!(more.encode(PAGE), Err(MessageError::TooLong { max: 409, got: 410 }));
    let named = |from: &str| Message { from: from.into(), ..greeting() }.encode(PAGE).unwrap_err();
    assert_eq!(named("A NAME THAT IS TOO LONG"), NameError::TooLong(23).into());
    assert_eq!(named("日本"), NameError::Character('日').into());
    assert_eq!(named("A\0B"), NameError::Character('\0').into());
    assert_eq!(named(" "), NameError::Empty.into());
    // What is written as one letter is lacked as one.
    assert_eq!(named("r\u{30c}"), NameError::Character('ř').into());
    let spelled = Message { text: "5 €".into(), ..greeting() }.encode(PAGE).unwrap();
    assert_eq!(spelled.replaced, ['€']);
}
