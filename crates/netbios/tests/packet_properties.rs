//! What holds for any names, packets of the name service, datagrams and mailslots.

mod support;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::datagram::{self, Datagram, Delivery, Header, Reassembler, ReassemblyLimits, SenderNodeType};
use netbios::mailslot::{self, Message, MessageLimits, Write};
use netbios::name::{Name, Scope, ScopedName};
use netbios::name_service::node::Claim;
use netbios::name_service::{
    Flags, NameEntry, NameFlags, NodeStatus, NodeType, Opcode, PORT, Packet, Question, Record, RecordData,
    RecordType, ResponseCode, StatusName,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use support::node::{Driven, HERE, name, settings};

fn scoped_name() -> impl Strategy<Value = ScopedName> {
    let scope = vec("[A-Za-z0-9_-]{1,63}", 0..3).prop_map(|labels| Scope::new(&labels.join(".")));
    (any::<[u8; 16]>(), scope).prop_map(|(bytes, scope)| ScopedName {
        name: Name::from_bytes(bytes),
        scope: scope.expect("at most 192 bytes"),
    })
}

fn name_flags() -> impl Strategy<Value = NameFlags> {
    let kinds = [NodeType::Broadcast, NodeType::PointToPoint, NodeType::Mixed, NodeType::Hybrid];
    (any::<bool>(), prop::sample::select(kinds.to_vec()))
        .prop_map(|(group, node_type)| NameFlags { group, node_type })
}

fn entry() -> impl Strategy<Value = NameEntry> {
    (name_flags(), any::<u32>()).prop_map(|(flags, address)| NameEntry { flags, address: address.into() })
}

fn status_name() -> impl Strategy<Value = StatusName> {
    (any::<[u8; 16]>(), name_flags(), any::<[bool; 4]>()).prop_map(|(bytes, flags, bits)| StatusName {
        name: Name::from_bytes(bytes),
        flags,
        deregistering: bits[0],
        conflict: bits[1],
        active: bits[2],
        permanent: bits[3],
    })
}

fn record(names: impl Strategy<Value = ScopedName>) -> impl Strategy<Value = Record> {
    let data = prop_oneof![
        vec(entry(), 0..30).prop_map(RecordData::Addresses),
        (vec(status_name(), 0..30), vec(any::<u8>(), 0..50))
            .prop_map(|(names, statistics)| RecordData::NodeStatus(NodeStatus { names, statistics })),
        vec(any::<u8>(), 0..50).prop_map(|bytes| RecordData::Other { kind: RecordType::NULL, bytes }),
    ];
    (names, any::<u32>(), data).prop_map(|(name, ttl, data)| Record { name, ttl, data })
}

fn flags() -> impl Strategy<Value = Flags> {
    (any::<[bool; 6]>(), 0..16u8, 0..16u8).prop_map(|(bits, opcode, code)| Flags {
        response: bits[0],
        opcode: Opcode(opcode),
        authoritative: bits[1],
        truncated: bits[2],
        recursion_desired: bits[3],
        recursion_available: bits[4],
        broadcast: bits[5],
        code: ResponseCode(code),
    })
}

/// A packet whose records are about few names, so that pointers come about.
fn packet() -> impl Strategy<Value = Packet> {
    vec(scoped_name(), 1..3).prop_flat_map(|names| {
        let name = || prop::sample::select(names.clone());
        let question =
            (name(), any::<u16>()).prop_map(|(name, kind)| Question { name, kind: RecordType(kind) });
        let records = (option::of(record(name())), option::of(record(name())), option::of(record(name())));
        (any::<u16>(), flags(), option::of(question), records).prop_map(
            |(id, flags, question, (answer, authority, additional))| Packet {
                id,
                flags,
                question,
                answer,
                authority,
                additional,
            },
        )
    })
}

fn datagram() -> impl Strategy<Value = Datagram> {
    let delivery = prop::sample::select(vec![Delivery::Unique, Delivery::Group, Delivery::Broadcast]);
    let header = (any::<u16>(), any::<u32>(), any::<u16>()).prop_map(|(id, address, port)| Header {
        node_type: SenderNodeType::Mixed,
        id,
        source: SocketAddrV4::new(address.into(), port),
    });
    (delivery, header, scoped_name(), scoped_name(), vec(any::<u8>(), 0..2000)).prop_map(
        |(delivery, header, from, to, data)| Datagram {
            delivery,
            header,
            first: true,
            more: false,
            offset: 0,
            from,
            to,
            data,
        },
    )
}

proptest! {
    #[test]
    fn packets_survive_the_way_there_and_back(packet in packet(), rest in vec(any::<u8>(), 0..9)) {
        let bytes = [packet.encode(), rest].concat();
        prop_assert_eq!(Packet::decode(&bytes), Ok(packet));
    }

    #[test]
    fn packets_with_a_byte_changed_are_judged(
        packet in packet(), index in any::<prop::sample::Index>(), byte in any::<u8>(), length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = packet.encode();
        let position = index.index(bytes.len());
        bytes[position] = byte;
        bytes.truncate(length.index(bytes.len() + 1));
        if let Ok(packet) = Packet::decode(&bytes) {
            prop_assert_eq!(Packet::decode(&packet.encode()), Ok(packet));
        }
    }

    #[test]
    fn any_bytes_are_judged(bytes in vec(any::<u8>(), 0..700), start in 0..700usize) {
        let _ = Packet::decode(&bytes);
        let _ = datagram::Packet::decode(&bytes);
        let _ = Write::decode(&bytes);
        let _ = Message::decode(&bytes, CodePage::DEFAULT, &MessageLimits::default());
        if let Ok((_, end)) = ScopedName::decode(&bytes, start) {
            prop_assert!(start < end && end <= bytes.len());
        }
    }

    #[test]
    fn fragments_come_together_in_any_order(
        datagram in datagram(), room in 1..700usize, order in any::<u64>(), repeated in any::<prop::sample::Index>(),
    ) {
        let around = Datagram { data: Vec::new(), ..datagram.clone() }.encode().len();
        let mut pieces: Vec<Datagram> = Vec::new();
        for bytes in datagram.fragments(around + room.max(200)) {
            prop_assert!(bytes.len() <= around + room.max(200));
            match datagram::Packet::decode(&bytes) {
                Ok(datagram::Packet::Datagram(piece)) => pieces.push(piece),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let mut shuffled = order | 1;
        pieces.sort_by_key(|_| {
            shuffled = shuffled.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled >> 33
        });
        let mut reassembler = Reassembler::new(ReassemblyLimits::default());
        let now = Instant::now();
        let last = pieces.pop().expect("at least one piece");
        let repeated = pieces.get(repeated.index(pieces.len().max(1))).cloned();
        for piece in pieces.into_iter().chain(repeated) {
            prop_assert_eq!(reassembler.receive(Ipv4Addr::LOCALHOST, piece, now), None);
        }
        prop_assert_eq!(reassembler.receive(Ipv4Addr::LOCALHOST, last, now), Some(datagram));
        prop_assert_eq!(reassembler.retained_bytes(), 0);
    }

    // An ß before two of the other letters would be a character of UTF-8.
    #[test]
    fn messages_survive_the_way_there_and_back(
        from in "[A-ZÄÖÜ0-9]{1,15}", to in "[A-ZÄÖÜ0-9]{1,15}", text in "[ -~äöü]{0,200}(\n[ -~äöü]{1,100}ß)?",
    ) {
        let message = Message { from, to, text };
        let outgoing = message.encode(CodePage::DEFAULT).expect("it is short enough");
        prop_assert!(outgoing.data.len() <= datagram::DATA_BYTES_MAX);
        let write = Write::decode(&outgoing.data).expect("we write what we read");
        prop_assert!(write.is_for(mailslot::MESSENGER));
        prop_assert_eq!(Message::decode(write.data, CodePage::DEFAULT, &MessageLimits::default()), Ok(message));
    }

    #[test]
    fn any_text_is_written_whole_or_not_at_all(from in any::<String>(), to in any::<String>(), text in any::<String>()) {
        if let Ok(outgoing) = (Message { from, to, text }).encode(CodePage::DEFAULT) {
            prop_assert!(Write::decode(&outgoing.data).is_ok_and(|write| write.data.len() <= 424));
        }
    }

    #[test]
    fn whatever_a_node_hears_it_says_little_and_comes_to_rest(
        packets in vec((packet(), any::<u8>(), any::<bool>()), 0..40), group in any::<bool>(),
    ) {
        let mut driven = Driven::new(settings(NodeType::Broadcast));
        driven.node.claim(name("ANNA"), if group { Claim::GROUP } else { Claim::UNIQUE }).expect("a name");
        for (mut packet, host, known) in packets {
            if known {
                for record in [&mut packet.answer, &mut packet.additional].into_iter().flatten() {
                    record.name = name("ANNA").into();
                }
                if let Some(question) = &mut packet.question {
                    question.name = name("ANNA").into();
                }
            }
            let from = SocketAddrV4::new(Ipv4Addr::new(10, 77, 0, host), PORT);
            driven.node.receive(HERE, from, &packet.encode(), driven.now);
            prop_assert!(driven.sent().len() <= 1);
            driven.pass(Duration::from_millis(100));
        }
        driven.pass(Duration::from_secs(1000));
        prop_assert!(driven.node.owns(&name("ANNA")), "nobody objects any more");
        prop_assert_eq!(driven.node.deadline(), None);
    }
}
