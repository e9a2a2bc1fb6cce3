//! From a stream of bytes to packets.

use std::net::Ipv4Addr;

use super::{Framing, HEADER_BYTES, NegativeReason, Packet, SessionError, kind};
use crate::cursor::Cursor;
use crate::name::{ENCODED_BYTES, ENCODED_BYTES_MAX, Name};

/// Collects packets from the pieces in which a connection delivers them.
///
/// It holds at most one incomplete packet: [`HEADER_BYTES`] and the message limit, or a session request of two names
/// with scope (510 bytes) where that is more. Between packets it holds nothing.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    message_bytes_max: usize,
    buffer: Vec<u8>,
}

impl Decoder {
    /// A decoder that refuses messages of more than `message_bytes_max` bytes as soon as it has seen their header.
    pub fn new(framing: Framing, message_bytes_max: usize) -> Self {
        Self { framing, message_bytes_max: message_bytes_max.min(framing.length_max()), buffer: Vec::new() }
    }

    /// The next packet, or `None` when `input` ends before it does.
    ///
    /// What was used is taken from the front of `input`; after `None` that is all of it. After an error the stream
    /// has lost its step and nothing sensible will follow.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Packet>, SessionError> {
        // A wrong type is told by its first byte, without waiting for the length.
        self.fill(input, 1);
        if let Some(&kind) = self.buffer.first() {
            self.length_range(kind)?;
        }
        if !self.fill(input, HEADER_BYTES) {
            return Ok(None);
        }
        let (kind, length) = self.header()?;
        if !self.fill(input, HEADER_BYTES + length) {
            return Ok(None);
        }
        let mut packet = std::mem::take(&mut self.buffer);
        packet.drain(..HEADER_BYTES);
        self.packet(kind, packet).map(Some)
    }

    /// How many bytes of an incomplete packet are held.
    pub fn retained_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Moves bytes from the input until the buffer holds `count`; whether it does.
    fn fill(&mut self, input: &mut &[u8], count: usize) -> bool {
        let missing = count.saturating_sub(self.buffer.len()).min(input.len());
        let (taken, rest) = input.split_at(missing);
        self.buffer.extend_from_slice(taken);
        *input = rest;
        self.buffer.len() >= count
    }

    fn header(&self) -> Result<(u8, usize), SessionError> {
        let mut cursor = Cursor::new(&self.buffer);
        let [kind, upper, middle, lower] = cursor.array::<HEADER_BYTES>().unwrap_or_default();
        // RFC 1002 §4.3.1: all flags but the lowest, which extends the length, are reserved and zero.
        if self.framing == Framing::NetbiosSession && upper > 1 {
            return Err(SessionError::Flags(upper));
        }
        let got = usize::from(upper) << 16 | usize::from(middle) << 8 | usize::from(lower);
        let (min, max) = self.length_range(kind)?;
        if (min..=max).contains(&got) {
            Ok((kind, got))
        } else {
            Err(SessionError::Length { kind, min, max, got })
        }
    }

    fn length_range(&self, kind: u8) -> Result<(usize, usize), SessionError> {
        match (kind, self.framing) {
            (kind::MESSAGE, _) => Ok((0, self.message_bytes_max)),
            (kind::KEEP_ALIVE, _) => Ok((0, 0)),
            (_, Framing::Direct) => Err(SessionError::Type(kind)),
            (kind::REQUEST, _) => Ok((2 * ENCODED_BYTES, 2 * ENCODED_BYTES_MAX)),
            (kind::POSITIVE, _) => Ok((0, 0)),
            (kind::NEGATIVE, _) => Ok((1, 1)),
            (kind::RETARGET, _) => Ok((6, 6)),
            _ => Err(SessionError::Type(kind)),
        }
    }

    fn packet(&self, kind: u8, payload: Vec<u8>) -> Result<Packet, SessionError> {
        match (kind, payload.as_slice()) {
            (kind::MESSAGE, _) => Ok(Packet::Message(payload)),
            (kind::REQUEST, names) => request(names),
            (kind::POSITIVE, _) => Ok(Packet::Positive),
            (kind::NEGATIVE, &[code]) => Ok(Packet::Negative(NegativeReason::from_code(code))),
            (kind::RETARGET, &[a, b, c, d, high, low]) => Ok(Packet::Retarget {
                address: Ipv4Addr::new(a, b, c, d),
                port: u16::from_be_bytes([high, low]),
            }),
            (kind::KEEP_ALIVE, _) => Ok(Packet::KeepAlive),
            _ => Err(SessionError::Type(kind)),
        }
    }
}

fn request(names: &[u8]) -> Result<Packet, SessionError> {
    let (called, rest) = Name::decode(names)?;
    let (calling, rest) = Name::decode(rest)?;
    if !rest.is_empty() {
        return Err(SessionError::Trailing(rest.len()));
    }
    Ok(Packet::Request { called, calling })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::NameDecodeError;

    fn decode(framing: Framing, bytes: &[u8]) -> Result<Option<Packet>, SessionError> {
        Decoder::new(framing, 100).decode(&mut &bytes[..])
    }

    fn packets() -> Vec<Packet> {
        vec![
            Packet::Request { called: Name::SMB_SERVER, calling: Name::SMB_SERVER },
            Packet::Positive,
            Packet::Negative(NegativeReason::NotListeningOnCalled),
            Packet::Retarget { address: Ipv4Addr::LOCALHOST, port: 1139 },
            Packet::KeepAlive,
            Packet::Message(b"payload".to_vec()),
            Packet::Message(vec![]),
        ]
    }

    #[test]
    fn packets_survive_the_way_through_a_stream_in_any_pieces() {
        let stream: Vec<u8> =
            packets().iter().flat_map(|packet| packet.encode(Framing::NetbiosSession)).collect();
        for size in [1, 2, 3, 7, stream.len()] {
            let mut decoder = Decoder::new(Framing::NetbiosSession, 100);
            let mut decoded = Vec::new();
            for mut piece in stream.chunks(size) {
                while let Some(packet) = decoder.decode(&mut piece).unwrap() {
                    decoded.push(packet);
                }
                assert!(piece.is_empty());
            }
            assert_eq!(decoded, packets());
            assert_eq!(decoder.retained_bytes(), 0);
        }
    }

    #[test]
    fn an_overlong_message_is_refused_before_it_arrives() {
        assert_eq!(
            decode(Framing::NetbiosSession, &[0, 0, 0, 101]),
            Err(SessionError::Length { kind: 0, min: 0, max: 100, got: 101 })
        );
        assert_eq!(
            decode(Framing::NetbiosSession, &[0, 1, 0, 0]),
            Err(SessionError::Length { kind: 0, min: 0, max: 100, got: 0x1_0000 })
        );
        assert_eq!(
            decode(Framing::Direct, &[0, 2, 0, 0]),
            Err(SessionError::Length { kind: 0, min: 0, max: 100, got: 0x2_0000 })
        );
    }

    #[test]
    fn reserved_flags_are_refused() {
        assert_eq!(decode(Framing::NetbiosSession, &[0, 2, 0, 0]), Err(SessionError::Flags(2)));
    }

    #[test]
    fn what_is_no_session_packet_is_told_by_its_first_byte() {
        assert_eq!(decode(Framing::NetbiosSession, b"G"), Err(SessionError::Type(b'G')));
        assert_eq!(decode(Framing::Direct, &[0x81]), Err(SessionError::Type(0x81)));
        assert_eq!(decode(Framing::Direct, &[0x85, 0, 0, 0]), Ok(Some(Packet::KeepAlive)));
    }

    #[test]
    fn a_request_with_a_broken_name_is_refused() {
        let mut bytes = packets()[0].encode(Framing::NetbiosSession);
        bytes[HEADER_BYTES + ENCODED_BYTES] = 0x1f;
        assert_eq!(
            decode(Framing::NetbiosSession, &bytes),
            Err(SessionError::Name(NameDecodeError::LabelLength(0x1f)))
        );
        let mut bytes = packets()[0].encode(Framing::NetbiosSession);
        bytes.extend(b"more");
        bytes[3] += 4;
        assert_eq!(decode(Framing::NetbiosSession, &bytes), Err(SessionError::Trailing(4)));
    }
}
