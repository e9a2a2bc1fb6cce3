//! What the tests of this crate share: captured connections, and owners that drive both ends.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test program uses a part of this")]

pub mod capture;
pub mod node;
pub mod subnet;

use std::time::Instant;

use netbios::code_page::CodePage;
use netbios::name::Name;
use netbios::receiver::{Answer, CloseReason, Event, Limits, Message, Receiver};
use netbios::sender::Sender;
use netbios::session::{Decoder, Framing, Packet};
use netbios::smb::{Header, Status};

pub const CHALLENGE: [u8; 8] = *b"01234567";

/// What an owner that agrees to everything saw of a connection.
#[derive(Debug, Default, PartialEq)]
pub struct Seen {
    pub called: Vec<(Name, Name)>,
    pub addressed: Vec<(String, String)>,
    pub messages: Vec<Message>,
    pub closed: Option<CloseReason>,
    pub sent: Vec<u8>,
}

impl Seen {
    pub fn texts(&self) -> Vec<&str> {
        self.messages.iter().map(|message| message.text.as_str()).collect()
    }
}

pub fn receiver(framing: Framing, now: Instant) -> Receiver {
    Receiver::new(framing, CodePage::DEFAULT, Limits::default(), CHALLENGE, now)
}

/// Lets the receiver work until it waits for input, agreeing to everything.
pub fn agree(receiver: &mut Receiver, seen: &mut Seen, now: Instant) {
    loop {
        let event = receiver.poll();
        while let Some(bytes) = receiver.poll_transmit() {
            seen.sent.extend(bytes);
        }
        match event {
            None => return,
            Some(Event::Called { called, calling }) => {
                seen.called.push((called, calling));
                receiver.allow_session(now);
            }
            Some(Event::Addressed { from, to }) => {
                seen.addressed.push((from, to));
                receiver.allow_recipient(now);
            }
            Some(Event::Message(message)) => {
                seen.messages.push(message);
                receiver.answer(Answer::Accepted, now);
            }
            Some(Event::Closed(reason)) => seen.closed = Some(reason),
            Some(other) => panic!("unknown event {other:?}"),
        }
    }
}

/// Feeds a whole connection in pieces of the given size to an owner that agrees to everything.
pub fn serve(framing: Framing, input: &[u8], piece_bytes: usize) -> Seen {
    let now = Instant::now();
    let (mut receiver, mut seen) = (receiver(framing, now), Seen::default());
    for piece in input.chunks(piece_bytes) {
        receiver.receive(piece, now);
        agree(&mut receiver, &mut seen, now);
    }
    seen
}

/// Connects a sender with a receiver whose owner agrees to everything.
pub fn deliver(sender: &mut Sender, framing: Framing) -> Seen {
    let now = Instant::now();
    let (mut receiver, mut seen) = (receiver(framing, now), Seen::default());
    while let Some(bytes) = sender.poll_transmit() {
        receiver.receive(&bytes, now);
        agree(&mut receiver, &mut seen, now);
        sender.receive(&std::mem::take(&mut seen.sent), now);
    }
    seen
}

pub fn packets(framing: Framing, mut bytes: &[u8]) -> Vec<Packet> {
    let mut decoder = Decoder::new(framing, 0xffff);
    let mut packets = Vec::new();
    while let Some(packet) = decoder.decode(&mut bytes).expect("well-formed packets") {
        packets.push(packet);
    }
    packets
}

/// Command and status of every server message block in a stream.
pub fn statuses(framing: Framing, bytes: &[u8]) -> Vec<(u8, Status)> {
    let messages = packets(framing, bytes).into_iter().filter_map(|packet| match packet {
        Packet::Message(message) => Some(message),
        _ => None,
    });
    messages
        .map(|message| {
            let (header, _) = Header::decode(&message).expect("a server message block");
            (header.command, header.status)
        })
        .collect()
}

pub fn framed(framing: Framing, message: Vec<u8>) -> Vec<u8> {
    Packet::Message(message).encode(framing)
}
