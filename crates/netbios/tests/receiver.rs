//! What a peer and the owner notice of a receiver, beyond what the captures show.

mod support;

use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::name::{Name, Suffix};
use netbios::receiver::{Answer, CloseReason, Event, Limits, Message, Receiver};
use netbios::session::{Framing, NegativeReason, Packet, SessionError};
use netbios::smb::{
    Header, SmbError, Status, end_multi_block, send_message, start_multi_block, text_multi_block,
};
use support::{CHALLENGE, Seen, agree, framed, packets, receiver, serve, statuses};

const DIRECT: Framing = Framing::Direct;

fn single(text: &[u8]) -> Vec<u8> {
    framed(DIRECT, send_message::Request { from: b"BOB", to: b"ALICE", text }.encode())
}

fn start() -> Vec<u8> {
    framed(DIRECT, start_multi_block::Request { from: b"BOB", to: b"ALICE" }.encode())
}

fn block(text: &[u8]) -> Vec<u8> {
    framed(DIRECT, text_multi_block::Request { group: 1, text }.encode())
}

fn end() -> Vec<u8> {
    framed(DIRECT, end_multi_block::Request { group: 1 }.encode())
}

fn session_request() -> Vec<u8> {
    let name = |text, suffix| Name::new(text, suffix, CodePage::DEFAULT).expect("a name");
    let request = Packet::Request {
        called: name("ALICE", Suffix::MESSENGER),
        calling: name("PC", Suffix::WORKSTATION),
    };
    request.encode(Framing::NetbiosSession)
}

fn message(text: &str) -> Message {
    Message { from: "BOB".into(), to: "ALICE".into(), text: text.into() }
}

fn sent(receiver: &mut Receiver) -> Vec<u8> {
    std::iter::from_fn(|| receiver.poll_transmit()).flatten().collect()
}

#[test]
fn nothing_is_acknowledged_before_the_owner_has_kept_the_message() {
    let now = Instant::now();
    let mut receiver = receiver(DIRECT, now);
    receiver.receive(&single(b"hello"), now);
    assert_eq!(receiver.poll(), Some(Event::Message(message("hello"))));
    assert_eq!(receiver.poll_transmit(), None);
    receiver.answer(Answer::Accepted, now);
    assert_eq!(statuses(DIRECT, &sent(&mut receiver)), [(0xd0, Status::SUCCESS)]);
}

#[test]
fn the_end_of_a_message_is_acknowledged_last() {
    let now = Instant::now();
    let mut receiver = receiver(DIRECT, now);
    receiver.receive(&start(), now);
    assert!(matches!(receiver.poll(), Some(Event::Addressed { .. })));
    assert_eq!(receiver.poll_transmit(), None);
    receiver.allow_recipient(now);
    receiver.receive(&[block(b"one "), block(b"two"), end()].concat(), now);
    assert_eq!(receiver.poll(), Some(Event::Message(message("one two"))));
    assert_eq!(statuses(DIRECT, &sent(&mut receiver)).last(), Some(&(0xd7, Status::SUCCESS)));
    receiver.answer(Answer::Accepted, now);
    assert_eq!(statuses(DIRECT, &sent(&mut receiver)), [(0xd6, Status::SUCCESS)]);
}

#[test]
fn a_message_that_cannot_be_kept_is_refused_with_its_reason() {
    for (answer, status) in [(Answer::NoRoom, Status::NO_ROOM), (Answer::NoSuchName, Status::NOT_RECEIVING)] {
        let now = Instant::now();
        let mut receiver = receiver(DIRECT, now);
        receiver.receive(&single(b"hello"), now);
        receiver.answer(answer, now);
        assert_eq!(statuses(DIRECT, &sent(&mut receiver)), [(0xd0, status)]);
    }
}

#[test]
fn the_start_is_answered_with_the_group_of_the_message() {
    let now = Instant::now();
    let mut receiver = receiver(DIRECT, now);
    receiver.receive(&start(), now);
    receiver.allow_recipient(now);
    let [Packet::Message(response)] = &packets(DIRECT, &sent(&mut receiver))[..] else {
        panic!("one response")
    };
    let (_, body) = Header::decode(response).unwrap();
    assert_eq!(body, [1, 1, 0, 0, 0], "one parameter word, no data");
}

#[test]
fn a_refused_recipient_gets_no_text_and_the_next_one_may() {
    let now = Instant::now();
    let mut receiver = receiver(DIRECT, now);
    receiver.receive(&start(), now);
    assert!(matches!(receiver.poll(), Some(Event::Addressed { .. })));
    receiver.refuse_recipient(now);
    receiver.receive(&[block(b"text"), end()].concat(), now);
    assert_eq!(
        statuses(DIRECT, &sent(&mut receiver)),
        [(0xd5, Status::NOT_RECEIVING), (0xd7, Status::INVALID_PARAMETER), (0xd6, Status::INVALID_PARAMETER)]
    );
    assert_eq!(receiver.poll(), None);
    receiver.receive(&single(b"hello"), now);
    assert_eq!(receiver.poll(), Some(Event::Message(message("hello"))));
}

#[test]
fn several_messages_of_one_connection_are_several_messages() {
    let input = [single(b"one"), single(b"two"), start(), block(b"three"), end(), start(), end()].concat();
    assert_eq!(serve(DIRECT, &input, usize::MAX).texts(), ["one", "two", "three", ""]);
}

#[test]
fn a_new_message_replaces_one_that_was_not_finished() {
    let input = [start(), block(b"lost"), start(), block(b"kept"), end()].concat();
    assert_eq!(serve(DIRECT, &input, usize::MAX).texts(), ["kept"]);
    let input = [start(), block(b"lost"), single(b"kept"), end()].concat();
    let seen = serve(DIRECT, &input, usize::MAX);
    assert_eq!(seen.texts(), ["kept"]);
    assert_eq!(statuses(DIRECT, &seen.sent).last(), Some(&(0xd6, Status::INVALID_PARAMETER)));
}

#[test]
fn a_text_beyond_the_limit_is_refused_and_not_delivered() {
    let blocks = [start(), block(&[b'x'; 4096]), block(&[b'x'; 4096]), block(b"x"), end()];
    let seen = serve(DIRECT, &blocks.concat(), 1000);
    assert_eq!(seen.messages, []);
    assert_eq!(
        statuses(DIRECT, &seen.sent)[3..],
        [(0xd7, Status::NO_ROOM), (0xd6, Status::INVALID_PARAMETER)]
    );
}

#[test]
fn a_text_of_more_characters_than_windows_shows_is_refused() {
    let seen = serve(DIRECT, &single(&[b'x'; 4095]), usize::MAX);
    assert_eq!(seen.messages.len(), 1);
    let seen = serve(DIRECT, &single(&[b'x'; 4096]), usize::MAX);
    assert_eq!(seen.messages, []);
    assert_eq!(statuses(DIRECT, &seen.sent), [(0xd0, Status::NO_ROOM)]);
}

#[test]
fn names_longer_than_netbios_allows_arrive_as_smbclient_sends_them() {
    let request = send_message::Request { from: b"averyveryverylongusername123", to: b"SRV2  ", text: b"x" };
    let seen = serve(DIRECT, &framed(DIRECT, request.encode()), usize::MAX);
    assert_eq!(seen.messages[0].from, "averyveryverylongusername123");
    assert_eq!(seen.messages[0].to, "SRV2");
}

#[test]
fn a_message_waits_for_the_session_to_be_allowed() {
    let now = Instant::now();
    let mut receiver = receiver(Framing::NetbiosSession, now);
    receiver.receive(&[session_request(), single(b"hello")].concat(), now);
    assert!(matches!(receiver.poll(), Some(Event::Called { .. })));
    assert_eq!((receiver.poll(), receiver.poll_transmit()), (None, None));
    assert!(!receiver.wants_input());
    receiver.allow_session(now);
    assert_eq!(sent(&mut receiver), [0x82, 0, 0, 0]);
    assert_eq!(receiver.poll(), Some(Event::Message(message("hello"))));
}

#[test]
fn a_refused_session_is_told_why_and_closed() {
    let now = Instant::now();
    let mut receiver = receiver(Framing::NetbiosSession, now);
    receiver.receive(&session_request(), now);
    receiver.poll();
    receiver.refuse_session(NegativeReason::CalledNotPresent);
    assert_eq!(sent(&mut receiver), [0x83, 0, 0, 1, 0x82]);
    assert_eq!(
        receiver.poll(),
        Some(Event::Closed(CloseReason::SessionRefused(NegativeReason::CalledNotPresent)))
    );
    assert!(receiver.close_wanted());
    receiver.receive(&single(b"hello"), now);
    assert_eq!(receiver.poll(), None);
}

#[test]
fn a_session_request_that_cannot_be_read_is_refused() {
    let mut input = session_request();
    input[5] = b'z';
    let seen = serve(Framing::NetbiosSession, &input, usize::MAX);
    assert_eq!(seen.sent, [0x83, 0, 0, 1, 0x8f]);
    assert!(matches!(seen.closed, Some(CloseReason::Session(SessionError::Name(_)))));
}

#[test]
fn a_message_is_taken_from_who_called_nobody() {
    let seen = serve(Framing::NetbiosSession, &[single(b"one"), single(b"two")].concat(), usize::MAX);
    assert_eq!(seen.texts(), ["one", "two"]);
    assert_eq!((seen.called, seen.closed), (vec![], None));
}

#[test]
fn what_has_no_place_in_the_protocol_closes_the_connection() {
    let closed = |framing, input: &[u8]| serve(framing, input, usize::MAX).closed;
    for first in [session_request(), single(b"x")] {
        assert_eq!(
            closed(Framing::NetbiosSession, &[first, session_request()].concat()),
            Some(CloseReason::UnexpectedPacket)
        );
    }
    assert_eq!(
        closed(Framing::NetbiosSession, b"GET / HTTP/1.1\r\n"),
        Some(CloseReason::Session(SessionError::Type(b'G')))
    );
    let newer = framed(DIRECT, [&b"\xfeSMB"[..], &[0; 60]].concat());
    assert_eq!(closed(DIRECT, &newer), Some(CloseReason::Smb(SmbError::Protocol(*b"\xfeSMB"))));
    assert_eq!(closed(DIRECT, &framed(DIRECT, vec![])), Some(CloseReason::Smb(SmbError::HeaderTooShort(0))));
    assert!(matches!(
        closed(DIRECT, &[0, 0, 0x20, 0]),
        Some(CloseReason::Session(SessionError::Length { got: 0x2000, .. }))
    ));
}

#[test]
fn keep_alives_are_ignored_anywhere() {
    let alive = Packet::KeepAlive.encode(DIRECT);
    let input = [alive.clone(), start(), alive.clone(), block(b"text"), alive.clone(), end(), alive.clone()];
    assert_eq!(serve(DIRECT, &input.concat(), usize::MAX).texts(), ["text"]);
    let input = [alive.clone(), session_request(), alive, single(b"text")];
    assert_eq!(serve(Framing::NetbiosSession, &input.concat(), usize::MAX).texts(), ["text"]);
}

#[test]
fn a_connection_is_not_kept_by_messages_that_are_only_begun() {
    let seen = serve(DIRECT, &start().repeat(17), usize::MAX);
    assert_eq!((seen.addressed.len(), seen.closed), (17, None));
    let seen = serve(DIRECT, &start().repeat(18), usize::MAX);
    assert_eq!((seen.addressed.len(), seen.closed), (17, Some(CloseReason::TooManyRejected)));
    // A whole message in between shows that it is used.
    let used = [start().repeat(17), block(b"text"), end()].concat();
    assert_eq!(serve(DIRECT, &used.repeat(3), usize::MAX).closed, None);
    // So is a recipient that is not here.
    let now = Instant::now();
    let mut receiver = receiver(DIRECT, now);
    for _ in 0..17 {
        assert!(!receiver.close_wanted());
        receiver.receive(&start(), now);
        receiver.refuse_recipient(now);
    }
    assert!(receiver.close_wanted());
}

#[test]
fn malformed_requests_are_answered_until_there_are_too_many() {
    let malformed = framed(DIRECT, [&Header32::of(0xd0)[..], b"\x01\0\0\0\0"].concat());
    let seen = serve(DIRECT, &malformed.repeat(16), usize::MAX);
    assert_eq!(statuses(DIRECT, &seen.sent), [(0xd0, Status::MALFORMED); 16]);
    assert_eq!(seen.closed, None);
    let seen = serve(DIRECT, &malformed.repeat(17), usize::MAX);
    assert_eq!(seen.closed, Some(CloseReason::TooManyRejected));
    let interrupted = [malformed.repeat(16), single(b"good"), malformed.repeat(16)].concat();
    assert_eq!(serve(DIRECT, &interrupted, usize::MAX).closed, None);
}

/// A bare header, for requests that the encoders would not write.
struct Header32;

impl Header32 {
    fn of(command: u8) -> [u8; 32] {
        let mut header = [0; 32];
        header[..4].copy_from_slice(b"\xffSMB");
        header[4] = command;
        header
    }
}

#[test]
fn only_the_first_negotiation_counts() {
    let negotiation = framed(DIRECT, [&Header32::of(0x72)[..], b"\0\x0c\0\x02NT LM 0.12\0"].concat());
    let seen = serve(DIRECT, &[negotiation.clone(), negotiation].concat(), usize::MAX);
    assert_eq!(statuses(DIRECT, &seen.sent), [(0x72, Status::SUCCESS), (0x72, Status::MALFORMED)]);
    assert!(seen.sent.windows(8).any(|bytes| bytes == CHALLENGE));
}

#[test]
fn a_peer_that_does_not_wait_for_decisions_is_cut_off_at_one_packet() {
    let now = Instant::now();
    let mut receiver = receiver(DIRECT, now);
    receiver.receive(&single(b"first"), now);
    receiver.poll();
    receiver.receive(&[0; 4356], now);
    assert!(!receiver.close_wanted());
    receiver.receive(&[0], now);
    assert_eq!(receiver.poll(), Some(Event::Closed(CloseReason::InputOverrun)));
    assert_eq!(receiver.retained_bytes(), 0);
}

#[test]
fn a_caller_that_says_nothing_is_hung_up_on() {
    let now = Instant::now();
    let mut receiver = receiver(Framing::NetbiosSession, now);
    let deadline = now + Duration::from_secs(10);
    assert_eq!(receiver.deadline(), Some(deadline));
    receiver.receive(&session_request()[..40], now + Duration::from_secs(9));
    receiver.handle_timeout(deadline - Duration::from_millis(1));
    assert_eq!(receiver.poll(), None);
    receiver.handle_timeout(deadline);
    assert_eq!(receiver.poll(), Some(Event::Closed(CloseReason::SessionRequestTimeout)));
    assert_eq!(receiver.deadline(), None);
}

#[test]
fn keep_alives_do_not_keep_an_idle_connection() {
    let now = Instant::now();
    let mut receiver = receiver(DIRECT, now);
    receiver.receive(&Packet::KeepAlive.encode(DIRECT), now + Duration::from_secs(20));
    assert_eq!(receiver.deadline(), Some(now + Duration::from_secs(30)));
    receiver.handle_timeout(now + Duration::from_secs(30));
    assert_eq!(receiver.poll(), Some(Event::Closed(CloseReason::IdleTimeout)));
}

#[test]
fn a_message_that_trickles_in_is_dropped() {
    let now = Instant::now();
    let (mut receiver, mut seen) = (receiver(DIRECT, now), Seen::default());
    receiver.receive(&start(), now);
    agree(&mut receiver, &mut seen, now);
    for second in [10, 20, 29] {
        receiver.receive(&block(b"x"), now + Duration::from_secs(second));
    }
    assert_eq!(receiver.deadline(), Some(now + Duration::from_secs(30)));
    receiver.handle_timeout(now + Duration::from_secs(30));
    agree(&mut receiver, &mut seen, now);
    assert_eq!((seen.texts(), seen.closed), (vec![], Some(CloseReason::MessageTimeout)));
    assert_eq!(receiver.retained_bytes(), 0);
}

#[test]
fn a_slow_owner_is_not_held_against_the_peer() {
    let now = Instant::now();
    let later = now + Duration::from_secs(3600);
    let mut receiver = receiver(DIRECT, now);
    receiver.receive(&single(b"hello"), now);
    assert_eq!(receiver.deadline(), None);
    receiver.handle_timeout(later);
    receiver.answer(Answer::Accepted, later);
    assert!(!receiver.close_wanted());
    assert_eq!(receiver.deadline(), Some(later + Duration::from_secs(30)));
}

#[test]
fn decisions_that_nobody_asked_for_change_nothing() {
    let now = Instant::now();
    let mut receiver = Receiver::new(DIRECT, CodePage::DEFAULT, Limits::default(), CHALLENGE, now);
    receiver.allow_session(now);
    receiver.refuse_session(NegativeReason::Unspecified);
    receiver.allow_recipient(now);
    receiver.refuse_recipient(now);
    receiver.answer(Answer::Accepted, now);
    assert_eq!((receiver.poll_transmit(), receiver.poll()), (None, None));
    receiver.receive(&single(b"hello"), now);
    assert_eq!(receiver.poll(), Some(Event::Message(message("hello"))));
}
