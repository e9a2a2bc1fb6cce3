//! What a Windows machine answers to us. The first byte says how we send, the second how large the pieces are.

use std::time::Instant;

use netbios::sender::{Outgoing, SendError, Sender, SenderOptions, Sent, Strategy};
use netbios::session::{Framing, HEADER_BYTES};

pub(crate) fn run(data: &[u8]) {
    let [options, piece, answers @ ..] = data else { return };
    let piece_bytes = usize::from(*piece).max(1);
    let whole = send(*options, packets(answers));
    let in_pieces = send(*options, packets(answers).flat_map(|packet| packet.chunks(piece_bytes)));
    assert_eq!(in_pieces, whole, "pieces change what is sent");
    let (_, all_at_once) = send(*options, [answers]);
    assert!(all_at_once.is_err() || whole.1.is_ok(), "who answers early is believed");
}

/// What was sent, and how it went. What is to be sent is sent after each piece.
fn send<'a>(options: u8, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Result<Sent, SendError>) {
    let now = Instant::now();
    let options = SenderOptions {
        framing: if options & 1 == 0 { Framing::NetbiosSession } else { Framing::Direct },
        strategy: if options & 2 == 0 { Strategy::SingleBlock } else { Strategy::MultiBlock },
        ..SenderOptions::default()
    };
    let outgoing = Outgoing {
        called: "ALICE".into(),
        from: "BOB".into(),
        to: "ALICE".into(),
        text: "Gr\u{FC}\u{DF}e \u{20AC}\n".repeat(if options.strategy == Strategy::SingleBlock {
            4
        } else {
            40
        }),
    };
    let mut sender = Sender::new(&outgoing, options, now).expect("a good message");
    let mut sent = sender.poll_transmit().unwrap_or_default();
    for piece in pieces {
        sender.receive(piece, now);
        sent.extend(std::iter::from_fn(|| sender.poll_transmit()).flatten());
    }
    sender.peer_closed();
    (sent, sender.outcome().cloned().expect("it is over"))
}

/// The answers one by one, as a peer gives them that waits for what it answers.
fn packets(mut answers: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = match answers {
            [] => return None,
            [_, upper, middle, lower, ..] => u32::from_be_bytes([0, *upper, *middle, *lower]) as usize,
            _ => 0,
        };
        let (packet, rest) = answers.split_at(answers.len().min(HEADER_BYTES + length));
        answers = rest;
        Some(packet)
    })
}
