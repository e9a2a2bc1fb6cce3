//! What a WebSocket client sends: the first byte says in pieces of which length it comes, which changes nothing, and no
//! message is larger than allowed.

use ::websocket::{Reader, Received, WebSocketError};

const BYTES_MAX: usize = 1_000;

pub(crate) fn run(data: &[u8]) {
    let [piece, said @ ..] = data else { return };
    let whole = read(said, said.len().max(1));
    assert_eq!(read(said, usize::from(*piece).max(1)), whole, "pieces change what is said");
}

fn read(said: &[u8], piece: usize) -> (Vec<Received>, Option<WebSocketError>) {
    let mut reader = Reader::new(BYTES_MAX);
    let mut all = Vec::new();
    for bytes in said.chunks(piece) {
        reader.push(bytes);
        loop {
            match reader.read() {
                Ok(Some(received)) => {
                    if let Received::Text(text) = &received {
                        assert!(text.len() <= BYTES_MAX, "{} bytes", text.len());
                    }
                    all.push(received);
                }
                Ok(None) => break,
                Err(error) => return (all, Some(error)),
            }
        }
        reader.release();
    }
    (all, None)
}
