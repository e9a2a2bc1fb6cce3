//! A connection from a Windows machine. The first byte says how it is framed and how the owner answers, the second
//! how large the pieces are.

use std::time::Instant;

use netbios::code_page::CodePage;
use netbios::name::Name;
use netbios::receiver::{Answer, CloseReason, Event, Limits, Message, Receiver};
use netbios::session::{Framing, HEADER_BYTES, NegativeReason};
use netbios::smb::NAME_BYTES_MAX;

const PACKET_BYTES_MAX: usize = 600;
const TEXT_BYTES_MAX: usize = 300;
/// A name of OEM bytes may have three bytes for each in UTF-8.
const RETAINED_BYTES_MAX: usize =
    2 * (PACKET_BYTES_MAX + HEADER_BYTES) + TEXT_BYTES_MAX + 2 * 3 * NAME_BYTES_MAX;

/// How the owner answers.
#[derive(Clone, Copy)]
struct Owner {
    framing: Framing,
    allows_session: bool,
    allows_recipient: bool,
    answer: Answer,
}

/// What there was to see.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    called: Vec<(Name, Name)>,
    addressed: Vec<(String, String)>,
    messages: Vec<Message>,
    closed: Option<CloseReason>,
    sent: Vec<u8>,
}

pub(crate) fn run(data: &[u8]) {
    let [owner, piece, input @ ..] = data else { return };
    let owner = Owner {
        framing: if owner & 1 == 0 { Framing::NetbiosSession } else { Framing::Direct },
        allows_session: owner & 2 == 0,
        allows_recipient: owner & 4 == 0,
        answer: [Answer::Accepted, Answer::NoSuchName, Answer::NoRoom, Answer::Accepted]
            [usize::from(owner >> 3 & 3)],
    };
    let whole = serve(owner, input, PACKET_BYTES_MAX);
    for message in &whole.messages {
        assert!(message.text.chars().count() <= TEXT_BYTES_MAX, "a text is longer than its limit");
    }
    assert_eq!(serve(owner, input, usize::from(*piece).max(1)), whole, "pieces change what is seen");
}

fn serve(owner: Owner, input: &[u8], piece_bytes: usize) -> Seen {
    let now = Instant::now();
    let limits =
        Limits { packet_bytes_max: PACKET_BYTES_MAX, text_bytes_max: TEXT_BYTES_MAX, ..Limits::default() };
    let mut receiver = Receiver::new(owner.framing, CodePage::DEFAULT, limits, *b"01234567", now);
    let mut seen = Seen::default();
    for piece in input.chunks(piece_bytes) {
        receiver.receive(piece, now);
        assert!(receiver.retained_bytes() <= RETAINED_BYTES_MAX, "more is held than the limits allow");
        owner.work(&mut receiver, &mut seen, now);
        assert!(receiver.retained_bytes() <= RETAINED_BYTES_MAX, "more is held than the limits allow");
        assert_eq!(receiver.close_wanted(), seen.closed.is_some());
    }
    seen
}

impl Owner {
    /// Answers until the receiver waits for input.
    fn work(self, receiver: &mut Receiver, seen: &mut Seen, now: Instant) {
        loop {
            let event = receiver.poll();
            while let Some(bytes) = receiver.poll_transmit() {
                seen.sent.extend(bytes);
            }
            let Some(event) = event else { return };
            assert!(seen.closed.is_none(), "something happens after the end: {event:?}");
            match event {
                Event::Called { called, calling } => {
                    seen.called.push((called, calling));
                    if self.allows_session {
                        receiver.allow_session(now);
                    } else {
                        receiver.refuse_session(NegativeReason::CalledNotPresent);
                    }
                }
                Event::Addressed { from, to } => {
                    seen.addressed.push((from, to));
                    if self.allows_recipient {
                        receiver.allow_recipient(now);
                    } else {
                        receiver.refuse_recipient(now);
                    }
                }
                Event::Message(message) => {
                    seen.messages.push(message);
                    receiver.answer(self.answer, now);
                }
                Event::Closed(reason) => seen.closed = Some(reason),
                other => panic!("unknown event {other:?}"),
            }
        }
    }
}
