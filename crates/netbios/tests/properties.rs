//! What holds for any bytes and any text.

mod support;

use std::time::Instant;

use netbios::code_page::CodePage;
use netbios::name::{Name, Suffix};
use netbios::receiver::{Limits, Receiver};
use netbios::sender::{self, Outgoing, Sender, SenderOptions};
use netbios::session::{Decoder, Framing, HEADER_BYTES, NegativeReason, Packet};
use netbios::smb::{
    Header, NAME_BYTES_MAX, end_multi_block, negotiate, send_message, start_multi_block, text_multi_block,
};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{CHALLENGE, Seen, agree, deliver, framed, serve};

const LIMITS_TEXT_BYTES: usize = 300;
const LIMITS_PACKET_BYTES: usize = 600;

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![Just(Framing::NetbiosSession), Just(Framing::Direct)]
}

/// Packets as a peer might send them, some with a byte changed, and plain noise.
fn stream() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let name = || vec(any::<u8>(), 0..20);
    let text = || vec(any::<u8>(), 0..200);
    let message = prop_oneof![
        (name(), name(), text()).prop_map(|(from, to, text)| send_message::Request {
            from: &from,
            to: &to,
            text: &text
        }
        .encode()),
        (name(), name()).prop_map(|(from, to)| start_multi_block::Request { from: &from, to: &to }.encode()),
        (any::<u16>(), text())
            .prop_map(|(group, text)| text_multi_block::Request { group, text: &text }.encode()),
        any::<u16>().prop_map(|group| end_multi_block::Request { group }.encode()),
        text().prop_map(|body| [&b"\xffSMB\x72"[..], &[0; 27], &body].concat()),
    ];
    let packet = prop_oneof![
        8 => message.prop_map(|message| framed(Framing::Direct, message)),
        2 => Just(Packet::Request { called: Name::SMB_SERVER, calling: Name::SMB_SERVER }.encode(Framing::NetbiosSession)),
        1 => Just(Packet::KeepAlive.encode(Framing::Direct)),
        1 => vec(any::<u8>(), 0..100),
    ];
    let damaged = (packet, prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>())));
    vec(
        damaged.prop_map(|(mut packet, damage)| {
            if let Some((index, byte)) = damage
                && !packet.is_empty()
            {
                let position = index.index(packet.len());
                packet[position] = byte;
            }
            packet
        }),
        0..12,
    )
}

/// Text that code page 850 has, without the box-drawing characters that, as bytes, could be UTF-8.
fn western_text() -> impl Strategy<Value = String> {
    let byte = prop_oneof![
        8 => 0x20u8..0x7f,
        2 => (0x80u8..0xc2).prop_filter("no line end", |byte| *byte != 0x14),
        1 => 0xf5u8..=0xff,
    ];
    (vec(byte, 0..1200), vec(any::<prop::sample::Index>(), 0..6)).prop_map(|(bytes, line_ends)| {
        let mut characters: Vec<char> = CodePage::DEFAULT.decode(&bytes).chars().collect();
        for index in line_ends {
            let position = index.index(characters.len() + 1);
            characters.insert(position, '\n');
        }
        characters.into_iter().collect::<String>().trim_end_matches('\n').to_owned()
    })
}

proptest! {
    #[test]
    fn no_input_makes_a_receiver_panic_or_hold_more_than_its_limits(
        framing in framing(), stream in stream(), pieces in vec(1usize..300, 1..40), agrees in any::<bool>(),
    ) {
        let now = Instant::now();
        let limits = Limits {
            packet_bytes_max: LIMITS_PACKET_BYTES, text_bytes_max: LIMITS_TEXT_BYTES, ..Limits::default()
        };
        // A name of OEM bytes may have three bytes for each in UTF-8.
        let retained_bytes_max =
            2 * (LIMITS_PACKET_BYTES + HEADER_BYTES) + LIMITS_TEXT_BYTES + 2 * 3 * NAME_BYTES_MAX;
        let mut receiver = Receiver::new(framing, CodePage::DEFAULT, limits, CHALLENGE, now);
        let mut seen = Seen::default();
        let input = stream.concat();
        let (mut rest, mut pieces) = (input.as_slice(), pieces.iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(*pieces.next().unwrap()));
            rest = after;
            receiver.receive(piece, now);
            prop_assert!(receiver.retained_bytes() <= retained_bytes_max);
            if agrees {
                agree(&mut receiver, &mut seen, now);
                prop_assert!(receiver.retained_bytes() <= retained_bytes_max);
            }
        }
        for message in &seen.messages {
            prop_assert!(message.text.chars().count() <= LIMITS_TEXT_BYTES);
        }
    }

    #[test]
    fn pieces_do_not_change_what_a_receiver_sees(framing in framing(), stream in stream(), size in 1usize..50) {
        let input = stream.concat();
        let whole = serve(framing, &input, 4000);
        prop_assert_eq!(serve(framing, &input, size), whole);
    }

    #[test]
    fn no_response_makes_a_sender_panic(framing in framing(), stream in stream(), text in ".{0,300}") {
        let now = Instant::now();
        let outgoing = Outgoing { called: "A".into(), from: "B".into(), to: "A".into(), text };
        let options = SenderOptions { framing, text_bytes_max: usize::MAX, ..SenderOptions::default() };
        let mut sender = Sender::new(&outgoing, options, now).unwrap();
        for packet in stream {
            sender.poll_transmit();
            sender.receive(&packet, now);
        }
        sender.peer_closed();
        prop_assert!(sender.outcome().is_some());
    }

    #[test]
    fn what_is_sent_arrives(
        framing in framing(), text in western_text(), single in any::<bool>(), from in "[A-Z0-9ÄÖÜ]{1,15}",
    ) {
        let strategy = if single { sender::Strategy::SingleBlock } else { sender::Strategy::MultiBlock };
        let outgoing = Outgoing { called: "ALICE".into(), from: from.clone(), to: "ALICE".into(), text: text.clone() };
        let options = SenderOptions { framing, strategy, ..SenderOptions::default() };
        let mut sender = Sender::new(&outgoing, options, Instant::now()).unwrap();
        let seen = deliver(&mut sender, framing);
        prop_assert_eq!(seen.texts(), vec![text.as_str()]);
        prop_assert_eq!(&seen.messages[0].from, &from);
        prop_assert_eq!(&seen.messages[0].to, "ALICE");
        prop_assert!(matches!(sender.outcome(), Some(Ok(sent)) if sent.replaced.is_empty()));
    }

    #[test]
    fn any_text_is_encoded_without_control_bytes_but_tabulators_and_line_ends(
        text in any::<String>(), lines in vec("[^\r\n]{0,20}", 0..4), number in prop::sample::select(vec![437u16, 850, 866, 874, 932, 936, 949, 950, 1252]),
    ) {
        let page = CodePage::new(number).unwrap();
        let encoded = page.encode(&text).bytes;
        prop_assert!(encoded.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\t' | 0x14)));
        let encoded = page.encode(&lines.join("\n")).bytes;
        prop_assert_eq!(encoded.iter().filter(|byte| **byte == 0x14).count(), lines.len().saturating_sub(1));
    }

    #[test]
    fn any_blocks_can_be_decoded(blocks in vec(vec(any::<u8>(), 0..40), 0..6)) {
        let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        let text = CodePage::DEFAULT.decode_blocks(&blocks);
        prop_assert!(!text.contains(['\r', '\x14']));
        prop_assert!(!text.ends_with('\n'));
    }

    #[test]
    fn names_survive_the_way_there_and_back(bytes in any::<[u8; 16]>(), rest in vec(any::<u8>(), 0..10)) {
        let name = Name::from_bytes(bytes);
        let encoded = [&name.encode()[..], &rest].concat();
        prop_assert_eq!(Name::decode(&encoded), Ok((name, &rest[..])));
    }

    #[test]
    fn names_of_any_bytes_and_texts_are_judged(bytes in vec(any::<u8>(), 0..300), text in any::<String>()) {
        let _ = Name::decode(&bytes);
        if let Ok(name) = Name::new(&text, Suffix::MESSENGER, CodePage::DEFAULT) {
            prop_assert_eq!(Name::new(&name.text(CodePage::DEFAULT), Suffix::MESSENGER, CodePage::DEFAULT), Ok(name));
        }
    }

    #[test]
    fn session_packets_survive_the_way_there_and_back(
        payload in vec(any::<u8>(), 0..500), code in any::<u8>(), address in any::<u32>(), port in any::<u16>(),
        called in any::<[u8; 16]>(), calling in any::<[u8; 16]>(),
    ) {
        let packets = [
            Packet::Message(payload),
            Packet::Negative(NegativeReason::from_code(code)),
            Packet::Retarget { address: address.into(), port },
            Packet::Request { called: Name::from_bytes(called), calling: Name::from_bytes(calling) },
        ];
        for packet in packets {
            let encoded = packet.encode(Framing::NetbiosSession);
            let decoded = Decoder::new(Framing::NetbiosSession, 500).decode(&mut &encoded[..]);
            prop_assert_eq!(decoded, Ok(Some(packet)));
        }
    }

    #[test]
    fn requests_survive_the_way_there_and_back(
        from in vec(1u8.., 0..15), to in vec(1u8.., 0..15), text in vec(any::<u8>(), 0..300), group in any::<u16>(),
    ) {
        let request = send_message::Request { from: &from, to: &to, text: &text };
        let encoded = request.encode();
        prop_assert_eq!(send_message::Request::decode(body(&encoded)), Ok(request));
        let request = start_multi_block::Request { from: &from, to: &to };
        let encoded = request.encode();
        prop_assert_eq!(start_multi_block::Request::decode(body(&encoded)), Ok(request));
        let request = text_multi_block::Request { group, text: &text };
        let encoded = request.encode();
        prop_assert_eq!(text_multi_block::Request::decode(body(&encoded)), Ok(request));
        let request = end_multi_block::Request { group };
        let encoded = request.encode();
        prop_assert_eq!(end_multi_block::Request::decode(body(&encoded)), Ok(request));
    }

    #[test]
    fn no_bytes_make_a_request_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = Header::decode(&bytes);
        let _ = send_message::Request::decode(&bytes);
        let _ = start_multi_block::Request::decode(&bytes);
        let _ = start_multi_block::Response::decode(&bytes);
        let _ = text_multi_block::Request::decode(&bytes);
        let _ = end_multi_block::Request::decode(&bytes);
        let _ = negotiate::Request::decode(&bytes);
    }
}

fn body(message: &[u8]) -> &[u8] {
    Header::decode(message).expect("a header").1
}
