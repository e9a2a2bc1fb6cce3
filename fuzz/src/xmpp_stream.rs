//! A client's stream. The first byte says whether limits are small, the second how large the pieces are.

use xmpp::Element;
use xmpp::stream::{Limits, StreamCondition, StreamEvent, StreamReader};

const SMALL: Limits = Limits { stanza_bytes_max: 200, depth_max: 3, attributes_max: 3, elements_max: 5 };

pub(crate) fn run(data: &[u8]) {
    let [limits, piece, stream @ ..] = data else { return };
    let limits = if limits % 2 == 0 { Limits::AFTER_SIGN_IN } else { SMALL };
    let whole = read(stream, stream.len().max(1), limits);
    assert_eq!(read(stream, usize::from(*piece).max(1), limits), whole, "pieces change what is read");
    for event in &whole.0 {
        if let StreamEvent::Stanza(element) = event {
            is_written_as_it_was_read(element);
        }
    }
}

/// What the stream says when it comes in pieces of that length, and why it ends.
fn read(stream: &[u8], piece_bytes: usize, limits: Limits) -> (Vec<StreamEvent>, Option<StreamCondition>) {
    let mut reader = StreamReader::new(limits);
    let mut events = Vec::new();
    for mut piece in stream.chunks(piece_bytes) {
        loop {
            match reader.read(&mut piece) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(reader.read(&mut piece), Err(error.clone()), "an error comes once");
                    return (events, Some(error.condition));
                }
            }
        }
        assert!(piece.is_empty(), "bytes are left over");
    }
    (events, None)
}

fn is_written_as_it_was_read(element: &Element) {
    let limits = Limits { stanza_bytes_max: usize::MAX, attributes_max: usize::MAX, ..Limits::default() };
    let again = Element::parse(&element.to_bytes(""), &limits);
    assert_eq!(again.as_ref(), Ok(element), "what is written is not what was read");
}
