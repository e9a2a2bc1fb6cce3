//! What a peer and the owner notice of a sender, beyond what the captures show.

mod support;

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::name::{Name, NameError, Suffix};
use netbios::sender::{Outgoing, SendError, Sender, SenderOptions, Sent, Step, Strategy};
use netbios::session::{Framing, NegativeReason, Packet};
use netbios::smb::header::command;
use netbios::smb::{Header, Status, encode_empty_response, start_multi_block, text_multi_block};
use support::{deliver, framed, packets};

fn outgoing(text: &str) -> Outgoing {
    Outgoing { called: "alice".into(), from: "bob".into(), to: "alice".into(), text: text.into() }
}

fn options(framing: Framing, strategy: Strategy) -> SenderOptions {
    SenderOptions { framing, strategy, ..SenderOptions::default() }
}

fn sender(framing: Framing, text: &str) -> Sender {
    Sender::new(&outgoing(text), options(framing, Strategy::SingleBlock), Instant::now())
        .expect("a message that can be sent")
}

fn error_after(packet: &Packet) -> SendError {
    let mut sender = sender(Framing::NetbiosSession, "hello");
    sender.poll_transmit();
    sender.receive(&packet.encode(Framing::NetbiosSession), Instant::now());
    assert_eq!(sender.poll_transmit(), None);
    sender.outcome().expect("an outcome").clone().expect_err("a failure")
}

#[test]
fn the_recipient_is_called_by_its_messenger_name() {
    let mut sender = sender(Framing::NetbiosSession, "hello");
    let name = |text| Name::new(text, Suffix::MESSENGER, CodePage::DEFAULT).unwrap();
    let request = packets(Framing::NetbiosSession, &sender.poll_transmit().unwrap());
    assert_eq!(request, [Packet::Request { called: name("ALICE"), calling: name("BOB") }]);
}

#[test]
fn no_block_ends_inside_a_character_of_two_bytes() {
    let page = CodePage::new(932).expect("a known page");
    let text = format!("a{}\n本", "日".repeat(200));
    let options = SenderOptions { code_page: page, ..options(Framing::Direct, Strategy::SingleBlock) };
    let mut sender = Sender::new(&outgoing(&text), options, Instant::now()).expect("it can be sent");
    let now = Instant::now();
    let (mut whole, mut sizes) = (String::new(), Vec::new());
    while let Some(bytes) = sender.poll_transmit() {
        let [Packet::Message(message)] = &packets(Framing::Direct, &bytes)[..] else { panic!("a message") };
        let (header, body) = Header::decode(message).expect("a message block");
        if header.command == command::TEXT_MULTI_BLOCK {
            let block = text_multi_block::Request::decode(body).expect("a block").text;
            sizes.push(block.len());
            // Each block is read for itself, as some recipients do.
            whole.push_str(&page.decode(&[block, b"."].concat()));
            assert_eq!(whole.pop(), Some('.'));
        }
        let response = match header.command {
            command::START_MULTI_BLOCK => start_multi_block::Response { group: 1 }.encode(&header),
            _ => encode_empty_response(&header, Status::SUCCESS),
        };
        sender.receive(&framed(Framing::Direct, response), now);
    }
    assert_eq!((whole, &sizes[..]), (text, &[127, 128, 128, 21][..]));
    assert!(matches!(sender.outcome(), Some(Ok(_))));
}

#[test]
fn whoever_listens_can_be_called_instead() {
    let any = Outgoing { called: "*SMBSERVER".into(), ..outgoing("hello") };
    let mut sender = Sender::new(&any, SenderOptions::default(), Instant::now()).unwrap();
    let request = packets(Framing::NetbiosSession, &sender.poll_transmit().unwrap());
    assert!(matches!(request[..], [Packet::Request { called: Name::SMB_SERVER, .. }]));
    let refusal = Packet::Negative(NegativeReason::CalledNotPresent).encode(Framing::NetbiosSession);
    sender.receive(&refusal, Instant::now());
    let error = sender.outcome().unwrap().clone().unwrap_err();
    assert!(!error.try_smbserver_name(), "that was tried already");
}

#[test]
fn a_name_that_is_not_there_may_be_there_under_another() {
    for reason in [NegativeReason::CalledNotPresent, NegativeReason::NotListeningOnCalled] {
        let error = error_after(&Packet::Negative(reason));
        assert_eq!(error, SendError::SessionRefused { reason, called_any_server: false });
        assert!(error.try_smbserver_name());
    }
    assert!(!error_after(&Packet::Negative(NegativeReason::InsufficientResources)).try_smbserver_name());
}

#[test]
fn a_retarget_is_reported_and_not_followed() {
    let retarget = Packet::Retarget { address: Ipv4Addr::new(203, 0, 113, 1), port: 139 };
    let expected = SendError::Retargeted { address: Ipv4Addr::new(203, 0, 113, 1), port: 139 };
    assert_eq!(error_after(&retarget), expected);
}

#[test]
fn a_packet_that_answers_nothing_ends_the_attempt() {
    assert_eq!(error_after(&Packet::Message(vec![])), SendError::UnexpectedPacket { step: Step::Session });
}

#[test]
fn a_text_of_128_bytes_goes_in_one_block_and_one_more_does_not() {
    let command = |text: &str, strategy| {
        let mut sender =
            Sender::new(&outgoing(text), options(Framing::Direct, strategy), Instant::now()).unwrap();
        sender.poll_transmit().unwrap()[8]
    };
    assert_eq!(command(&"x".repeat(128), Strategy::SingleBlock), 0xd0);
    assert_eq!(command(&"x".repeat(129), Strategy::SingleBlock), 0xd5);
    assert_eq!(command("x", Strategy::MultiBlock), 0xd5);
}

#[test]
fn blocks_have_at_most_128_bytes_and_the_group_of_the_start() {
    let now = Instant::now();
    let mut sender = sender(Framing::Direct, &"y".repeat(300));
    sender.poll_transmit();
    let mut response = encode_empty_response(&Header::request(0xd5), Status::SUCCESS);
    response.splice(32.., [1, 0x34, 0x12, 0, 0]);
    let mut lengths = Vec::new();
    for _ in 0..3 {
        sender.receive(&framed(Framing::Direct, response), now);
        let request = sender.poll_transmit().unwrap();
        let (_, body) = Header::decode(&request[4..]).unwrap();
        let block = text_multi_block::Request::decode(body).unwrap();
        assert_eq!(block.group, 0x1234);
        lengths.push(block.text.len());
        response = encode_empty_response(&Header::request(0xd7), Status::SUCCESS);
    }
    assert_eq!(lengths, [128, 128, 44]);
}

#[test]
fn a_delivered_message_tells_what_was_spelled_differently() {
    let mut sender = sender(Framing::NetbiosSession, "5 € – ok");
    let seen = deliver(&mut sender, Framing::NetbiosSession);
    assert_eq!(seen.texts(), ["5 EUR - ok"]);
    assert_eq!(sender.outcome(), Some(&Ok(Sent { replaced: vec!['€', '–'] })));
    assert_eq!(sender.deadline(), None);
}

#[test]
fn an_error_tells_class_and_code() {
    let now = Instant::now();
    let mut sender = sender(Framing::Direct, "hello");
    sender.poll_transmit();
    let refusal = encode_empty_response(&Header::request(0xd0), Status::NO_ROOM);
    sender.receive(&framed(Framing::Direct, refusal), now);
    let error = sender.outcome().unwrap().clone().unwrap_err();
    assert_eq!(error, SendError::Refused { step: Step::SingleBlock, status: Status::NO_ROOM });
    assert!(!error.try_multi_block(), "more blocks will not make more room");
    assert_eq!(error.to_string(), "the message was refused at SingleBlock: ERRSRV 83");
}

#[test]
fn our_own_request_sent_back_is_no_response() {
    let mut sender = sender(Framing::Direct, "hello");
    let echo = sender.poll_transmit().unwrap();
    sender.receive(&echo, Instant::now());
    assert_eq!(sender.outcome(), Some(&Err(SendError::UnexpectedPacket { step: Step::SingleBlock })));
}

#[test]
fn a_peer_that_answers_what_it_was_not_sent_has_not_taken_the_message() {
    let now = Instant::now();
    let mut sender = sender(Framing::Direct, &"y".repeat(300));
    sender.poll_transmit();
    let mut start = encode_empty_response(&Header::request(0xd5), Status::SUCCESS);
    start.splice(32.., [1, 0x34, 0x12, 0, 0]);
    let rest = [0xd7, 0xd7, 0xd7, 0xd6].map(|command| {
        framed(Framing::Direct, encode_empty_response(&Header::request(command), Status::SUCCESS))
    });
    sender.receive(&[framed(Framing::Direct, start), rest.concat()].concat(), now);
    assert_eq!(sender.outcome(), Some(&Err(SendError::UnexpectedPacket { step: Step::Text })));
    assert_eq!(sender.poll_transmit(), None);
}

#[test]
fn keep_alives_are_ignored_and_do_not_extend_the_wait() {
    let now = Instant::now();
    let mut sender = Sender::new(&outgoing("hello"), SenderOptions::default(), now).unwrap();
    let alive = Packet::KeepAlive.encode(Framing::NetbiosSession);
    sender.receive(&alive, now + Duration::from_secs(20));
    assert_eq!(sender.deadline(), Some(now + Duration::from_secs(30)));
    sender.handle_timeout(now + Duration::from_secs(29));
    assert_eq!(sender.outcome(), None);
    sender.handle_timeout(now + Duration::from_secs(30));
    assert_eq!(sender.outcome(), Some(&Err(SendError::TimedOut { step: Step::Session })));
}

#[test]
fn each_response_starts_the_wait_anew() {
    let now = Instant::now();
    let mut sender = Sender::new(&outgoing("hello"), SenderOptions::default(), now).unwrap();
    sender.poll_transmit();
    sender.receive(&Packet::Positive.encode(Framing::NetbiosSession), now + Duration::from_secs(20));
    assert_eq!(sender.deadline(), Some(now + Duration::from_secs(50)));
}

#[test]
fn messages_that_cannot_be_spelled_are_refused_before_connecting() {
    let error =
        |outgoing: Outgoing| Sender::new(&outgoing, SenderOptions::default(), Instant::now()).unwrap_err();
    let long = Outgoing { to: "a name that is too long".into(), ..outgoing("x") };
    assert_eq!(error(long), SendError::Name(NameError::TooLong(23)));
    let foreign = Outgoing { from: "日本".into(), ..outgoing("x") };
    assert_eq!(error(foreign), SendError::Name(NameError::Character('日')));
    assert_eq!(error(outgoing(&"x".repeat(4096))), SendError::TextTooLong { max: 4095, got: 4096 });
}
