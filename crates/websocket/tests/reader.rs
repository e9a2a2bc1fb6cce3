//! Whatever a client sends is read as the specification says, or refused; nothing breaks the reader.

use proptest::prelude::*;
use websocket::{Reader, Received, WebSocketError};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame as a client writes it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xFFFF => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn read(bytes: &[u8]) -> Result<Vec<Received>, WebSocketError> {
    let mut reader = Reader::new(1_000);
    reader.push(bytes);
    let mut all = Vec::new();
    while let Some(received) = reader.read()? {
        all.push(received);
    }
    Ok(all)
}

fn text(text: &str) -> Received {
    Received::Text(text.to_owned())
}

#[test]
fn the_examples_of_the_specification_are_read() {
    // RFC 6455 §5.7: "Hello" in one masked frame, and a masked pong.
    let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    let pong = [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(read(&[&hello[..], &pong].concat()).unwrap(), [text("Hello"), Received::Pong]);
}

#[test]
fn a_message_in_pieces_is_put_together_and_a_ping_may_come_between_them() {
    let bytes =
        [frame(0x01, b"Hel"), frame(0x89, b"?"), frame(0x00, b""), frame(0x80, "lö".as_bytes())].concat();
    assert_eq!(read(&bytes).unwrap(), [Received::Ping(b"?".to_vec()), text("Hellö")]);
}

#[test]
fn what_breaks_the_rules_is_refused_with_the_code_for_it() {
    let code = |bytes: &[u8]| read(bytes).unwrap_err().close_code();
    assert_eq!(code(&[0x81, 0x05, b'H', b'e', b'l', b'l', b'o']), 1002, "unmasked");
    for first in [0xC1, 0xA1, 0x91, 0x83, 0x8B, 0x80, 0x09] {
        assert_eq!(code(&frame(first, b"x")), 1002, "{first:#x}");
    }
    assert_eq!(code(&frame(0x89, &[b'x'; 126])), 1002, "a long ping");
    assert_eq!(code(&[frame(0x01, b"a"), frame(0x81, b"b")].concat()), 1002);
    assert_eq!(code(&[0x81, 0xFE, 0, 5, 1, 2, 3, 4]), 1002, "a length in more bytes than it needs");
    assert_eq!(code(&frame(0x82, b"x")), 1003);
    assert_eq!(code(&frame(0x81, &[0xFF])), 1007);
    assert_eq!(code(&frame(0x88, &[3])), 1002);
    assert_eq!(code(&frame(0x88, &1005_u16.to_be_bytes())), 1002);
}

#[test]
fn a_message_that_is_too_large_is_refused_before_it_has_come() {
    let large = frame(0x81, &[b'x'; 1_001]);
    assert_eq!(read(&large[..8]), Err(WebSocketError::TooLarge { bytes_max: 1_000 }));
    let pieces = [frame(0x01, &[b'x'; 600]), frame(0x80, &[b'x'; 401])].concat();
    assert_eq!(read(&pieces), Err(WebSocketError::TooLarge { bytes_max: 1_000 }));
    assert!(read(&frame(0x81, &[b'x'; 1_000])).is_ok());
    assert!(read(&[0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]).is_err());
}

#[test]
fn after_the_end_nothing_more_is_read() {
    let bytes = [frame(0x88, &1000_u16.to_be_bytes()), frame(0x81, b"more")].concat();
    assert_eq!(read(&bytes).unwrap(), [Received::Close(Some(1000))]);
    assert_eq!(read(&frame(0x88, b"")).unwrap(), [Received::Close(None)]);
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(read(&bytes));
    }

    #[test]
    fn it_does_not_matter_in_which_pieces_bytes_come(
        messages in proptest::collection::vec(".{0,200}", 1..5),
        cuts in proptest::collection::vec(1_usize..40, 1..20),
    ) {
        let bytes: Vec<u8> =
            messages.iter().flat_map(|message| frame(0x81, message.as_bytes())).collect();
        let mut reader = Reader::new(1_000);
        let (mut at, mut all) = (0, Vec::new());
        for cut in cuts.iter().cycle() {
            let end = (at + cut).min(bytes.len());
            reader.push(&bytes[at..end]);
            while let Some(received) = reader.read().unwrap() {
                all.push(received);
            }
            reader.release();
            at = end;
            if at == bytes.len() {
                break;
            }
        }
        let messages: Vec<Received> = messages.iter().map(|message| text(message)).collect();
        prop_assert_eq!(all, messages);
    }
}
